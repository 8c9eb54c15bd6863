import Accounts
import DemandResponse
import HTTPTypes
import Hummingbird
import Measures
import MeterData
import Persistence

/// The readings of a meter as a table, with what was changed about them, by whom and why. A change is a version over the
/// readings as they came: it can be undone, and nothing is lost.
enum ReadingPages {
    static let routes: [Route] = [
        .page(.get, "/meters/{meter}/readings", .needs(.seeOwn), "A day's readings as a table") { visit in
            try await table(visit)
        },
        .page(.post, "/meters/{meter}/readings", .needs(.editReadings), "Change a reading", change),
        .page(
            .post, "/meters/{meter}/edits/{edit}/undo", .needs(.editReadings), "Undo a change of readings"
        ) { visit in
            let row = try await MeterPages.meter(visit)
            let edit = try await undo(row.meter, visit)
            return .redirect(to: address(row.meter, edit.window.start, done: "undone"))
        },
    ]

    private static func address(_ meter: Meter, _ start: Instant, done: String) -> String {
        let day = start.floored(to: .days(1))
        return "/meters/\(meter.id.rawValue)/readings?from=\(day)&to=\(day + .days(1))&done=\(done)"
    }

    private static func table(
        _ visit: Visit, window chosen: TimeWindow? = nil, editing: Instant? = nil, errors: [String: String] = [:]
    ) async throws -> Response {
        let row = try await MeterPages.meter(visit)
        let window = try chosen ?? MeterPages.window(visit, latest: row.lastReading, days: 1)
        guard window.duration <= .days(7) else { throw Problem.badRequest("The table shows at most seven days.") }
        let stored = try await visit.portal.readings.storedReadings(of: row.meter.id, in: window)
        let raw = Dictionary(stored.map { ($0.reading.start, $0) }, uniquingKeysWith: { one, _ in one })
        let readings = try await visit.portal.cleanings.readings(of: row.meter.id, in: window)
        let editing = editing ?? Instant(told: visit.query.text("edit"))
        let mayEdit = try visit.viewer.may(.editReadings)
        var data = MeterPages.line(row, visit.now)
        data["from"] = String(window.start.description.prefix(10))
        data["to"] = String(window.end.description.prefix(10))
        data["fromExact"] = window.start.description
        data["toExact"] = window.end.description
        data["before"] = (window.start - window.duration).description
        data["beforeEnd"] = window.start.description
        data["after"] = window.end.description
        data["afterEnd"] = (window.end + window.duration).description
        data["isEmpty"] = readings.isEmpty
        data["mayEdit"] = mayEdit
        data["rows"] = readings.map { reading -> PageData in
            let source = raw[reading.window.start]
            let power = reading.energy.map { Written.number($0.meanPower(over: reading.window.duration).kilowatts, 2) }
            return [
                "start": Written.time(reading.window.start), "machine": reading.window.start.description,
                "value": reading.energy.map { Written.number($0.kilowattHours, 3) } ?? "–", "power": power ?? "–",
                "shed": reading.shed.map { Written.number($0.kilowattHours, 3) } ?? "",
                "quality": source?.quality.rawValue ?? reading.quality.rawValue,
                "source": source.map { $0.source == .telemetry ? "VEN" : $0.source == .file ? "file" : "register" }
                    ?? "–",
                "isChanged": reading.edit != nil, "kind": reading.edit?.rawValue ?? "",
                "was": source?.reading.energy.map { Written.number($0.kilowattHours, 3) } ?? "nothing",
            ]
        }
        if mayEdit, let editing, let reading = readings.first(where: { $0.window.start == editing }) {
            data["form"] =
                [
                    "machine": editing.description, "start": Written.time(editing),
                    "value": reading.energy.map { "\($0.kilowattHours)" } ?? "",
                    "valueError": errors["kwh"] ?? "", "reasonError": errors["reason"] ?? "",
                ] as PageData
        }
        try await history(row.meter, mayEdit, visit, &data)
        return try visit.portal.page(
            "readings", "Readings of \(row.meter.description.name)", visit, data,
            status: errors.isEmpty ? .ok : .badRequest)
    }

    private static func history(
        _ meter: Meter, _ mayEdit: Bool, _ visit: Visit, _ data: inout PageData
    ) async throws {
        let versions = try await visit.portal.cleanings.cleanings(of: meter.id).prefix(50)
        data["versions"] = versions.map { version in
            [
                "id": version.id.rawValue, "at": Written.time(version.madeAt), "actor": version.actor.name,
                "reason": version.reason, "edits": version.edits, "start": Written.time(version.window.start),
                "isUndone": version.undoneAt != nil, "mayUndo": mayEdit && version.undoneAt == nil,
                "by": version.rules == nil ? "by hand" : "by rules",
            ] as PageData
        }
        data["hasVersions"] = !versions.isEmpty
        data["meterID"] = meter.id.rawValue
    }

    // MARK: Changing

    @Sendable private static func change(_ visit: Visit) async throws -> Response {
        let row = try await MeterPages.meter(visit)
        let form = try visit.form
        guard let start = Instant(told: form.text("start")) else {
            throw Problem.badRequest("The interval is missing.")
        }
        var errors: [String: String] = [:]
        let text = form.text("kwh").replacing(",", with: ".")
        let value = Double(text)
        if !text.isEmpty, !(value.map { $0.isFinite && $0.magnitude < 1e9 } ?? false) {
            errors["kwh"] = "Give a number of kWh, or nothing where no value is to be believed."
        }
        if !(1...190).contains(form.text("reason").count) { errors["reason"] = "Say why, in at most 190 characters." }
        guard errors.isEmpty else {
            let day = TimeWindow(start: start.floored(to: .days(1)), duration: .days(1))
            return try await table(visit, window: day, editing: start, errors: errors)
        }
        _ = try await edit(
            row.meter, at: start, to: value.map { WattHours($0 * 1_000) }, reason: form.text("reason"), visit)
        return .redirect(to: address(row.meter, start, done: "edited"))
    }

    /// Makes the change, and notes where it came from.
    static func edit(
        _ meter: Meter, at start: Instant, to energy: WattHours?, reason: String, _ visit: Visit
    ) async throws -> CleaningID {
        do {
            return try await visit.portal.cleanings.edit(
                meter.id, at: start, to: energy, by: Actor(try visit.viewer.email), reason: reason,
                from: visit.address)
        } catch let refusal as CleaningRefusal {
            throw Problem.conflict("\(refusal)")
        }
    }

    /// Undoes a change of that meter, and of no other one.
    static func undo(_ meter: Meter, _ visit: Visit) async throws -> Cleaning {
        let id = CleaningID(try visit.number("edit"))
        guard let version = try await visit.portal.cleanings.cleanings(of: meter.id).first(where: { $0.id == id })
        else {
            throw Problem.notFound
        }
        do {
            try await visit.portal.cleanings.undo(
                id, by: Actor(try visit.viewer.email), reason: "undone in the portal", from: visit.address)
        } catch let refusal as CleaningRefusal {
            throw Problem.conflict("\(refusal)")
        }
        return version
    }
}
