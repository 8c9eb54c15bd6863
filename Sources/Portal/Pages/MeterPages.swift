import Accounts
import DemandResponse
import Hummingbird
import Measures
import Persistence
import Plots

/// Meters: the list, one meter with its plot, its readings as a file.
enum MeterPages {
    static let routes: [Route] = [
        .page(.get, "/meters", .needs(.seeOwn), "List of meters", list),
        .page(.get, "/meters/{meter}", .needs(.seeOwn), "A meter with its plot", show),
        .page(.get, "/meters/{meter}/readings.csv", .needs(.seeOwn), "Readings as CSV", csv),
        .page(.get, "/meters/{meter}/plot.svg", .needs(.seeOwn), "The plot as a picture", picture),
    ]

    @Sendable private static func list(_ visit: Visit) async throws -> Response {
        let viewer = try visit.viewer
        let name = visit.query.optional("name")
        let after = Int64(visit.query.text("after"))
        let part = try await visit.portal.meters.meters(named: name, seenBy: viewer, PartRequest(after: after))
        var data: PageData = [
            "rows": part.rows.map { line($0, visit.now) }, "isEmpty": part.rows.isEmpty, "name": name ?? "",
            "mayManage": viewer.may(.manageMeters), "isSearch": name != nil,
        ]
        if part.hasMore, let last = part.rows.last { data["more"] = last.meter.id.rawValue }
        return try visit.portal.page("meters", "Meters", visit, data)
    }

    static func line(_ row: MeterQueries.Row, _ now: Instant) -> PageData {
        [
            "id": row.meter.id.rawValue, "name": row.meter.description.name, "zone": row.meter.description.zone,
            "step": Written.span(row.meter.description.step), "owners": row.owners.joined(separator: ", "),
            "ven": row.ven ?? "", "hasVEN": row.ven != nil, "latest": Written.time(row.lastReading),
            "ago": Written.ago(row.lastReading, now: now),
            "isStale": row.lastReading.map { now - $0 > .days(1) } ?? true,
        ]
    }

    /// The meter of the path, when it is the viewer's.
    static func meter(_ visit: Visit) async throws -> MeterQueries.Row {
        let id = MeterID(try visit.number("meter"))
        guard let row = try await visit.portal.meters.meter(id, seenBy: try visit.viewer) else {
            throw Problem.notFound
        }
        return row
    }

    // MARK: One meter

    /// The window that the query asks for, of one hour to 1100 days; without one the last days that have readings.
    static func window(_ visit: Visit, latest: Instant?, days: Int64 = 7) throws -> TimeWindow {
        let end = (latest ?? visit.now)
        func instant(_ name: String) throws -> Instant? {
            guard let text = visit.query.optional(name) else { return nil }
            let isDay = CivilDay(text) != nil
            guard let instant = Instant(told: isDay ? "\(text)T00:00:00Z" : text) else {
                throw Problem.badRequest("\(name) takes a day like 2026-07-15 or a time like 2026-07-15T17:00:00Z.")
            }
            return instant
        }
        let to = try instant("to") ?? (try instant("from").map { $0 + .days(days) } ?? end)
        let from = try instant("from") ?? to - .days(days)
        guard let window = TimeWindow(start: from, end: to), window.duration >= .hours(1),
            window.duration <= .days(1_100)
        else { throw Problem.badRequest("From has to be before to, by one hour to 1100 days.") }
        return window
    }

    private static let ranges: [(days: Int64, title: String)] = [(1, "Day"), (7, "Week"), (31, "Month"), (365, "Year")]

    private static let comparisons: [(word: String, title: String, span: TimeSpan)] = [
        ("day", "the day before", .days(1)), ("week", "the week before", .days(7)),
        ("year", "the year before (364 days)", .days(364)),
    ]

    @Sendable private static func show(_ visit: Visit) async throws -> Response {
        let row = try await meter(visit)
        let window = try window(visit, latest: row.lastReading)
        let compare = comparisons.first { $0.word == visit.query.text("compare") }
        let plot = try await MeterPlot.read(row.meter, window, back: compare?.span, visit)
        var data = line(row, visit.now)
        data["svg"] = plot.plot.html(id: "power")
        data["from"] = String(window.start.description.prefix(10))
        data["to"] = String(window.end.description.prefix(10))
        data["fromExact"] = window.start.description
        data["toExact"] = window.end.description
        data["ranges"] = ranges.map { range -> PageData in
            let start = window.end - .days(range.days)
            return [
                "title": range.title, "from": start.description, "to": window.end.description,
                "isOn": window.duration == .days(range.days),
            ]
        }
        data["comparisons"] = comparisons.map { choice in
            ["word": choice.word, "title": choice.title, "isOn": choice.word == compare?.word] as PageData
        }
        data["series"] = "/api/v1/meters/\(row.meter.id.rawValue)/series"
        data["hasReadings"] = row.lastReading != nil
        data["forecast"] = plot.forecastIntervals.isEmpty ? "" : plot.forecast?.model ?? ""
        data["hasForecast"] = !plot.forecastIntervals.isEmpty
        data["events"] = plot.events.map { event in
            ["id": event.id, "link": Links.encode(event.id), "start": Written.time(event.window.start)] as PageData
        }
        data["hasEvents"] = !plot.events.isEmpty
        let total = plot.actual.filter { $0.value.isFinite }
        data["peak"] = total.map(\.value).max().map { "\(Written.number($0, 2)) kW" } ?? "-"
        data["lowest"] = total.map(\.value).min().map { "\(Written.number($0, 2)) kW" } ?? "-"
        data["mayManage"] = try visit.viewer.may(.manageMeters)
        data["mayEdit"] = try visit.viewer.may(.editReadings)
        data["ownerList"] = row.owners
        return try visit.portal.page(
            "meter", row.meter.description.name, visit, data, scripts: ["dygraph.min.js", "meter.js"],
            styles: ["dygraph.min.css", "plot.css"])
    }

    @Sendable private static func picture(_ visit: Visit) async throws -> Response {
        let row = try await meter(visit)
        let plot = try await MeterPlot.read(row.meter, try window(visit, latest: row.lastReading), visit)
        return Response(
            status: .ok,
            headers: [
                .contentType: "image/svg+xml", .cacheControl: "no-store",
                .contentDisposition: "attachment; filename=\"meter-\(row.meter.id.rawValue).svg\"",
            ], body: ResponseBody(byteBuffer: .init(string: plot.plot.svg(style: .embedded))))
    }

    // MARK: Readings

    @Sendable private static func csv(_ visit: Visit) async throws -> Response {
        let row = try await meter(visit)
        let window = try window(visit, latest: row.lastReading)
        let readings = try await visit.portal.readings.storedReadings(of: row.meter.id, in: window)
        var text = "start,end,energy_wh,quality,source\r\n"
        for stored in readings {
            let value = stored.reading.energy.map { "\($0.value)" } ?? ""
            text +=
                "\(stored.reading.start),\(stored.reading.window.end),\(value),\(stored.quality),\(stored.source)\r\n"
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/csv; charset=utf-8", .cacheControl: "no-store",
                .contentDisposition: "attachment; filename=\"meter-\(row.meter.id.rawValue).csv\"",
            ], body: ResponseBody(byteBuffer: .init(string: text)))
    }
}
