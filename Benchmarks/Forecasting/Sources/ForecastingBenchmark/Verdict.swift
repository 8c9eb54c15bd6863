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
        guard let goal = task.goal else { return nil }
        let stopped = peers.filter { $0.task == task }.compactMap(\.stoppedAfter).min()
        guard let ratio = rival(peers, data)?.ratio ?? stopped.map({ $0 / milliseconds }) else { return nil }
        let times = fixed(ratio, ratio < 100 ? 1 : 0)
        let cells = [
            task.rawValue, rival(peers, data)?.name ?? "none finished",
            rival(peers, data) == nil ? "more than \(times)" : times, fixed(goal, 0), ratio >= goal ? "yes" : "no",
        ]
        return "| \(cells.joined(separator: " | ")) |"
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
