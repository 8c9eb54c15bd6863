import Accounts
import DemandResponse
import HTTPTypes
import Hummingbird
import Measures
import MeterData
import Persistence

/// The same under the names that programs of other energy portals call: a verb, and the noun's answer.
enum VerbAPI {
    private static let resolution = Operation.Parameter(
        name: "resolution", shape: .word(["1h", "1d", "1w", "1mo"]), about: "Length of a bucket; 1d without it.")
    private static let window = [
        Operation.Parameter(name: "from", shape: .instant, about: "First moment; 30 days before `to` without it."),
        Operation.Parameter(name: "to", shape: .instant, about: "First moment after; now without it."),
    ]

    private static let overview: Shape = .object([
        .init(name: "organizations", shape: .integer, about: "How many there are."),
        .init(name: "users", shape: .integer, about: "How many there are."),
        .init(name: "meters", shape: .integer, about: "How many there are."),
        .init(name: "vens", shape: .integer, about: "How many are admitted."),
        .init(name: "registeredVENs", shape: .integer, about: "How many of them are registered."),
        .init(name: "events", shape: .integer, about: "How many there are."),
        .init(name: "bookings", shape: .integer, about: "Of the ledger."),
        .init(name: "waitingMails", shape: .integer, about: "How many wait to be sent."),
        .init(name: "waitingMessages", shape: .integer, about: "How many wait for VENs."),
        .init(name: "latestReading", shape: .orNull(.instant), about: "End of the latest reading."),
    ])

    private static let status: Shape = .object([
        .init(name: "meters", shape: .integer, about: "How many meters are yours."),
        .init(name: "latestReading", shape: .orNull(.instant), about: "End of the latest reading of any of them."),
        .init(name: "from", shape: .orNull(.instant), about: "Beginning of the last day (UTC) that has readings."),
        .init(name: "energyWh", shape: .number, about: "Of all of them on that day, in Wh."),
    ])

    private static let history: Shape = .object([
        .init(name: "unit", shape: .word(["kWh"]), about: "Of the values."),
        .init(name: "from", shape: .instant, about: "First moment."),
        .init(name: "to", shape: .instant, about: "First moment after."),
        .init(
            name: "values", shape: .list(.list(.number, 2...2), 0...200_000),
            about: "Pairs of seconds since 1970 and the energy of all of your meters."),
    ])

    static let routes: [Route] = [
        .api(.get, "/auth/profile", .signedIn, "Same as /me", Operation(tag: "Verbs", answer: .one("Person"))) {
            visit in
            let viewer = try visit.viewer
            guard let me = try await visit.portal.members.member(viewer.account, seenBy: viewer) else {
                throw Problem.notFound
            }
            return try visit.json(Resources.person.json(me), version: "\(me.identity.version)")
        },
        .api(
            .get, "/admin/overview", .needs(.seeSystem), "What there is in the system",
            Operation(tag: "Verbs", answer: .shape(overview))
        ) { visit in
            let counts = try await visit.portal.health.counts(now: visit.now)
            func number(_ count: Int) -> JSONValue { .integer(Int64(count)) }
            return try visit.json([
                "organizations": number(counts.organizations), "users": number(counts.users),
                "meters": number(counts.meters), "vens": number(counts.vens),
                "registeredVENs": number(counts.registeredVENs), "events": number(counts.events),
                "bookings": number(counts.bookings), "waitingMails": number(counts.waitingMails),
                "waitingMessages": number(counts.waitingMessages),
                "latestReading": .optional(counts.latestReading) { .text($0.description) },
            ])
        },
        .api(
            .get, "/admin/logs", .needs(.seeSystem), "Same as /audit, of everyone",
            Operation(tag: "Verbs", query: Operation.paging, answer: .list("AuditLine"))
        ) { visit in
            try visit.checkQuery(Operation.paging)
            let part = try await visit.portal.portfolio.audit(
                seenBy: try visit.viewer, PartRequest(after: try visit.cursor(), limit: visit.limit))
            return try visit.list(
                Resources.auditLine, part.rows, next: part.hasMore ? part.rows.last.map { "\($0.id)" } : nil)
        },
        .api(
            .get, "/energy/status", .needs(.seeOwn), "How much your meters counted on the last day with readings",
            Operation(tag: "Verbs", answer: .shape(status))
        ) { visit in
            let viewer = try visit.viewer
            let latest = try await visit.portal.meters.latestReading(seenBy: viewer)
            let day = latest.map { TimeWindow(start: ($0 - .seconds(1)).floored(to: .days(1)), duration: .days(1)) }
            var energy = WattHours.zero
            if let day { energy = try await visit.portal.meters.total(in: day, seenBy: viewer) }
            return try visit.json([
                "meters": .integer(Int64(try await visit.portal.meters.count(seenBy: viewer))),
                "latestReading": .optional(latest) { .text($0.description) },
                "from": .optional(day) { .text($0.start.description) }, "energyWh": .number(energy.value),
            ])
        },
        .api(
            .get, "/energy/history", .needs(.seeOwn), "What all of your meters counted, added up",
            Operation(tag: "Verbs", query: window + [resolution], answer: .shape(history)), readHistory),
        .api(
            .get, "/energy/predictions", .needs(.seeOwn), "Same as /forecasts",
            Operation(tag: "Verbs", query: Operation.paging, answer: .list("Forecast"))
        ) { visit in
            try visit.checkQuery(Operation.paging)
            let part = try await visit.portal.records.forecasts(
                seenBy: try visit.viewer, after: try visit.cursor(), limit: visit.limit)
            return try visit.list(
                Resources.forecast, part.rows, next: part.hasMore ? part.rows.last.map { "\($0.id)" } : nil)
        },
    ]

    @Sendable private static func readHistory(_ visit: Visit) async throws -> Response {
        let query = window + [resolution]
        try visit.checkQuery(query)
        let viewer = try visit.viewer
        let chosen = try MeterPages.window(visit, latest: visit.now, days: 30)
        let resolution = SeriesResolution(rawValue: visit.query.text("resolution")) ?? .day
        let scope: SeriesScope = viewer.organization.map { .organization($0) } ?? .user(viewer.account)
        let sums: BucketedSeries
        do {
            sums = try await visit.portal.parts.readings.series(of: scope, in: chosen, at: resolution)
        } catch let error as SeriesError {
            throw Problem.badRequest("\(error)")
        }
        return try visit.json([
            "unit": "kWh", "from": .text(chosen.start.description), "to": .text(chosen.end.description),
            "values": .array(
                sums.buckets.map {
                    .array([.integer($0.window.start.secondsSinceEpoch), .number($0.energy.kilowattHours)])
                }),
        ])
    }
}
