import Accounts
import HTTPTypes
import Hummingbird
import Measures
import OpenADR
import Persistence
import VirtualTopNode

/// Events and what VENs said to them.
enum EventAPI {
    private static let newEvent: [Shape.Field] = [
        .init(name: "id", shape: .text(1...64), about: "The event's id; without it, a new one.", isRequired: false),
        .init(name: "start", shape: .instant, about: "When it begins."),
        .init(name: "durationSeconds", shape: .integer(60...604_800), about: "How long it lasts, in s."),
        .init(name: "programContext", shape: .text(1...256), about: "URI of the programme.", isRequired: false),
        .init(name: "priority", shape: .integer(0...100), about: "1 is the most important, 0 none.", isRequired: false),
        .init(name: "isTest", shape: .boolean, about: "Whether it is a test.", isRequired: false),
        .init(name: "comment", shape: .text(0...500), about: "For the people at the VENs.", isRequired: false),
        .init(
            name: "participants",
            shape: .list(
                .object([
                    .init(name: "ven", shape: .text(1...128), about: "venID."),
                    .init(name: "reduceKilowatts", shape: .number(0.001...1e6), about: "How much less it shall draw."),
                ]), 1...5_000), about: "Who is called."),
    ]

    private static let change: [Shape.Field] = [
        .init(name: "start", shape: .instant, about: "When it begins."),
        .init(name: "durationSeconds", shape: .integer(60...604_800), about: "How long it lasts, in s."),
    ]

    static let routes: [Route] = [
        .api(
            .get, "/events", .needs(.seeOwn), "Your events, the latest start first",
            Operation(tag: "Events", query: Operation.paging, answer: .list("Event")), list),
        .api(
            .post, "/events", .needs(.manageEvents), "Publish an event",
            Operation(tag: "Events", body: newEvent, answer: .created("Event"), isCreation: true), bodyLimit: 1 << 20,
            create),
        .api(.get, "/events/{event}", .needs(.seeOwn), "An event", Operation(tag: "Events", answer: .one("Event"))) {
            visit in
            try answer(visit, try await EventPages.event(visit))
        },
        .api(
            .patch, "/events/{event}", .needs(.manageEvents), "Move an event, or make it longer or shorter",
            Operation(tag: "Events", body: change, answer: .one("Event"), refusals: [.conflict], isVersioned: true),
            modify),
        .api(
            .delete, "/events/{event}", .needs(.manageEvents), "Cancel an event",
            Operation(tag: "Events", answer: .one("Event"), refusals: [.conflict])
        ) { visit in
            let row = try await EventPages.event(visit)
            try await visit.portal.cancel(row.record, visit)
            return try answer(visit, try await EventPages.event(visit))
        },
        .api(
            .get, "/events/{event}/participations", .needs(.seeOwn), "What your VENs were asked and said",
            Operation(tag: "Events", answer: .list("Participation"))
        ) { visit in
            let row = try await EventPages.event(visit)
            let parts = try await visit.portal.events.participations(
                in: row.record.eventID.rawValue, seenBy: try visit.viewer)
            return try visit.list(Resources.participation, parts, next: nil)
        },
    ]

    private static func answer(_ visit: Visit, _ row: EventQueries.Row) throws -> Response {
        try visit.json(Resources.event.json((row, visit.now)), version: "\(row.record.modificationNumber)")
    }

    @Sendable private static func list(_ visit: Visit) async throws -> Response {
        try visit.checkQuery(Operation.paging)
        var after: EventQueries.Key?
        if let text = try visit.textCursor() {
            let parts = text.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, let start = Instant(told: parts[0]) else {
                throw Problem.badRequest("The cursor is none of ours.", fields: ["after": "take it from `next`"])
            }
            after = EventQueries.Key(start: start, event: String(parts[1]))
        }
        let part = try await visit.portal.events.events(
            seenBy: try visit.viewer, PartRequest(after: after, limit: visit.limit))
        let next = part.hasMore ? part.rows.last.map { "\($0.record.terms.start) \($0.record.eventID.rawValue)" } : nil
        return try visit.list(Resources.event, part.rows.map { ($0, visit.now) }, next: next)
    }

    @Sendable private static func create(_ visit: Visit) async throws -> Response {
        let input = try visit.input(newEvent)
        let order = try order(input, visit)
        return try await visit.once {
            let record = try await visit.portal.publish(order, visit)
            guard let row = try await visit.portal.events.event(record.eventID.rawValue, seenBy: try visit.viewer)
            else {
                throw Problem.notFound
            }
            return (
                Resources.event.json((row, visit.now)), "/api/v1/events/\(Links.encode(record.eventID.rawValue))"
            )
        }
    }

    private static func order(_ input: [String: JSONValue], _ visit: Visit) throws -> EventOrder {
        var errors: [String: String] = [:]
        let id = input["id"]?.text ?? "event-\(visit.portal.parts.makeID().prefix(8).lowercased())"
        if !EventWizard.isID(id) { errors["id"] = "takes letters, digits, '-', '_' and '.'" }
        let start = Instant(told: input["start"]?.text ?? "")
        if let start, start >= visit.now - .minutes(1), start <= visit.now + .days(366) {
        } else {
            errors["start"] = "has to be from now on, within a year"
        }
        guard let start, case .integer(let seconds)? = input["durationSeconds"],
            case .array(let parts)? = input["participants"],
            errors.isEmpty
        else { throw Problem.badRequest("The body does not fit.", fields: errors) }
        let reductions = parts.compactMap { part -> (ven: String, kilowatts: Double)? in
            guard case .object(let members) = part, let ven = members["ven"]?.text else { return nil }
            switch members["reduceKilowatts"] {
            case .integer(let number)?: return (ven, Double(number))
            case .number(let number)?: return (ven, number)
            default: return nil
            }
        }
        var priority: UInt32 = 1
        if case .integer(let number)? = input["priority"] { priority = UInt32(number) }
        return EventOrder(
            id: EventID(id), marketContext: input["programContext"]?.text ?? EventOrder.manualProgramme,
            start: start, duration: .seconds(seconds), reductions: reductions, priority: priority,
            isTest: input["isTest"] == .boolean(true), comment: input["comment"]?.text)
    }

    @Sendable private static func modify(_ visit: Visit) async throws -> Response {
        let input = try visit.input(change)
        let row = try await EventPages.event(visit)
        guard Int64(row.record.modificationNumber) == (try visit.matchedVersion()) else {
            throw Problem.changedMeanwhile
        }
        guard let start = Instant(told: input["start"]?.text ?? ""),
            case .integer(let seconds)? = input["durationSeconds"]
        else {
            throw Problem.badRequest("The body does not fit.")
        }
        try await visit.portal.modify(row.record, start: start, duration: .seconds(seconds), visit)
        return try answer(visit, try await EventPages.event(visit))
    }
}
