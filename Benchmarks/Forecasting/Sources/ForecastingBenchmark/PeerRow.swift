import Forecasting

/// A peer's time: task, peer, CPU milliseconds (none if it did not finish), its own log likelihood, note, coefficients,
/// peak memory in MB; separated by tabs.
struct PeerRow {
    let task: Task
    let peer: String
    let milliseconds: Double?
    let logLikelihood: Double?
    let note: String
    /// ar1, ma1, sar1, sma1...
    let coefficients: [String: Double]
    let megabytes: String

    /// Reads a line; nil if it is none.
    init?(_ line: Substring) {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard fields.count == 7, let task = Task(rawValue: fields[0]) else { return nil }
        self.task = task
        peer = fields[1]
        milliseconds = Double(fields[2])
        logLikelihood = Double(fields[3])
        note = fields[4]
        megabytes = fields[6]
        var named: [String: Double] = [:]
        for pair in fields[5].split(separator: " ") {
            let parts = pair.split(separator: "=")
            if parts.count == 2, let value = Double(parts[1]) { named[String(parts[0])] = value }
        }
        coefficients = named
    }

    /// The CPU milliseconds after which it was stopped; nil if it was not.
    var stoppedAfter: Double? {
        guard note.hasPrefix("not finished in "), let seconds = Double(note.dropFirst(16).prefix { $0 != " " }) else {
            return nil
        }
        return seconds * 1000
    }

    /// The exact log likelihood at the peer's coefficients, so that every row has one scale.
    func exactLogLikelihood(_ data: LoadData) -> Double? {
        guard !coefficients.isEmpty else { return nil }
        func pick(_ name: String, _ count: Int) -> [Double] {
            (0..<count).map { coefficients["\(name)\($0 + 1)"] ?? .nan }
        }
        let (order, seasonal) = (task.order, task.order.seasonal[0])
        let point = ARIMACoefficients(
            autoregressive: pick("ar", order.autoregressive), movingAverage: pick("ma", order.movingAverage),
            seasonalAutoregressive: [pick("sar", seasonal.autoregressive)],
            seasonalMovingAverage: [pick("sma", seasonal.movingAverage)])
        return try? ARIMA.evaluate(task.series(data), order: order, at: point).logLikelihood
    }
}
