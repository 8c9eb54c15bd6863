public import ArgumentParser
import DemandResponse
import Foundation
import MariaDB
import Measures
public import MeterData
public import Persistence
import Redis

extension SeriesResolution: ExpressibleByArgument {}

/// A span of time as people give it.
struct WindowOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("From this day or time (UTC) on: 2026-07-01 or 2026-07-01T12:00:00Z.", valueName: "time"))
    var from: String?
    @Option(help: ArgumentHelp("Until this day or time (UTC), which is not included.", valueName: "time"))
    var to: String?

    func validate() throws { _ = try window() }

    /// From ever to ever where nothing was said.
    func window() throws -> TimeWindow {
        let start = try from.map(Self.instant) ?? Instant(year: 1990, month: 1, day: 1)
        let end = try to.map(Self.instant) ?? Instant(year: 2100, month: 1, day: 1)
        guard let window = TimeWindow(start: start, end: end) else { throw ValidationError("--from is after --to.") }
        return window
    }

    private static func instant(_ text: String) throws -> Instant {
        guard let instant = Instant(utc: text) ?? Instant(utc: "\(text)T00:00:00Z") else {
            throw ValidationError("'\(text)' is no day like 2026-07-01 and no time like 2026-07-01T12:00:00Z.")
        }
        return instant
    }
}

/// `curtail data show`: a series.
struct DataShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what a meter or an organization counted.",
        discussion: """
            Days, weeks and months are those of the meter's place, also when its clock is set.

            Examples:
              curtail data show M-1 --from 2026-07-01 --to 2026-08-01 --resolution 1d
              curtail data show --org "Acme Ltd" --resolution 1mo --json
              curtail data show M-1 --from 2026-01-01 --to 2027-01-01 --points 1000

            With --redis-url, days of meters come from the copies there, and go there.
            """)

    @OptionGroup var services: ServiceOptions
    @Argument(help: ArgumentHelp("The meter.", valueName: "name")) var meter: String?
    @Option(help: ArgumentHelp("All meters of this organization instead.", valueName: "name")) var org: String?
    @OptionGroup var span: WindowOptions
    @Option(
        name: [.long, .customLong("at")],
        help: ArgumentHelp("How long a line's time is; --at is the same.", valueName: "resolution"))
    var resolution = SeriesResolution.day
    @Option(
        help: ArgumentHelp(
            "The readings themselves instead, thinned out to so many, with every peak and dip.", valueName: "count"))
    var points: Int?
    @Flag(help: "The cleaned series instead of the raw one.") var cleaned = false
    @Option(
        name: .customLong("repeat"),
        help: ArgumentHelp(
            "Ask so often, and say on standard error how long each answer took: to measure a server and its cache.",
            valueName: "count"))
    var times = 1
    @Flag(help: "Print one JSON array.") var json = false

    private struct Line: Encodable {
        let start: String
        let end: String
        let wattHours: Double
        let shedWattHours: Double
        let peakWatts: Double
        let readings: Int
        let flagged: Int
    }

    func validate() throws {
        guard (meter == nil) != (org == nil) else { throw ValidationError("Name a meter, or give --org.") }
        guard (1...10_000).contains(times) else { throw ValidationError("--repeat takes 1 to 10000.") }
        guard let points else { return }
        guard (2...100_000).contains(points) else { throw ValidationError("--points takes 2 to 100000.") }
        guard org == nil, !cleaned else { throw ValidationError("--points is for the raw readings of one meter.") }
    }

    private struct Sample: Encodable {
        let start: String
        let end: String
        let watts: Double
    }

    /// The series of the database, through Redis where one is named.
    private func reading<Value: Sendable>(
        _ body: (SeriesStore, MariaDBPool) async throws -> Value
    ) async throws -> Value {
        let services = services.resolved(defaultState: ServiceOptions.servedState)
        return try await OperatorDatabase.with(services) { database in
            guard let url = services.redisURL else { return try await body(SeriesStore(database.pool), database.pool) }
            let client = RedisClient(try RedisConfiguration(url: url))
            let cache = RedisCache(client, makeToken: { UUID().uuidString })
            let result: Result<Value, any Error>
            do {
                result = .success(try await body(SeriesStore(database.pool, cache: cache), database.pool))
            } catch {
                result = .failure(error)
            }
            await client.close()
            return try result.get()
        }
    }

    /// The last of `times` answers.
    private func timed<Value>(_ ask: () async throws -> Value) async throws -> Value {
        let clock = ContinuousClock()
        for turn in 1..<times {
            let begin = clock.now
            _ = try await ask()
            tell(turn, clock.now - begin)
        }
        let begin = clock.now
        let answer = try await ask()
        if times > 1 { tell(times, clock.now - begin) }
        return answer
    }

    private func tell(_ turn: Int, _ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let milliseconds = Double(seconds) * 1_000 + Double(attoseconds) / 1e15
        LogSink.errorStream.write("answer \(turn): \(milliseconds.fixed(2)) ms\n")
    }

    private func showSamples(_ window: TimeWindow, points: Int) async throws {
        let series = try await reading { store, pool in
            let meter = try await Lookup.meter(meter ?? "", pool).id
            return try await timed { try await store.samples(of: meter, in: window, points: points) }
        }
        let lines = series.samples.map {
            Sample(
                start: $0.start.description, end: ($0.start + $0.duration).description, watts: $0.power.value)
        }
        guard !json else { return print(try JSONOutput.text(lines)) }
        guard !lines.isEmpty else { return print("There are no readings in that time.") }
        var table = TextTable(["from (UTC)", "to (UTC)", "kW"], leftColumns: [0, 1])
        for line in lines { table.add([line.start, line.end, (line.watts / 1_000).fixed(3)]) }
        print(table.rendered())
    }

    func run() async throws {
        let window = try span.window()
        if let points { return try await showSamples(window, points: points) }
        let series = try await reading { store, pool in
            let scope: SeriesScope =
                if let org {
                    .organization(try await Lookup.organization(org, pool))
                } else {
                    .meter(try await Lookup.meter(meter ?? "", pool).id)
                }
            return try await timed {
                cleaned
                    ? try await store.cleanedSeries(of: scope, in: window, at: resolution)
                    : try await store.series(of: scope, in: window, at: resolution)
            }
        }
        let lines = series.buckets.map {
            Line(
                start: $0.window.start.description, end: $0.window.end.description, wattHours: $0.energy.value,
                shedWattHours: $0.shed.value, peakWatts: $0.highest.value, readings: $0.readings, flagged: $0.flagged)
        }
        guard !json else { return print(try JSONOutput.text(lines)) }
        guard !lines.isEmpty else { return print("There are no readings in that time.") }
        var table = TextTable(["from (UTC)", "kWh", "shed kWh", "peak kW", "readings", "flagged"], leftColumns: [0])
        for line in lines {
            table.add([
                line.start, (line.wattHours / 1_000).fixed(3), (line.shedWattHours / 1_000).fixed(3),
                (line.peakWatts / 1_000).fixed(2), "\(line.readings)", "\(line.flagged)",
            ])
        }
        print(table.rendered())
        print("days are those of \(series.zone.identifier)")
    }
}

extension ReadingExport.Format: ExpressibleByArgument {}

/// `curtail data export`.
struct DataExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write readings to standard output, as CSV or as a JSON object a line.")

    @OptionGroup var services: ServiceOptions
    @Option(help: ArgumentHelp("A meter; may be repeated.", valueName: "name")) var meter: [String] = []
    @Option(help: ArgumentHelp("All meters of this organization.", valueName: "name")) var org: String?
    @OptionGroup var span: WindowOptions
    @Option(help: "How rows are written.") var format = ReadingExport.Format.csv
    @Flag(help: "The cleaned series instead of the raw one.") var cleaned = false
    @Flag(help: "The same as --format json.") var json = false

    func validate() throws {
        guard meter.isEmpty != (org == nil) else { throw ValidationError("Give --meter or --org.") }
    }

    func run() async throws {
        let window = try span.window()
        let count = try await OperatorDatabase.with(
            services.resolved(defaultState: ServiceOptions.servedState)
        ) { database in
            var meters: [Meter] = []
            for name in meter { meters.append(try await Lookup.meter(name, database.pool)) }
            if let org {
                meters = try await MeterStore(database.pool).meters(
                    of: try await Lookup.organization(org, database.pool))
            }
            return try await ReadingExport(database.pool).readings(
                of: meters, in: window, version: cleaned ? .cleaned : .raw, as: json ? .json : format,
                write: StandardOutput.write)
        }
        LogSink.errorStream.write("\(count) readings\n")
    }
}
