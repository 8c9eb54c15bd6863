import ArgumentParser
import Forecasting
import Foundation
import Measures

/// `curtail forecast backtest`: how good forecasts of past days would have been.
struct ForecastBacktestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backtest",
        abstract: "Forecast past days from what was known before each, and compare.",
        discussion: """
            Every forecast is made at midnight from the days before alone; methods are chosen anew each time.

              MASE      mean absolute error over that of taking the day before, within the training days
              CVRMSE    root mean square error over the mean load
              NMBE      bias: positive means that forecasts were too high
              pinball   loss of the 10 % and 90 % quantiles over the mean load
              covers    share of measured values within the interval

            Examples:
              curtail forecast backtest --meter plant-7
              curtail forecast backtest --data ./loads --series ISONECA --first 2017-03-01 --origins 28 --stride 2
            """)

    @OptionGroup var services: ServiceOptions
    @OptionGroup var source: ForecastSourceOptions
    @OptionGroup var plan: BacktestOptions

    @Flag(help: "Estimate long seasons approximately: several times faster, a little less accurate.")
    var quick = false

    @Option(help: ArgumentHelp("Write a plot of the last forecast days to this file.", valueName: "file"))
    var svg: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws { try plan.check(source) }

    func run() async throws {
        let history = try await source.history(services)
        let grids = try plan.grids(history)
        let console = Console(steps: 1, quiet: json)
        console.begin("Forecasting \(grids.count) days of \(history.name)")
        let batch = ForecastBatch(
            forecaster: SeasonalForecaster(effort: quick ? .quick : .thorough),
            workers: ProcessInfo.processInfo.activeProcessorCount)
        let answers = try await batch.forecast(grids.map { $0.task(withTemperature: plan.temperature) }) {
            console.progress($0, of: grids.count)
        }
        console.finish("done")
        let report = BacktestReport(history.name, zip(grids, answers).map { ($0, $1) })
        if let svg, let grid = grids.last, let answer = answers.last {
            let result = LoadForecastResult(grid, answer)
            try ForecastPicture(history, result.intervals, madeAt: grid.origin).write(to: svg)
        }
        print(json ? try JSONOutput.text(report) : report.text)
    }
}

/// Which days a backtest forecasts.
struct BacktestOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The first day that is forecast; without it, as early as --origins allows.", valueName: "day"))
    var first: String?

    @Option(help: ArgumentHelp("How many days are forecast (1 to 366).", valueName: "count"))
    var origins = 14

    @Option(help: ArgumentHelp("Days from one forecast to the next.", valueName: "days"))
    var stride = 1

    @Option(help: ArgumentHelp("Days that a forecast may learn from (7 to 90).", valueName: "days"))
    var training = 56

    @Flag(help: "Use the measured temperature of the forecast day, where the file has one.")
    var temperature = false

    func check(_ source: ForecastSourceOptions) throws {
        try source.check()
        guard (source.meter == nil) != (source.data == nil) else {
            throw ValidationError("Give one of --meter and --data.")
        }
        guard (1...366).contains(origins) else { throw ValidationError("--origins takes 1 to 366, not \(origins).") }
        guard (1...366).contains(stride) else { throw ValidationError("--stride takes 1 to 366, not \(stride).") }
        guard (7...90).contains(training) else { throw ValidationError("--training takes 7 to 90, not \(training).") }
        if let first, CivilDay(first) == nil {
            throw ValidationError("--first takes a day like 2026-07-15, not '\(first)'.")
        }
    }

    /// One grid for each day; days without any reading are left out.
    func grids(_ history: LoadHistory) throws -> [LoadGrid] {
        let end = history.zone.local(history.window.end).day
        let start = history.zone.local(history.window.start).day
        let given = first.flatMap { CivilDay($0) }
        let begin = given ?? max(end + -(origins * stride), start + 7)
        let days = (0..<origins).map { begin + $0 * stride }.filter { $0 < end && $0 > start + 1 }
        let grids = try days.compactMap { day -> LoadGrid? in
            guard let origin = history.zone.window(of: day)?.start else { return nil }
            let grid = try LoadGrid(history, origin: origin, days: 1, training: training)
            return grid.actual.contains { !$0.isNaN } ? grid : nil
        }
        guard !grids.isEmpty else {
            throw CommandFailure(
                "\(history.name) has no day to forecast: readings go from \(start) to \(end).",
                hint: "choose --first and --origins within these days, with a week before the first", status: .notFound)
        }
        return grids
    }
}

/// What a backtest came to.
struct BacktestReport: Encodable {
    struct Day: Encodable {
        let day: String
        let mase: Double?
        let method: String
    }

    let name: String
    let days: Int
    let mase: Double?
    let naiveDayMASE: Double?
    let naiveWeekMASE: Double?
    let smapePercent: Double?
    let cvrmse: Double?
    let nmbe: Double?
    let pinball: Double?
    let coverage50: Double?
    let coverage80: Double?
    let coverage95: Double?
    let forecasts: [Day]

    init(_ name: String, _ results: [(grid: LoadGrid, answer: ForecastAnswer)]) {
        self.name = name
        days = results.count
        func mean(_ values: [Double]) -> Double? {
            values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
        }
        func mase(_ grid: LoadGrid, _ forecast: [Double]) -> Double? {
            ErrorMeasures.naiveScale(grid.values, period: grid.stepsPerDay).flatMap {
                ErrorMeasures.mase(forecast: forecast, actual: grid.actual, scale: $0)
            }
        }
        func naive(_ days: Int) -> Double? {
            mean(
                results.compactMap { grid, _ in
                    let lag = days * grid.stepsPerDay
                    guard grid.values.count >= lag else { return nil }
                    return mase(grid, Array(grid.values.suffix(lag).prefix(grid.steps)))
                })
        }
        let actual = results.flatMap(\.grid.actual)
        let means = results.flatMap(\.answer.forecast.mean)
        self.mase = mean(results.compactMap { mase($0.grid, $0.answer.forecast.mean) })
        naiveDayMASE = naive(1)
        naiveWeekMASE = naive(7)
        smapePercent = ErrorMeasures.smape(forecast: means, actual: actual)
        cvrmse = ErrorMeasures.cvrmse(forecast: means, actual: actual)
        nmbe = ErrorMeasures.nmbe(forecast: means, actual: actual)
        func bounds(_ level: Double) -> ForecastInterval {
            let all = results.map { $0.answer.interval(level: level) }
            return ForecastInterval(level: level, lower: all.flatMap(\.lower), upper: all.flatMap(\.upper))
        }
        let narrow = bounds(0.8)
        let level = mean(actual.filter(\.isFinite))
        let losses = [
            ErrorMeasures.pinball(quantile: narrow.lower, actual: actual, level: 0.1),
            ErrorMeasures.pinball(quantile: narrow.upper, actual: actual, level: 0.9),
        ].compactMap(\.self)
        pinball = level.flatMap { level in level == 0 ? nil : mean(losses).map { $0 / level.magnitude } }
        coverage50 = ErrorMeasures.coverage(bounds(0.5), actual: actual)
        coverage80 = ErrorMeasures.coverage(narrow, actual: actual)
        coverage95 = ErrorMeasures.coverage(bounds(0.95), actual: actual)
        forecasts = results.map { grid, answer in
            Day(
                day: grid.origin.description, mase: mase(grid, answer.forecast.mean), method: "\(answer.method)")
        }
    }

    var text: String {
        var table = TextTable(["forecast from", "MASE", "method"], leftColumns: [0, 2])
        for day in forecasts { table.add([day.day, day.mase.map { $0.fixed(3) } ?? "", day.method]) }
        func show(_ value: Double?, _ scale: Double = 1, _ decimals: Int = 3) -> String {
            value.map { ($0 * scale).fixed(decimals) } ?? "-"
        }
        return """
            \(table.rendered())

            \(name), \(days) days
              MASE \(show(mase)) (day before \(show(naiveDayMASE)), week before \(show(naiveWeekMASE)))
              sMAPE \(show(smapePercent, 1, 2)) %, CVRMSE \(show(cvrmse, 100, 2)) %, NMBE \(show(nmbe, 100, 2)) %, \
            pinball \(show(pinball, 100, 2)) %
              intervals cover: 50 % \(show(coverage50, 100, 1)) %, 80 % \(show(coverage80, 100, 1)) %, \
            95 % \(show(coverage95, 100, 1)) %
            """
    }
}

/// `curtail forecast compare`: method beside method.
struct ForecastCompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Forecast past days with each method alone, and rank them.",
        discussion: """
            The days are those of 'curtail forecast backtest'. The first line is what the forecaster makes of all of
            them together.

            Examples:
              curtail forecast compare --meter plant-7
              curtail forecast compare --data ./loads --series ISONECA --temperature --json
            """)

    @OptionGroup var services: ServiceOptions
    @OptionGroup var source: ForecastSourceOptions
    @OptionGroup var plan: BacktestOptions

    @Flag(help: "Print one JSON array.")
    var json = false

    func validate() throws { try plan.check(source) }

    private struct Line: Encodable, Sendable {
        let method: String
        let mase: Double?
        let cvrmse: Double?
        let nmbe: Double?
        /// Days that the method could forecast.
        let days: Int
    }

    func run() async throws {
        let history = try await source.history(services)
        let grids = try plan.grids(history)
        let forecaster = SeasonalForecaster(effort: .quick)
        let methods = [ForecastMethod.seasonalNaive(days: 1)] + forecaster.candidates
        let tasks = grids.map { $0.task(withTemperature: plan.temperature) }
        let console = Console(steps: 1, quiet: json)
        console.begin("Comparing \(methods.count) methods on \(grids.count) days of \(history.name)")
        let answers = try await ForecastBatch(
            forecaster: forecaster, workers: ProcessInfo.processInfo.activeProcessorCount
        ).forecast(tasks)
        var lines: [Line] = []
        for (index, method) in methods.enumerated() {
            try Task.checkCancellation()
            let forecasts = tasks.map { forecaster.forecast($0, by: method) }
            // A method that needs what the series does not have is no competitor.
            if forecasts.contains(where: { $0 != nil }) {
                lines.append(Self.line("\(method)", grids, forecasts.map { $0?.mean }))
            }
            console.progress(index + 1, of: methods.count)
        }
        console.finish("done")
        lines.sort { ($0.mase ?? .infinity) < ($1.mase ?? .infinity) }
        lines.insert(Self.line("all together", grids, answers.map(\.forecast.mean)), at: 0)
        guard !json else { return print(try JSONOutput.text(lines)) }
        var table = TextTable(["method", "MASE", "CVRMSE %", "NMBE %", "days"], leftColumns: [0])
        for line in lines {
            table.add([
                line.method, line.mase.map { $0.fixed(3) } ?? "", line.cvrmse.map { (100 * $0).fixed(2) } ?? "",
                line.nmbe.map { (100 * $0).fixed(2) } ?? "", "\(line.days)",
            ])
        }
        print(table.rendered())
    }

    private static func line(_ name: String, _ grids: [LoadGrid], _ forecasts: [[Double]?]) -> Line {
        let pairs = zip(grids, forecasts).compactMap { grid, mean in mean.map { (grid, $0) } }
        let errors = pairs.compactMap { grid, mean in
            ErrorMeasures.naiveScale(grid.values, period: grid.stepsPerDay).flatMap {
                ErrorMeasures.mase(forecast: mean, actual: grid.actual, scale: $0)
            }
        }
        let (means, actual) = (pairs.flatMap(\.1), pairs.flatMap(\.0.actual))
        return Line(
            method: name, mase: errors.isEmpty ? nil : errors.reduce(0, +) / Double(errors.count),
            cvrmse: ErrorMeasures.cvrmse(forecast: means, actual: actual),
            nmbe: ErrorMeasures.nmbe(forecast: means, actual: actual), days: pairs.count)
    }
}
