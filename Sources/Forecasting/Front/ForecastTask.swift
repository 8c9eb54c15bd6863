/// A series to forecast, with the little calendar that like days need.
public struct ForecastTask: Sendable {
    /// Values at equal steps from the start of a day; NaN or infinite is missing.
    public var history: [Double]
    /// Steps of a day (the season), for example 24, 48, 96 or 288.
    public var stepsPerDay: Int
    /// The kind of every day from the first of the history to the last of the forecast: days of one kind are alike.
    /// The usual kinds are 0 for a working day and 1 for any other. Empty: weekends are looked for in the series.
    /// Days beyond the end of a list have kind 0.
    public var dayKinds: [Int]
    /// Steps to forecast.
    public var steps: Int
    /// Series that drive this one, such as the temperature: each covers the history and the steps to forecast. One that
    /// is too short or not finite throughout is left out.
    public var drivers: [[Double]]

    /// Describes a task.
    public init(
        history: [Double], stepsPerDay: Int, dayKinds: [Int] = [], steps: Int, drivers: [[Double]] = []
    ) {
        self.history = history
        self.stepsPerDay = stepsPerDay
        self.dayKinds = dayKinds
        self.steps = steps
        self.drivers = drivers
    }
}

extension ForecastTask {
    /// Most steps that are forecast, and most values that are looked at.
    static let mostSteps = 10_000
    static let mostValues = 40_000

    /// The kind of a day.
    func kind(ofDay day: Int) -> Int { dayKinds.indices.contains(day) ? dayKinds[day] : 0 }

    /// The history without the days that are not of their weekday's usual kind, such as holidays: a model that knows the
    /// calendar alone would expect them again a week later. Nothing is left out where kinds follow no week.
    var ordinaryHistory: [Double] {
        let days = (history.count + stepsPerDay - 1) / stepsPerDay
        var counts: [[Int: Int]] = Array(repeating: [:], count: 7)
        for day in 0..<days { counts[day % 7][kind(ofDay: day), default: 0] += 1 }
        let usual = counts.map { kinds in kinds.max { ($0.value, -$0.key) < ($1.value, -$1.key) }?.key ?? 0 }
        let odd = (0..<days).filter { kind(ofDay: $0) != usual[$0 % 7] }
        guard odd.count * 7 <= days else { return history }
        var values = history
        for day in odd {
            for index in (day * stepsPerDay)..<min((day + 1) * stepsPerDay, values.count) { values[index] = .nan }
        }
        return values
    }

    /// The same task as it stood after `count` values.
    func cut(toLength count: Int, steps: Int) -> ForecastTask {
        var task = self
        task.history = Array(history.prefix(count))
        task.steps = steps
        return task
    }

    /// The task that every method can work on: what is not finite or too large to square becomes NaN, the oldest
    /// whole days beyond `days` are dropped, lengths are limited, unusable drivers left out, the others expanded.
    func normalised(days: Int) -> ForecastTask {
        var task = self
        task.stepsPerDay = min(max(stepsPerDay, 1), 4096)
        task.steps = min(max(steps, 0), Self.mostSteps)
        let limit = min(max(days, 1), Self.mostValues / task.stepsPerDay + 1) * task.stepsPerDay
        let surplus = max(history.count - limit, 0)
        let dropped = (surplus + task.stepsPerDay - 1) / task.stepsPerDay
        let start = min(dropped * task.stepsPerDay, history.count)
        task.dayKinds = Array(dayKinds.dropFirst(dropped))
        task.history = history.dropFirst(start).map { $0.magnitude < 1e150 ? $0 : .nan }
        let length = task.history.count + task.steps
        task.drivers = drivers.flatMap { driver -> [[Double]] in
            let used = Array(driver.dropFirst(start).prefix(length))
            guard used.count == length, used.allSatisfy({ $0.magnitude < 1e100 }) else { return [] }
            return RegressorBasis.driver(used, stepsPerDay: task.stepsPerDay)
        }
        if task.dayKinds.isEmpty { task.dayKinds = DayKinds.infer(task.history, stepsPerDay: task.stepsPerDay) }
        return task
    }
}
