/// A level for each step of each day of the week, and slopes on the drivers: the time-of-week-and-temperature model
/// (Mathieu et al. 2011) with recent days weighing more.
enum PatternRegression {
    /// Days after which a value weighs half.
    static let halfLife = 28.0
    /// Correlation from one step of a day to the next of the error that the last values show, per step of 24.
    static let memory = 0.9

    /// Forecasts a task; nil if a step has no like step in the history.
    static func forecast(_ task: ForecastTask) -> Forecast? {
        let length = task.history.count
        let groups = groups(task)
        let known = (0..<length).filter { !task.history[$0].isNaN }
        let weights = (0..<length).map { index in
            Elementary.exp(-0.6931471805599453 * Double(length - index) / (halfLife * Double(task.stepsPerDay)))
        }
        let columns = task.drivers + [task.history]
        // Deviations from the mean of the group leave the slopes; the levels follow from the means.
        var means: [[Double]] = []
        for column in columns { means.append(groupMeans(column, groups, known, weights)) }
        let slopes = slopes(columns, groups, means, known, weights)
        func fitted(_ index: Int) -> Double {
            var value = means[columns.count - 1][groups[index]]
            for (place, slope) in slopes.enumerated() {
                value += slope * (columns[place][index] - means[place][groups[index]])
            }
            return value
        }
        var (squares, total) = (0.0, 0.0)
        var recent = 0.0
        for index in known {
            let error = task.history[index] - fitted(index)
            squares += weights[index] * error * error
            total += weights[index]
            recent = 0.8 * recent + 0.2 * error
        }
        guard total > 0 else { return nil }
        let error = (squares / total).squareRoot()
        var mean: [Double] = []
        let decay = Elementary.exp(Elementary.log(memory) * 24 / Double(max(task.stepsPerDay, 24)))
        for step in 0..<task.steps {
            let value = fitted(length + step)
            guard value.isFinite else { return nil }
            recent *= decay
            mean.append(value + recent)
        }
        return Forecast(mean: mean, standardError: [Double](repeating: error, count: task.steps))
    }

    /// The group of every step: step of the day, day of the week and kind of the day, numbered as they appear.
    private static func groups(_ task: ForecastTask) -> [Int] {
        var numbers: [[Int]: Int] = [:]
        var starts: [Int] = []
        let length = task.history.count + task.steps
        for day in 0...(length / task.stepsPerDay) {
            let key = [task.kind(ofDay: day), day % 7]
            let number = numbers[key] ?? numbers.count
            numbers[key] = number
            starts.append(number * task.stepsPerDay)
        }
        return (0..<length).map { starts[$0 / task.stepsPerDay] + $0 % task.stepsPerDay }
    }

    /// Weighted mean of each group; NaN for one without a known value.
    private static func groupMeans(
        _ column: [Double], _ groups: [Int], _ known: [Int], _ weights: [Double]
    ) -> [Double] {
        var sums = [Double](repeating: 0, count: (groups.max() ?? 0) + 1)
        var totals = sums
        for index in known {
            sums[groups[index]] += weights[index] * column[index]
            totals[groups[index]] += weights[index]
        }
        return zip(sums, totals).map { $1 > 0 ? $0 / $1 : .nan }
    }

    private static func slopes(
        _ columns: [[Double]], _ groups: [Int], _ means: [[Double]], _ known: [Int], _ weights: [Double]
    ) -> [Double] {
        let size = columns.count - 1
        guard size > 0 else { return [] }
        let centred = columns.indices.map { column in
            known.map { columns[column][$0] - means[column][groups[$0]] }
        }
        func dot(_ left: Int, _ right: Int) -> Double {
            known.indices.reduce(0) { $0 + weights[known[$1]] * centred[left][$1] * centred[right][$1] }
        }
        var gram = [Double](repeating: 0, count: size * size)
        for i in 0..<size { for j in 0...i { gram[i * size + j] = dot(i, j) } }
        return NormalEquations(gram: gram, size: size).solve((0..<size).map { dot($0, size) })
    }
}
