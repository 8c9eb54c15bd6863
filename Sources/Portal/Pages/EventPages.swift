import Accounts
import Hummingbird
import Measures
import OpenADR
import Persistence
import Plots
import VirtualTopNode

/// Events: the list, one event with the answers of its VENs, the wizard that calls one, and the calendar.
enum EventPages {
    static let routes: [Route] = [
        .page(.get, "/events", .needs(.seeOwn), "List of events", list),
        .page(.get, "/events/new", .needs(.manageEvents), "Form of a new event") { visit in
            try await EventWizard(visit).form(visit.query)
        },
        .page(.post, "/events/preview", .needs(.manageEvents), "Who would be called, and for how much") { visit in
            try await EventWizard(visit).preview(try visit.form)
        },
        .page(.post, "/events", .needs(.manageEvents), "Publish an event") { visit in
            try await EventWizard(visit).publish(try visit.form)
        },
        .page(.get, "/events/{event}", .needs(.seeOwn), "An event with what its VENs said", show),
        .page(.get, "/events/{event}/state", .needs(.seeOwn), "The answers alone, for a page that is open") { visit in
            let event = try await Self.event(visit)
            return try visit.portal.page(
                "event-state", event.record.eventID.rawValue, visit, try await details(event, visit),
                styles: ["plot.css"])
        },
        .page(
            .get, "/events/{event}/messages", .needs(.seePortfolio), "What was said to VENs about an event",
            WirePages.ofEvent),
        .page(.post, "/events/{event}/modify", .needs(.manageEvents), "Change an event", modify),
        .page(.post, "/events/{event}/cancel", .needs(.manageEvents), "Cancel an event") { visit in
            let event = try await Self.event(visit)
            try await visit.portal.cancel(event.record, visit)
            return .redirect(to: "/events/\(Links.encode(event.record.eventID.rawValue))?done=cancelled")
        },
        .page(.get, "/calendar", .needs(.seeOwn), "A month of events", EventCalendar.show),
    ]

    @Sendable private static func list(_ visit: Visit) async throws -> Response {
        let viewer = try visit.viewer
        var after: EventQueries.Key?
        if let start = Instant(told: visit.query.text("start")), let event = visit.query.optional("event") {
            after = EventQueries.Key(start: start, event: event)
        }
        let part = try await visit.portal.events.events(seenBy: viewer, PartRequest(after: after))
        var data: PageData = [
            "rows": part.rows.map { line($0, visit.now) }, "isEmpty": part.rows.isEmpty,
            "mayCall": viewer.may(.manageEvents),
        ]
        if part.hasMore, let last = part.rows.last {
            data["more"] = [
                "start": last.record.terms.start.description, "event": Links.encode(last.record.eventID.rawValue),
            ]
        }
        return try visit.portal.page("events", "Events", visit, data)
    }

    static func line(_ row: EventQueries.Row, _ now: Instant) -> PageData {
        let terms = row.record.terms
        let status = row.record.status(at: now)
        return [
            "id": row.record.eventID.rawValue, "link": Links.encode(row.record.eventID.rawValue),
            "start": Written.time(terms.start), "end": Written.time(terms.end),
            "span": terms.isOpenEnded ? "open-ended" : Written.span(terms.duration), "status": title(status),
            "tone": tone(status), "programme": row.record.terms.marketContext.rawValue,
            "participants": row.participants,
            "optedIn": row.optedIn, "optedOut": row.optedOut, "silent": row.participants - row.optedIn - row.optedOut,
            "isTest": terms.isTest, "version": row.record.modificationNumber, "priority": terms.priority,
        ]
    }

    static func title(_ status: EventStatus) -> String {
        switch status {
        case .far: "planned"
        case .near: "near"
        case .active: "active"
        case .completed: "completed"
        case .cancelled: "cancelled"
        default: status.rawValue
        }
    }

    private static func tone(_ status: EventStatus) -> String {
        switch status {
        case .active: "live"
        case .cancelled: "off"
        case .completed: "past"
        default: "plan"
        }
    }

    /// The event of the path, when the viewer has a part in it.
    static func event(_ visit: Visit) async throws -> EventQueries.Row {
        let id = try visit.parameter("event")
        guard let row = try await visit.portal.events.event(id, seenBy: try visit.viewer) else {
            throw Problem.notFound
        }
        return row
    }

    @Sendable private static func show(_ visit: Visit) async throws -> Response {
        let row = try await event(visit)
        var data = try await details(row, visit)
        let status = row.record.status(at: visit.now)
        let viewer = try visit.viewer
        data["mayChange"] = viewer.may(.manageEvents) && ![.completed, .cancelled].contains(status)
        data["startField"] = String(row.record.terms.start.description.dropLast(4))
        data["minutes"] = row.record.terms.duration.seconds / 60
        data["comment"] = row.record.terms.comment ?? ""
        data["isOver"] = [.completed, .cancelled].contains(status)
        let rewards = try await visit.portal.rewards.rewards(
            event: row.record.eventID.rawValue, seenBy: viewer, PartRequest(limit: 200))
        data["rewards"] = rewards.rows.map { RewardPages.line($0) }
        data["hasRewards"] = !rewards.rows.isEmpty
        data["maySeeMessages"] = viewer.may(.seePortfolio)
        return try visit.portal.page(
            "event", "Event \(row.record.eventID.rawValue)", visit, data, styles: ["plot.css"])
    }

    /// What changes while an event goes on.
    private static func details(_ row: EventQueries.Row, _ visit: Visit) async throws -> PageData {
        var data = line(row, visit.now)
        let parts = try await visit.portal.events.participations(
            in: row.record.eventID.rawValue, seenBy: try visit.viewer)
        data["parts"] = parts.map { part in
            let answer: String =
                switch part.opt.type {
                case nil: "no answer yet"
                case .optIn?: "in"
                case .optOut?: "out"
                }
            return [
                "ven": part.venID.rawValue, "link": Links.encode(part.venID.rawValue), "answer": answer,
                "tone": part.opt.type == .optIn ? "live" : part.opt.type == .optOut ? "off" : "plan",
                "at": Written.time(part.opt.decidedAt), "asked": asked(part.signals),
                "acknowledged": part.delivery.acknowledgedModification == row.record.modificationNumber
                    ? "yes" : "not yet",
                "isWithdrawn": part.withdrawnModification != nil,
                "error": part.opt.errorCode.map { "\($0.rawValue)" } ?? "",
            ] as PageData
        }
        data["isLive"] = ![.completed, .cancelled].contains(row.record.status(at: visit.now))
        if let plot = try await EventPlot.read(row.record, visit) {
            data["plot"] = ["svg": plot.picture.html(id: "load"), "meters": plot.meters] as PageData
        }
        data["updated"] = Written.time(visit.now)
        return data
    }

    /// What the signals ask for, in words.
    static func asked(_ signals: [ProgrammedSignal]) -> String {
        signals.map { signal in
            let values = Set(signal.values).count == 1 ? Array(signal.values.prefix(1)) : signal.values
            let figures = values.map { value -> String in
                switch signal.kind {
                case .simpleLevel: Written.number(value, 0)
                case .loadDispatchDelta, .loadDispatchSetpoint: Written.number(value / 1_000, 1)
                default: Written.number(value, 4)
                }
            }.joined(separator: ", ")
            switch signal.kind {
            case .simpleLevel: return "level \(figures)"
            case .loadDispatchDelta: return "\(figures) kW against baseline"
            case .loadDispatchSetpoint: return "keep \(figures) kW"
            case .electricityPriceEUR: return "\(figures) EUR/kWh"
            case .electricityPriceUSD: return "\(figures) USD/kWh"
            default: return "\(signal.kind.name) \(figures)"
            }
        }.joined(separator: "; ")
    }

    @Sendable private static func modify(_ visit: Visit) async throws -> Response {
        let row = try await event(visit)
        let form = try visit.form
        var problems: [String: String] = [:]
        let start = EventWizard.instant(form.text("start"))
        if start == nil { problems["start"] = "Give a time like 2026-07-15T17:00 in UTC." }
        let minutes = Int64(form.text("minutes")).flatMap { (1...10_080).contains($0) ? $0 : nil }
        if minutes == nil { problems["minutes"] = "Give 1 to 10080 minutes." }
        guard let start, let minutes, problems.isEmpty else {
            throw Problem.badRequest("The change is not complete.", fields: problems)
        }
        try await visit.portal.modify(row.record, start: start, duration: .minutes(minutes), visit)
        return .redirect(to: "/events/\(Links.encode(row.record.eventID.rawValue))?done=modified")
    }
}
