import ArgumentParser
import Forecasting
import Foundation
import Measures
import Persistence

/// `curtail forecast`: what loads will be.
struct ForecastCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forecast",
        abstract: "Forecast loads, look at forecasts, and measure how good they are.",
        discussion: """
            Loads come from the meters of the database (--meter) or from a folder of CSV files (--data, --series), which \
            needs no database. A running 'curtail serve' forecasts all meters by itself; see its --forecast-every.
            """,
        subcommands: [
            ForecastRunCommand.self, ForecastShowCommand.self, ForecastBacktestCommand.self,
            ForecastCompareCommand.self,
        ])
}

/// Which load a command is about.
struct ForecastSourceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A meter of the database, by name.", valueName: "name"))
    var meter: String?

    @Option(help: ArgumentHelp("A folder of CSV files with load series instead of the database.", valueName: "folder"))
    var data: String?

    @Option(help: ArgumentHelp("Which series of the folder.", valueName: "name"))
    var series: String?

    @Option(
        name: .customLong("holiday"),
        help: ArgumentHelp("A day off beside weekends, such as 2026-12-25; may be repeated.", valueName: "day"))
    var holidays: [String] = []

    func check() throws {
        guard series == nil || data != nil else { throw ValidationError("--series needs --data.") }
        for day in holidays where CivilDay(day) == nil {
            throw ValidationError("--holiday takes a day like 2026-12-25, not '\(day)'.")
        }
    }

    /// Reads the folder; nil when the load is a meter's.
    func file() throws -> LoadHistory? {
        guard let data else { return nil }
        return withHolidays(try LoadHistory.read(folder: data, series: series))
    }

    /// The readings of a meter; throws where there is no such meter or no reading.
    func history(of name: String, _ database: OperatorDatabase) async throws -> (Meter, LoadHistory) {
        let (meter, history) = try await LoadHistory.named(name, database)
        return (meter, withHolidays(history))
    }

    func withHolidays(_ history: LoadHistory) -> LoadHistory {
        var copy = history
        copy.holidays.formUnion(holidays.compactMap { CivilDay($0) })
        return copy
    }

    /// The load, wherever it comes from.
    func history(_ services: ServiceOptions) async throws -> LoadHistory {
        if let file = try file() { return file }
        let name = meter ?? ""
        return try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) {
            try await history(of: name, $0).1
        }
    }
}

/// `curtail forecast run`: forecasts now.
struct ForecastRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Forecast a load from its readings.",
        discussion: """
            Tries models and simple rules on the latest days, takes the best mean of some, and forecasts to the end of \
            the day after the last reading. A meter's model and forecast are stored; with a stored model, new readings \
            only move its coefficients (--fresh chooses anew). With --from the forecast is made as it would have been \
            on the morning of that day; such a replay is not stored.

            Examples:
              curtail forecast run --meter plant-7 --svg plant-7.svg
              curtail forecast run --all --json
              curtail forecast run --data ./loads --series ISONECA --from 2017-03-20
            """)

    @OptionGroup var services: ServiceOptions
    @OptionGroup var source: ForecastSourceOptions

    @Flag(help: "Forecast every meter that has readings.")
    var all = false

    @Option(help: ArgumentHelp("Whole days to forecast (1 to 14).", valueName: "count"))
    var days = 1

    @Option(help: ArgumentHelp("The first day of the forecast, as if nothing later were known.", valueName: "day"))
    var from: String?

    @Flag(help: "Choose among all methods again, even if a model is stored.")
    var fresh = false

    @Flag(help: "Estimate long seasons approximately: several times faster, a little less accurate.")
    var quick = false

    @Option(help: ArgumentHelp("Write a plot to this file.", valueName: "file"))
    var svg: String?

    @Flag(help: "Print one JSON object; with --all one JSON array.")
    var json = false

    func validate() throws {
        try source.check()
        guard [source.meter != nil, source.data != nil, all].count(where: \.self) == 1 else {
            throw ValidationError("Give one of --meter, --data and --all.")
        }
        guard (1...14).contains(days) else { throw ValidationError("--days takes 1 to 14, not \(days).") }
        if let from, CivilDay(from) == nil {
            throw ValidationError("--from takes a day like 2026-07-15, not '\(from)'.")
        }
        guard svg == nil || !all else { throw ValidationError("--svg draws one load: name a --meter.") }
        guard from == nil || !all else { throw ValidationError("--from replays one load: name a --meter.") }
    }

    func run() async throws {
        if let history = try source.file() {
            let result = try forecast(history)
            return try show([ForecastOutput(result, history, version: nil)], result, history)
        }
        let resolved = services.resolved(defaultState: ServiceOptions.servedState)
        try await OperatorDatabase.with(resolved) { database in
            let meters = MeterForecaster(pool: database.pool, forecaster: forecaster)
            if let name = source.meter {
                let (meter, history) = try await source.history(of: name, database)
                let made =
                    from == nil
                    ? try await meters.run(meter, history, days: days, isFresh: fresh, now: SystemTime().now())
                    : MeterForecaster.Made(result: try forecast(history), version: nil)
                return try show([ForecastOutput(made.result, history, version: made.version)], made.result, history)
            }
            try await runAll(meters, database)
        }
    }

    private func runAll(_ forecaster: MeterForecaster, _ database: OperatorDatabase) async throws {
        let meters = try await MeterStore(database.pool).meters()
        let console = Console(steps: 1, quiet: json)
        console.begin("Forecasting \(meters.count) meters")
        var outputs: [ForecastOutput] = []
        for (index, meter) in meters.enumerated() {
            if let history = try await LoadHistory.read(meter, on: database.pool) {
                let made = try await forecaster.run(
                    meter, source.withHolidays(history), days: days, isFresh: fresh, now: SystemTime().now())
                outputs.append(ForecastOutput(made.result, history, version: made.version))
            }
            console.progress(index + 1, of: meters.count)
        }
        console.finish("\(outputs.count) have readings")
        guard !json else { return print(try JSONOutput.text(outputs)) }
        var table = TextTable(["meter", "next day kWh", "MASE", "version", "method"], leftColumns: [0, 4])
        for output in outputs {
            let energy = output.intervals.reduce(0) { $0 + $1.meanWattHours } / 1_000
            table.add([
                output.name, energy.fixed(1), output.scores.first.map { $0.mase.fixed(3) } ?? "",
                output.modelVersion.map { "\($0)" } ?? "", output.method,
            ])
        }
        print(outputs.isEmpty ? "No meter has readings." : table.rendered())
    }

    private var forecaster: SeasonalForecaster { SeasonalForecaster(effort: quick ? .quick : .thorough) }

    private func forecast(_ history: LoadHistory) throws -> LoadForecastResult {
        let origin = try from.flatMap { CivilDay($0) }.map { day in
            guard let start = history.zone.window(of: day)?.start, start > history.window.start,
                start <= history.window.end
            else {
                throw CommandFailure(
                    "\(history.name) has readings from \(history.window.start) to \(history.window.end), not up to \(day).",
                    hint: "choose a --from among these days", status: .notFound)
            }
            return start
        }
        let grid = try LoadGrid(history, origin: origin, days: days)
        return LoadForecastResult(grid, forecaster.forecast(grid.task()))
    }

    private func show(_ outputs: [ForecastOutput], _ result: LoadForecastResult, _ history: LoadHistory) throws {
        if let svg {
            try ForecastPicture(history, result.intervals, madeAt: result.grid.origin).write(to: svg)
        }
        for output in outputs {
            print(json ? try JSONOutput.text(output) : output.text(step: history.step))
        }
    }
}

extension ForecastOutput {
    /// With what the readings say about themselves.
    init(_ result: LoadForecastResult, _ history: LoadHistory, version: Int64?) {
        self.init(
            result, name: history.name, energies: history.energies, version: version,
            notes: [
                history.suspect > 0 ? "\(history.suspect) suspect readings were left out." : nil,
                history.mended > 0 ? "\(history.mended) readings count as a cleaning mended them." : nil,
            ].compactMap(\.self))
    }
}

/// `curtail forecast show`: the stored forecast of a meter.
struct ForecastShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the newest stored forecast of a meter beside what was measured.",
        discussion: """
            Examples:
              curtail forecast show --meter plant-7
              curtail forecast show --meter plant-7 --svg plant-7.svg
            """)

    @OptionGroup var services: ServiceOptions

    @Option(help: ArgumentHelp("A meter of the database, by name.", valueName: "name"))
    var meter: String

    @Option(help: ArgumentHelp("Write a plot to this file.", valueName: "file"))
    var svg: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let resolved = services.resolved(defaultState: ServiceOptions.servedState)
        try await OperatorDatabase.with(resolved) { database in
            let (found, history) = try await LoadHistory.named(meter, database)
            guard let forecast = try await ForecastStore(database.pool).latest(of: found.id) else {
                throw CommandFailure(
                    "The meter '\(meter)' has no forecast.", hint: "make one: curtail forecast run --meter \(meter)",
                    status: .notFound)
            }
            let models = ForecastModelStore(database.pool)
            var notes: [String] = []
            if let drift = try await models.drift(of: found.id), drift.endedAt == nil {
                notes.append("Since \(drift.detectedAt) the error is above its band: the model is being chosen anew.")
            }
            let output = ForecastOutput(
                forecast, name: meter, energies: history.energies, notes: notes,
                version: try await models.latest(of: found.id)?.version)
            if let svg {
                try ForecastPicture(history, forecast.intervals, madeAt: forecast.madeAt).write(to: svg)
            }
            print(json ? try JSONOutput.text(output) : output.text(step: history.step))
        }
    }
}
