import Measures

/// A regression of the load on the time of the week and a piecewise-linear temperature (Mathieu and others 2011, as in
/// LBNL's loadshape): one level for each slot of the week, holidays as Sundays, and one slope between each two knots.
public struct TimeOfWeekAndTemperature: Hashable, Sendable {
    /// How many calendar days before the event are learnt from.
    public var lookBack: Int
    /// Ascending, in the unit of the temperatures.
    public var knots: [Double]
    /// The outermost knot is dropped while fewer temperatures of the days learnt from than this lie beyond it.
    public var leastBeyondKnot: Int
    /// With fewer days than this nothing is predicted.
    public var atLeast: Int

    public init(lookBack: Int, knots: [Double], leastBeyondKnot: Int, atLeast: Int) {
        self.lookBack = lookBack
        self.knots = knots
        self.leastBeyondKnot = leastBeyondKnot
        self.atLeast = atLeast
    }

    /// The days learnt from; a day needs a temperature, its intervals without load say nothing.
    func select(_ context: BaselineContext) -> DaySelection {
        var selection = DaySelection()
        var days: [CivilDay] = []
        for day in (1...lookBack).map({ context.eventDay + -$0 }) {
            if context.calendar.eventDays.contains(day) {
                selection.reject(day, .event)
            } else if context.calendar.outageDays.contains(day) {
                selection.reject(day, .outage)
            } else if temperatures(context, day).isEmpty {
                selection.reject(day, .gap)
            } else {
                days.append(day)
            }
        }
        selection.choose(days, needed: atLeast)
        return selection
    }

    private struct Observation {
        /// Slot of the week.
        let group: Int
        let temperature: Double
        let load: Double
    }

    private func observations(_ context: BaselineContext, _ day: CivilDay) -> [Observation] {
        (0..<context.history.slotsPerDay).compactMap { slot in
            guard let load = context.history.value(day, slot), let temperature = context.temperatures?.value(day, slot)
            else { return nil }
            return Observation(group: group(context, day, slot), temperature: temperature, load: load)
        }
    }

    private func temperatures(_ context: BaselineContext, _ day: CivilDay) -> [Double] {
        (0..<context.history.slotsPerDay).compactMap { context.temperatures?.value(day, $0) }
    }

    private func group(_ context: BaselineContext, _ day: CivilDay, _ slot: Int) -> Int {
        let weekday = context.calendar.holidays.contains(day) ? 7 : day.weekday
        return (weekday - 1) * context.history.slotsPerDay + slot
    }

    /// Least squares on the days; the prediction for a slot of the event day is nil without its temperature or where
    /// its slot of the week was never seen.
    func fit(_ context: BaselineContext, _ days: [CivilDay]) -> (Int) -> Double? {
        let training = days.sorted().flatMap { observations(context, $0) }
        let knots = usableKnots(days.flatMap { temperatures(context, $0) })
        let rows = training.map { Self.segments($0.temperature, knots) }
        var groups: [Int: GroupMean] = [:]
        for (observation, row) in zip(training, rows) {
            groups[observation.group, default: GroupMean(row.count)].add(observation.load, row)
        }
        // The levels drop out when load and temperature are taken relative to their means in each slot of the week.
        var normal = NormalEquations(count: knots.count + 1)
        for (observation, row) in zip(training, rows) {
            guard let mean = groups[observation.group] else { continue }
            normal.add(zip(row, mean.row).map { $0 - $1 }, observation.load - mean.load)
        }
        let slopes = normal.solution()
        return { slot in
            guard let temperature = context.temperatures?.value(context.eventDay, slot),
                let mean = groups[group(context, context.eventDay, slot)]
            else { return nil }
            let row = zip(Self.segments(temperature, knots), mean.row).map { $0 - $1 }
            return mean.load + zip(slopes, row).reduce(0) { $0 + $1.0 * $1.1 }
        }
    }

    private func usableKnots(_ temperatures: [Double]) -> [Double] {
        var usable = knots[...]
        while let first = usable.first, temperatures.count(where: { $0 < first }) < leastBeyondKnot {
            usable.removeFirst()
        }
        while let last = usable.last, temperatures.count(where: { $0 > last }) < leastBeyondKnot {
            usable.removeLast()
        }
        return Array(usable)
    }

    /// How much of a temperature lies below the first knot, between each two, and above the last.
    private static func segments(_ temperature: Double, _ knots: [Double]) -> [Double] {
        guard let first = knots.first, let last = knots.last else { return [temperature] }
        let between = zip(knots, knots.dropFirst()).map { min(max(temperature - $0, 0), $1 - $0) }
        return [min(temperature, first)] + between + [max(temperature - last, 0)]
    }
}

/// The means of one slot of the week.
private struct GroupMean {
    private var loads = 0.0
    private var rows: [Double]
    private var count = 0.0

    init(_ width: Int) {
        rows = [Double](repeating: 0, count: width)
    }

    mutating func add(_ load: Double, _ row: [Double]) {
        loads += load
        for index in rows.indices { rows[index] += row[index] }
        count += 1
    }

    var load: Double { loads / count }
    var row: [Double] { rows.map { $0 / count } }
}

/// A small least-squares problem by its normal equations and Cholesky's factorisation.
struct NormalEquations {
    private var matrix: [[Double]]
    private var right: [Double]

    init(count: Int) {
        matrix = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
        right = [Double](repeating: 0, count: count)
    }

    mutating func add(_ row: [Double], _ value: Double) {
        for i in row.indices {
            right[i] += row[i] * value
            for j in 0...i { matrix[i][j] += row[i] * row[j] }
        }
    }

    /// A column without variance of its own has the coefficient zero.
    func solution() -> [Double] {
        let count = right.count
        var factor = matrix
        var isFree = [Bool](repeating: true, count: count)
        var z = right
        for i in 0..<count {
            for j in 0...i {
                var sum = matrix[i][j]
                for k in 0..<j { sum -= factor[i][k] * factor[j][k] }
                if i == j {
                    isFree[i] = sum > 1e-10 * max(matrix[i][i], 1e-12)
                    factor[i][i] = isFree[i] ? sum.squareRoot() : 1
                } else {
                    factor[i][j] = isFree[j] ? sum / factor[j][j] : 0
                }
            }
            if !isFree[i] { for k in 0..<i { factor[i][k] = 0 } }
            for k in 0..<i { z[i] -= factor[i][k] * z[k] }
            z[i] = isFree[i] ? z[i] / factor[i][i] : 0
        }
        for i in (0..<count).reversed() {
            for k in (i + 1)..<max(count, i + 1) { z[i] -= factor[k][i] * z[k] }
            z[i] = isFree[i] ? z[i] / factor[i][i] : 0
        }
        return z
    }
}
