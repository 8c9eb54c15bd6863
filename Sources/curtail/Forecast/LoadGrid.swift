import Forecasting
import Measures

/// A load history on whole local days of equal length, as forecasts want it: an hour that the clock skips is missing, an
/// hour that it repeats counts once.
struct LoadGrid: Sendable {
    let stepsPerDay: Int
    /// From the first local day to the origin; missing as NaN.
    let values: [Double]
    /// What came after the origin, as far as it is known; as many as ``steps``.
    let actual: [Double]
    /// Steps from the origin to the end of the forecast.
    let steps: Int
    private let history: LoadHistory
    private let firstDay: CivilDay

    /// Most days of history.
    static let longestHistory = 90

    /// Cuts a history at `origin` (nil: at its end). The forecast covers the rest of that local day, if it has begun,
    /// and `days` whole days.
    init(_ history: LoadHistory, origin: Instant? = nil, days: Int, training: Int = Self.longestHistory) throws {
        let day = TimeSpan.days(1).seconds
        guard history.step.seconds > 0, day % history.step.seconds == 0, day / history.step.seconds <= 1_440 else {
            throw CommandFailure(
                "\(history.name) has readings every \(SpanArgument(history.step)), which do not divide a day.",
                hint: "forecasts take steps of 1 minute to 1 day that divide a day", status: .refused)
        }
        let count = Int(day / history.step.seconds)
        let end = min(origin ?? history.window.end, history.window.end)
        let cut = history.zone.local(end)
        let place = Int((cut.time.seconds + history.step.seconds - 1) / history.step.seconds)
        let earliest = history.zone.local(history.window.start).day
        let first = max(earliest, cut.day + -training)
        let length = (cut.day - first) * count + place
        guard length > 0 else {
            throw CommandFailure(
                "\(history.name) has no reading before \(end).", hint: "choose a later day with --from",
                status: .notFound)
        }
        self.history = history
        firstDay = first
        stepsPerDay = count
        steps = days * count + (place % count == 0 ? 0 : count - place)
        let excluded = history.excluded
        var values: [Double] = []
        values.reserveCapacity(length + steps)
        for index in 0..<(length + steps) {
            let start = Self.instants(index, first, count, history).first
            let isLearnt = start.map { start in index >= length || !excluded.contains { $0.contains(start) } } ?? false
            values.append(isLearnt ? start.flatMap { history.energies[$0] } ?? .nan : .nan)
        }
        self.values = Array(values.prefix(length))
        actual = Array(values.dropFirst(length))
    }

    /// Where the forecast begins.
    var origin: Instant { windows(0).first?.start ?? history.window.end }

    /// The intervals of a step of the forecast: none in the hour that is skipped, two in the one that is repeated.
    func windows(_ step: Int) -> [TimeWindow] {
        Self.instants(values.count + step, firstDay, stepsPerDay, history).map {
            TimeWindow(start: $0, duration: history.step)
        }
    }

    /// The first moment of a step of the history; nil in the hour that the clock skips.
    func start(_ index: Int) -> Instant? { Self.instants(index, firstDay, stepsPerDay, history).first }

    /// The task; with the temperature where it is known throughout, the forecast too.
    func task(withTemperature: Bool = true) -> ForecastTask {
        let days = (values.count + steps + stepsPerDay - 1) / stepsPerDay
        return ForecastTask(
            history: values, stepsPerDay: stepsPerDay,
            dayKinds: (0..<days).map { offset in
                let day = firstDay + offset
                return day.isWeekend || history.holidays.contains(day) ? 1 : 0
            }, steps: steps, drivers: withTemperature ? [temperature()].compactMap(\.self) : [])
    }

    /// Temperature at each step, short gaps on straight lines; nil if it is not known to the end.
    private func temperature() -> [Double]? {
        guard !history.temperatures.isEmpty else { return nil }
        var temperatures = (0..<(values.count + steps)).map { index in
            start(index).flatMap { history.temperatures[$0] } ?? .nan
        }
        let known = temperatures.indices.filter { !temperatures[$0].isNaN }
        let reach = max(stepsPerDay / 4, 1)
        guard let first = known.first, let last = known.last, first < reach, last >= temperatures.count - reach else {
            return nil
        }
        for index in 0..<first { temperatures[index] = temperatures[first] }
        for index in (last + 1)..<max(temperatures.count, last + 1) { temperatures[index] = temperatures[last] }
        for (left, right) in zip(known, known.dropFirst()) where right - left > 1 {
            guard right - left <= reach else { return nil }
            for index in (left + 1)..<right {
                let share = Double(index - left) / Double(right - left)
                temperatures[index] = temperatures[left] + share * (temperatures[right] - temperatures[left])
            }
        }
        return temperatures
    }

    private static func instants(
        _ index: Int, _ first: CivilDay, _ stepsPerDay: Int, _ history: LoadHistory
    ) -> [Instant] {
        let (day, time) = (first + index / stepsPerDay, history.step * Int64(index % stepsPerDay))
        guard let one = history.zone.instant(day, at: time) else { return [] }
        // Set back by an hour or half of one: the clock shows the same time twice.
        let again = [TimeSpan.hours(1), .minutes(30)].map { one + $0 }.first { later in
            let local = history.zone.local(later)
            return local.day == day && local.time == time
        }
        return [one] + [again].compactMap(\.self)
    }
}
