import Accounts
import DemandResponse
import HTTPTypes
import Hummingbird
import Measures
import MeterData
import Persistence
import Plots

/// Meters, readings and series.
enum MeterAPI {
    private static let search = Operation.Parameter(
        name: "name", shape: .text(1...64), about: "Only meters whose name contains it.")
    private static let window = [
        Operation.Parameter(name: "from", shape: .instant, about: "First moment; a week before `to` without it."),
        Operation.Parameter(name: "to", shape: .instant, about: "First moment after; the latest reading without it."),
    ]
    private static let seriesQuery =
        window + [
            Operation.Parameter(
                name: "points", shape: .integer(2...5_000), about: "At most so many values; 1000 without it."),
            Operation.Parameter(
                name: "resolution", shape: .word(SeriesResolution.allCases.map(\.rawValue)),
                about: "Sums per bucket of this length in the meter's zone, in place of thinned values."),
        ]

    private static let newMeter: [Shape.Field] = [
        .init(name: "name", shape: .text(1...64), about: "Unique."),
        .init(name: "zone", shape: .text(1...64), about: "IANA time zone, such as Europe/Berlin."),
        .init(name: "stepSeconds", shape: .integer(60...86_400), about: "Length of a metering interval, in s."),
    ]

    private static let point: Shape = .list(.orNull(.number), 2...4)
    private static let series: Shape = .object([
        .init(name: "unit", shape: .word(["kW", "kWh"]), about: "Of the values."),
        .init(name: "from", shape: .instant, about: "First moment."),
        .init(name: "to", shape: .instant, about: "First moment after."),
        .init(
            name: "values", shape: .list(point, 0...250_000),
            about: "Pairs of seconds since 1970 and value; null is a gap."),
        .init(name: "baseline", shape: .list(point, 0...250_000), about: "The same of the baseline of events."),
        .init(
            name: "forecast", shape: .list(point, 0...250_000),
            about: "Seconds since 1970, lower 95 %, mean, upper 95 %."),
        .init(name: "model", shape: .orNull(.text), about: "The forecast's model."),
        .init(
            name: "events",
            shape: .list(
                .object([
                    .init(name: "id", shape: .text, about: "eventID."),
                    .init(name: "start", shape: .instant, about: "When it began."),
                    .init(name: "end", shape: .instant, about: "When it ended."),
                ]), 0...1_000), about: "Events that touch the window."),
    ])

    static let routes: [Route] = [
        .api(
            .get, "/meters", .needs(.seeOwn), "Your meters",
            Operation(tag: "Meters", query: Operation.paging + [search], answer: .list("Meter"))
        ) { visit in
            try visit.checkQuery(Operation.paging + [search])
            let part = try await visit.portal.meters.meters(
                named: visit.query.optional("name"), seenBy: try visit.viewer,
                PartRequest(after: try visit.cursor(), limit: visit.limit))
            let next = part.hasMore ? part.rows.last.map { "\($0.meter.id.rawValue)" } : nil
            return try visit.list(Resources.meter, part.rows, next: next)
        },
        .api(
            .post, "/meters", .needs(.manageMeters), "Make a meter",
            Operation(tag: "Meters", body: newMeter, answer: .created("Meter"), isCreation: true), create),
        .api(.get, "/meters/{meter}", .needs(.seeOwn), "A meter", Operation(tag: "Meters", answer: .one("Meter"))) {
            visit in
            try visit.json(Resources.meter.json(try await MeterPages.meter(visit)))
        },
        .api(
            .get, "/meters/{meter}/readings", .needs(.seeOwn), "Readings of at most 31 days",
            Operation(tag: "Meters", query: window, answer: .list("Reading"))
        ) { visit in
            try visit.checkQuery(window)
            let row = try await MeterPages.meter(visit)
            let window = try MeterPages.window(visit, latest: row.lastReading)
            guard window.duration <= .days(31) else { throw Problem.badRequest("At most 31 days at a time.") }
            let readings = try await visit.portal.readings.storedReadings(of: row.meter.id, in: window)
            return try visit.list(Resources.reading, readings, next: nil)
        },
        .api(
            .get, "/meters/{meter}/series", .needs(.seeOwn), "A series for a plot",
            Operation(tag: "Meters", query: seriesQuery, answer: .shape(series)), readSeries),
    ]

    @Sendable private static func create(_ visit: Visit) async throws -> Response {
        let input = try visit.input(newMeter)
        guard case .integer(let step)? = input["stepSeconds"], let zone = input["zone"]?.text,
            (try? ZoneRules(database: zone)) != nil
        else { throw Problem.badRequest("The body does not fit.", fields: ["zone": "is no IANA time zone"]) }
        return try await visit.once {
            let viewer = try visit.viewer
            let made = try await visit.portal.meters.create(
                MeterDescription(name: input["name"]?.text ?? "", zone: zone, step: .seconds(step)), by: viewer,
                origin: visit.origin)
            guard let made, let row = try await visit.portal.meters.meter(made, seenBy: viewer) else {
                throw Problem.notFound
            }
            return (Resources.meter.json(row), "/api/v1/meters/\(made.rawValue)")
        }
    }

    @Sendable private static func readSeries(_ visit: Visit) async throws -> Response {
        try visit.checkQuery(seriesQuery)
        let row = try await MeterPages.meter(visit)
        let window = try MeterPages.window(visit, latest: row.lastReading)
        let points = Int(visit.query.text("points")) ?? 1_000
        let plot = try await MeterPlot.read(row.meter, window, points: points, visit)
        var values = plot.actual.map { pair($0.time, $0.value) }
        let resolution = SeriesResolution(rawValue: visit.query.text("resolution"))
        if let resolution {
            do {
                let sums = try await visit.portal.parts.readings.series(
                    of: .meter(row.meter.id), in: window, at: resolution, zone: plot.zone)
                values = sums.buckets.map { pair($0.window.start, $0.energy.kilowattHours) }
            } catch let error as SeriesError {
                throw Problem.badRequest("\(error)")
            }
        }
        let forecast = plot.forecastIntervals.map { interval -> JSONValue in
            let span = interval.window.duration
            return .array([
                .integer(interval.window.start.secondsSinceEpoch),
                .number(interval.lower95.meanPower(over: span).kilowatts),
                .number(interval.mean.meanPower(over: span).kilowatts),
                .number(interval.upper95.meanPower(over: span).kilowatts),
            ])
        }
        return try visit.json([
            "unit": .text(resolution == nil ? "kW" : "kWh"), "from": .text(window.start.description),
            "to": .text(window.end.description), "values": .array(values),
            "baseline": .array(plot.baseline.map { pair($0.time, $0.value) }), "forecast": .array(forecast),
            "model": .optional(plot.forecast?.model) { .text($0) },
            "events": .array(
                plot.events.map {
                    [
                        "id": .text($0.id), "start": .text($0.window.start.description),
                        "end": .text($0.window.end.description),
                    ]
                }),
        ])
    }

    private static func pair(_ time: Instant, _ value: Double) -> JSONValue {
        .array([.integer(time.secondsSinceEpoch), value.isFinite ? .number(value) : .null])
    }
}
