import Measures

/// Adds up meters that measure in intervals of different lengths: a meter's power holds for its whole interval, so that a sum
/// of quarters of an hour and of hours has a value at each quarter.
struct LoadSum {
    /// By how much power and meters change at a moment.
    private var changes: [Instant: (power: Double, meters: Int)] = [:]

    /// - Parameter power: W of that many meters together, through the window.
    mutating func add(_ power: Double, of meters: Int, in window: TimeWindow) {
        let start = changes[window.start] ?? (0, 0)
        changes[window.start] = (start.power + power, start.meters + meters)
        let end = changes[window.end] ?? (0, 0)
        changes[window.end] = (end.power - power, end.meters - meters)
    }

    /// The sum from each moment on at which it may change, in order of time; the last one has no meters.
    var steps: [(start: Instant, power: Watts, meters: Int)] {
        var (power, meters) = (0.0, 0)
        return changes.sorted { $0.key < $1.key }.map { moment, change in
            power += change.power
            meters += change.meters
            return (moment, Watts(meters == 0 ? 0 : power), meters)
        }
    }
}
