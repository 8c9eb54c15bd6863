import Accounts
import DemandResponse
import Hummingbird
import Measures
import OpenADR
import Persistence
import VirtualTopNode

/// Calls an event in three steps: choose, look at who is hit and for how many kW, publish.
struct EventWizard {
    private let visit: Visit

    init(_ visit: Visit) {
        self.visit = visit
    }

    private var portal: Portal { visit.portal }

    // MARK: Steps

    func form(_ values: Form, errors: [String: String] = [:]) async throws -> Response {
        let vens = try await allVENs()
        let programs = try await portal.portfolio.programs(PartRequest(limit: 200)).rows
        let chosen = Set(values.all("ven"))
        let start = Self.instant(values.text("start")) ?? (visit.now + .hours(1)).floored(to: .minutes(15))
        let data: PageData = [
            "start": String(start.description.dropLast(4)), "minutes": values.optional("minutes") ?? "60",
            "reduce": values.optional("reduce") ?? "10", "priority": values.optional("priority") ?? "1",
            "comment": values.text("comment"), "isTest": values.isOn("test"), "errors": errors,
            "hasErrors": !errors.isEmpty, "hasVENs": !vens.isEmpty,
            "programs": programs.map { program in
                [
                    "context": program.marketContext, "name": program.name,
                    "isOn": program.marketContext == values.text("program"),
                ] as PageData
            },
            "vens": vens.map { ven in
                [
                    "id": ven.id, "name": ven.name, "meters": ven.meters.joined(separator: ", "),
                    "isRegistered": ven.registration == "registered", "isOn": chosen.contains(ven.id),
                    "seen": Written.ago(ven.lastSeen, now: visit.now),
                ] as PageData
            },
        ]
        return try portal.page(
            "event-new", "Call an event", visit, data, status: errors.isEmpty ? .ok : .badRequest)
    }

    func preview(_ values: Form) async throws -> Response {
        let (order, errors) = try await order(values)
        guard let order else { return try await form(values, errors: errors) }
        let window = TimeWindow(start: order.start, duration: order.duration)
        var rows: [PageData] = []
        var asked = 0.0
        var foreseen = 0.0
        let vens = Dictionary(try await allVENs().map { ($0.id, $0) }, uniquingKeysWith: { one, _ in one })
        for part in order.reductions {
            let load = try await forecastLoad(part.ven, window)
            asked += part.kilowatts
            foreseen += load ?? 0
            rows.append([
                "ven": part.ven, "name": vens[part.ven]?.name ?? part.ven,
                "meters": vens[part.ven]?.meters.joined(separator: ", ") ?? "",
                "asked": Written.number(part.kilowatts, 1), "load": load.map { Written.number($0, 1) } ?? "no forecast",
                "isTooMuch": load.map { $0 < part.kilowatts } ?? false,
                "isSilent": vens[part.ven]?.registration != "registered",
            ])
        }
        let data: PageData = [
            "id": order.id.rawValue, "start": Written.time(order.start),
            "startField": String(order.start.description.dropLast(4)),
            "end": Written.time(window.end), "span": Written.span(order.duration),
            "minutes": order.duration.seconds / 60,
            "program": order.marketContext, "priority": order.priority, "comment": order.comment ?? "",
            "isTest": order.isTest, "rows": rows, "asked": Written.number(asked, 1),
            "load": Written.number(foreseen, 1), "count": rows.count, "reduce": values.text("reduce"),
            "isSoon": order.start - visit.now < .minutes(10),
        ]
        return try portal.page("event-preview", "Look before you publish", visit, data)
    }

    func publish(_ values: Form) async throws -> Response {
        let (order, errors) = try await order(values)
        guard let order else { return try await form(values, errors: errors) }
        let record: EventRecord
        do {
            record = try await portal.publish(order, visit)
        } catch let problem as Problem where problem.status == .conflict {
            // The same form sent twice: the first one has published the event.
            guard let known = try await portal.events.event(order.id.rawValue, seenBy: try visit.viewer) else {
                throw problem
            }
            return .redirect(to: "/events/\(Links.encode(known.record.eventID.rawValue))")
        }
        return .redirect(to: "/events/\(Links.encode(record.eventID.rawValue))?done=published")
    }

    // MARK: Reading the form

    /// `2026-07-15T17:00`, as a browser's field gives it, in UTC.
    static func instant(_ text: String) -> Instant? {
        Instant(told: text.count == 16 ? "\(text):00Z" : text.hasSuffix("Z") ? text : "\(text)Z")
    }

    private func order(_ values: Form) async throws -> (order: EventOrder?, errors: [String: String]) {
        var errors: [String: String] = [:]
        let start = Self.instant(values.text("start"))
        if let start, start >= visit.now - .minutes(1), start <= visit.now + .days(366) {
        } else {
            errors["start"] = "Give a time from now on, within a year."
        }
        let minutes = Int64(values.text("minutes")).flatMap { (1...10_080).contains($0) ? $0 : nil }
        if minutes == nil { errors["minutes"] = "Give 1 to 10080 minutes." }
        let reduce = Double(values.text("reduce")).flatMap { $0.isFinite && $0 > 0 && $0 < 1e6 ? $0 : nil }
        if reduce == nil { errors["reduce"] = "Give a number of kilowatts above 0." }
        let priority = UInt32(values.text("priority")).flatMap { $0 <= 100 ? $0 : nil }
        if priority == nil { errors["priority"] = "Give 0 to 100." }
        let known = Set(try await allVENs().map(\.id))
        let chosen = Array(Set(values.all("ven"))).sorted()
        if chosen.isEmpty || !known.isSuperset(of: chosen) { errors["ven"] = "Choose at least one VEN." }
        let comment = values.optional("comment")
        if (comment?.count ?? 0) > 500 { errors["comment"] = "Use at most 500 characters." }
        let program = values.optional("program") ?? EventOrder.manualProgramme
        if program.count > 256 { errors["program"] = "Choose a programme." }
        guard let start, let minutes, let reduce, let priority, errors.isEmpty else { return (nil, errors) }
        let id =
            values.optional("id").flatMap { Self.isID($0) ? $0 : nil }
            ?? "event-\(portal.parts.makeID().prefix(8).lowercased())"
        return (
            EventOrder(
                id: EventID(id), marketContext: program, start: start, duration: .minutes(minutes),
                reductions: chosen.map { ($0, reduce) }, priority: priority, isTest: values.isOn("test"),
                comment: comment),
            [:]
        )
    }

    static func isID(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                let scalar = Unicode.Scalar(byte)
                return byte < 0x80
                    && (scalar.properties.isAlphabetic || (0x30...0x39).contains(byte)
                        || "-_.".unicodeScalars.contains(scalar))
            }
    }

    // MARK: What is known of the VENs

    private func allVENs() async throws -> [PortfolioQueries.VEN] {
        var vens: [PortfolioQueries.VEN] = []
        var after: String?
        while vens.count < 2_000 {
            let part = try await portal.portfolio.vens(seenBy: try visit.viewer, PartRequest(after: after, limit: 200))
            vens += part.rows
            guard part.hasMore, let last = part.rows.last else { break }
            after = last.id
        }
        return vens
    }

    /// The mean power that the VEN's meters are expected to draw in the window: by their forecast, or, where there is
    /// none, as in the same hours a week before. Nil where neither is known.
    private func forecastLoad(_ ven: String, _ window: TimeWindow) async throws -> Double? {
        var total: Double?
        for meter in try await portal.series.meters(of: ven) {
            if let forecast = try await portal.forecasts.latest(of: meter, for: window) {
                let inside = forecast.intervals.filter { window.contains($0.window.start) }
                let hours = inside.reduce(0) { $0 + $1.window.duration.hours }
                if hours > 0 { total = (total ?? 0) + inside.reduce(0) { $0 + $1.mean.kilowattHours } / hours }
                continue
            }
            let before = TimeWindow(start: window.start - .days(7), duration: window.duration)
            let readings = try await portal.readings.readings(of: meter, in: before)
            let hours = readings.filter { $0.energy != nil }.reduce(0) { $0 + $1.duration.hours }
            if hours > 0 {
                total = (total ?? 0) + readings.reduce(0) { $0 + ($1.energy?.kilowattHours ?? 0) } / hours
            }
        }
        return total
    }
}
