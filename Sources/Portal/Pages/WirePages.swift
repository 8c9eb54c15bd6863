import Accounts
import Hummingbird
import Measures
import OpenADR
import Persistence
import VirtualTopNode

/// What was said over the wire, for operators and installers.
enum WirePages {
    /// Bytes of a message that a page shows.
    private static let shown = 4_096

    static func line(_ entry: PayloadLogStore.Entry) -> PageData {
        let record = entry.record
        var trouble = record.reason ?? ""
        if trouble.isEmpty, let first = record.warnings.first { trouble = first }
        return [
            "at": Written.time(record.at), "direction": record.direction.rawValue,
            "tone": record.direction == .received ? "plan" : "live", "message": record.message ?? "no message",
            "ven": record.venID?.rawValue ?? "", "code": record.code.map { "\($0.rawValue)" } ?? "",
            "took": record.microseconds.map { "\(Written.number(Double($0) / 1_000, 1)) ms" } ?? "",
            "trouble": trouble, "text": String(record.text.prefix(shown)),
            "isCut": entry.isCut || record.text.count > shown,
        ]
    }

    @Sendable static func ofEvent(_ visit: Visit) async throws -> Response {
        let row = try await EventPages.event(visit)
        let id = row.record.eventID.rawValue
        let messages = try await PayloadLogStore(visit.portal.parts.pool).entries(
            .init(since: row.record.createdAt - .minutes(1), text: id), limit: 100)
        return try visit.portal.page(
            "event-messages", "Messages about \(id)", visit,
            [
                "id": id, "link": Links.encode(id), "messages": messages.reversed().map(line),
                "hasMessages": !messages.isEmpty,
            ])
    }

    /// A short event that is marked as a test, for one VEN.
    @Sendable static func test(_ visit: Visit) async throws -> Response {
        let ven = try await PortfolioPages.find(visit)
        let order = EventOrder(
            id: EventID("test-\(visit.portal.parts.makeID().prefix(8).lowercased())"),
            marketContext: EventOrder.manualProgramme, start: visit.now + .minutes(2), duration: .minutes(5),
            reductions: [(ven.id, 1)], priority: 1, isTest: true, comment: "A test of \(ven.name)")
        let record = try await visit.portal.publish(order, visit)
        return .redirect(to: "/events/\(Links.encode(record.eventID.rawValue))?done=tested")
    }
}
