/// Whether Curtail is as much faster than the fastest peer as it should be.
struct Verdict {
    let task: Task
    /// Our CPU milliseconds.
    let milliseconds: Double
    /// Our exact log-likelihood, for fits.
    let logLikelihood: Double?

    /// How far below the exact maximum a fit may end and still count.
    static let tolerance = 0.01

    /// The fastest peer that finished; of fits, only those that come near the exact maximum.
    func rival(_ peers: [PeerRow], _ data: LoadData) -> (name: String, ratio: Double)? {
        let counted = peers.filter { peer in
            guard peer.task == task, peer.milliseconds != nil else { return false }
            guard task.isFit, let ours = logLikelihood else { return true }
            return peer.exactLogLikelihood(data).map { $0 >= ours - Self.tolerance } ?? false
        }
        return counted.compactMap { peer in peer.milliseconds.map { (name: peer.peer, ratio: $0 / milliseconds) } }
            .min { $0.ratio < $1.ratio }
    }

    /// A line of the table.
    func line(_ peers: [PeerRow], _ data: LoadData) -> String? {
        guard let goal = task.goal, let rival = rival(peers, data) else { return nil }
        let answer = rival.ratio >= goal ? "yes" : "no"
        return
            "| \(task.rawValue) | \(rival.name) | \(fixed(rival.ratio, rival.ratio < 100 ? 1 : 0)) | \(fixed(goal, 0)) | \(answer) |"
    }
}

extension Task {
    /// True for a model of a given order.
    var isFit: Bool { self == .fit12 || self == .fit24 || self == .fit96 }

    /// How many times less CPU time than the fastest peer is wanted; nil for what only informs.
    var goal: Double? {
        switch self {
        case .fit12, .fit24, .search12, .search24, .search96: 10
        case .fit96: 100
        case .batchHourly, .batchQuarterHourly: nil
        }
    }
}
