import Forecasting
import Measures
import Persistence

/// A forecast as the commands print it.
struct ForecastOutput: Encodable {
    struct Interval: Encodable {
        let start: String
        let end: String
        let meanWattHours: Double
        let standardErrorWattHours: Double
        let lower80WattHours: Double
        let upper80WattHours: Double
        let lower95WattHours: Double
        let upper95WattHours: Double
        /// What was measured, where it is known.
        let actualWattHours: Double?
    }

    struct Score: Encodable {
        let method: String
        let mase: Double
        let cvrmse: Double?
        let nmbe: Double?
        let weight: Double?
    }

    let name: String
    let madeAt: String
    let method: String
    /// Version of the stored model; nil where nothing is stored.
    let modelVersion: Int64?
    let notes: [String]
    let scores: [Score]
    let intervals: [Interval]

    init(_ result: LoadForecastResult, name: String, energies: [Instant: Double], version: Int64?, notes: [String]) {
        self.name = name
        madeAt = result.grid.origin.description
        method = "\(result.answer.method)"
        modelVersion = version
        self.notes = result.answer.notes.map(\.sentence) + notes
        let weights = Dictionary(
            (result.answer.trained?.members ?? []).map { ($0.method, $0.weight) }, uniquingKeysWith: { one, _ in one })
        scores = result.answer.scores.map {
            Score(method: "\($0.method)", mase: $0.mase, cvrmse: $0.cvrmse, nmbe: $0.nmbe, weight: weights[$0.method])
        }
        intervals = Self.lines(result.intervals, energies)
    }

    /// A stored forecast.
    init(_ forecast: LoadForecast, name: String, energies: [Instant: Double], notes: [String], version: Int64?) {
        self.name = name
        madeAt = forecast.madeAt.description
        method = forecast.model
        modelVersion = version
        self.notes = notes
        scores = []
        intervals = Self.lines(forecast.intervals, energies)
    }

    private static func lines(_ intervals: [LoadForecast.Interval], _ energies: [Instant: Double]) -> [Interval] {
        intervals.map { interval in
            Interval(
                start: interval.window.start.description, end: interval.window.end.description,
                meanWattHours: interval.mean.value, standardErrorWattHours: interval.standardError.value,
                lower80WattHours: interval.lower80.value, upper80WattHours: interval.upper80.value,
                lower95WattHours: interval.lower95.value, upper95WattHours: interval.upper95.value,
                actualWattHours: energies[interval.window.start])
        }
    }

    /// For people: what was used, how good it was, and the forecast, at most about an hour a line.
    func text(step: TimeSpan) -> String {
        var lines = ["\(name): forecast made at \(madeAt) by \(method)"]
        if let modelVersion { lines.append("  model version \(modelVersion)") }
        lines += notes.map { "  \($0)" }
        if let best = scores.first, let naive = scores.first(where: { $0.method == "day before" }) {
            lines.append(
                "  error on held-out days: MASE \(best.mase.fixed(3)) (day before: \(naive.mase.fixed(3)))")
        }
        let hasActual = intervals.contains { $0.actualWattHours != nil }
        var table = TextTable(
            ["start", "kW", "80 % from", "to", "95 % from", "to"] + (hasActual ? ["measured"] : []), leftColumns: [0])
        let stride = max(Int(3_600 / max(step.seconds, 1)), 1)
        func power(_ energy: Double) -> String { WattHours(energy).meanPower(over: step).kilowatts.fixed(2) }
        for (index, interval) in intervals.enumerated() where index % stride == 0 {
            table.add(
                [
                    interval.start, power(interval.meanWattHours), power(interval.lower80WattHours),
                    power(interval.upper80WattHours), power(interval.lower95WattHours),
                    power(interval.upper95WattHours),
                ] + (hasActual ? [interval.actualWattHours.map(power) ?? ""] : []))
        }
        if stride > 1 { lines.append("  one line in \(stride); --json has all") }
        return (lines + [table.rendered()]).joined(separator: "\n")
    }
}
