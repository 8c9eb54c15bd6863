import Accounts
import Measures
import OpenADR
import Persistence
import VirtualTopNode

/// What an operator asks for when calling an event.
struct EventOrder: Sendable {
    /// The programme of events that belong to no other.
    static let manualProgramme = "http://curtail.example/programmes/manual"

    let id: EventID
    let marketContext: String
    let start: Instant
    let duration: TimeSpan
    /// How much less each VEN shall draw.
    let reductions: [(ven: String, kilowatts: Double)]
    let priority: UInt32
    let isTest: Bool
    let comment: String?
}

/// Events through the same operations as the operator's commands, with the audit's line.
extension Portal {
    func publish(_ order: EventOrder, _ visit: Visit) async throws -> EventRecord {
        guard
            let terms = EventTerms(
                marketContext: MarketContext(order.marketContext), start: order.start, steps: [order.duration],
                notification: max(order.start - now, .zero), priority: order.priority, isTest: order.isTest,
                comment: order.comment)
        else { throw Problem.badRequest("The event has no length.") }
        let plans = try order.reductions.map { part in
            guard let signal = ProgrammedSignal(.loadDispatchDelta, values: [-part.kilowatts * 1_000]) else {
                throw Problem.badRequest("The reduction of \(part.ven) is no number.")
            }
            return ParticipantPlan(venID: VENID(part.ven), signals: [signal])
        }
        let record = try await refusing {
            try await parts.topNode.issue(order.id, terms: terms, participants: plans, now: now)
        }
        try await portfolio.note(
            "event.publish", on: "event \(record.eventID.rawValue)",
            after: Self.state(record, vens: order.reductions.count), origin: visit.origin)
        try await announce(record, "An event was called, and a meter of yours takes part.", "Event")
        return record
    }

    func modify(_ record: EventRecord, start: Instant, duration: TimeSpan, _ visit: Visit) async throws {
        let old = record.terms
        guard
            let terms = EventTerms(
                marketContext: old.marketContext, start: start, steps: [duration], startAfter: old.startAfter,
                notification: max(start - now, .zero), rampUp: old.rampUp, recovery: old.recovery,
                priority: old.priority,
                responseRequired: old.responseRequired, isTest: old.isTest, comment: old.comment)
        else { throw Problem.badRequest("The event has no length.") }
        guard old.steps.count == 1 else {
            throw Problem.conflict("This event has several steps; change it with the API or the command line.")
        }
        let changed = try await refusing { try await parts.topNode.modify(record.eventID, terms: terms, now: now) }
        try await portfolio.note(
            "event.modify", on: "event \(record.eventID.rawValue)", before: Self.state(record),
            after: Self.state(changed), origin: visit.origin)
        try await announce(changed, "An event that a meter of yours takes part in was changed.", "Changed: event")
    }

    func cancel(_ record: EventRecord, _ visit: Visit) async throws {
        let changed = try await refusing { try await parts.topNode.cancel(record.eventID, now: now) }
        guard changed.modificationNumber != record.modificationNumber else { return }
        try await portfolio.note(
            "event.cancel", on: "event \(record.eventID.rawValue)", before: Self.state(record),
            after: Self.state(changed), origin: visit.origin)
        try await announce(
            changed, "An event that a meter of yours was to take part in is cancelled. There is nothing to do.",
            "Cancelled: event")
    }

    /// Tells the people whose meters take part; a test is between the operator and the VENs.
    private func announce(_ record: EventRecord, _ sentence: String, _ subject: String) async throws {
        guard !record.terms.isTest else { return }
        let id = record.eventID.rawValue
        let terms = record.terms
        let start = "\(terms.start.description.prefix(10)) \(terms.start.description.dropFirst(11).prefix(5)) UTC"
        _ = try await EventNotices(parts.pool).announce(id, now: now) { recipient in
            try mail(
                "event", to: recipient, "\(subject) \(id)",
                [
                    "sentence": sentence, "event": id, "start": start,
                    "span": terms.isOpenEnded ? "until it is ended" : Written.span(terms.duration),
                    "link": "\(parts.address.url)/events/\(Links.encode(id))",
                ])
        }
    }

    private static func state(_ record: EventRecord, vens: Int? = nil) -> [String: String] {
        var state = [
            "start": record.terms.start.description, "seconds": "\(record.terms.duration.seconds)",
            "version": "\(record.modificationNumber)",
        ]
        if record.cancelledAt != nil { state["cancelled"] = "yes" }
        if let vens { state["vens"] = "\(vens)" }
        return state
    }

    /// Turns what the top node refuses into an answer.
    private func refusing<Value: Sendable>(_ action: () async throws -> Value) async throws -> Value {
        do {
            return try await action()
        } catch let error as OperatorError {
            switch error {
            case .unknownEvent: throw Problem.notFound
            case .eventExists(let id): throw Problem.conflict("There is an event \(id.rawValue) already.")
            case .eventIsOver: throw Problem.conflict("The event is over.")
            case .changesThePast: throw Problem.conflict("What has passed cannot be changed (rule 20).")
            case .noParticipants: throw Problem.badRequest("Name at least one VEN.")
            case .unknownVEN(let ven): throw Problem.badRequest("There is no VEN \(ven.rawValue).")
            case .participantTwice(let ven): throw Problem.badRequest("The VEN \(ven.rawValue) is named twice.")
            case .notRegistered(let ven): throw Problem.conflict("The VEN \(ven.rawValue) is not registered.")
            default: throw Problem.conflict("The event cannot be called so: \(error).")
            }
        }
    }
}
