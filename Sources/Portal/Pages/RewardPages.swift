import Accounts
import DemandResponse
import Hummingbird
import Measures
import Persistence
import Plots

/// What was earned, and why.
enum RewardPages {
    static let routes: [Route] = [
        .page(.get, "/rewards", .needs(.seeOwn), "List of rewards", list),
        .page(.get, "/rewards.csv", .needs(.seeOwn), "Rewards as CSV", csv),
        .page(.get, "/rewards/{reward}", .needs(.seeOwn), "How a reward was worked out", show),
    ]

    @Sendable private static func list(_ visit: Visit) async throws -> Response {
        let viewer = try visit.viewer
        let part = try await visit.portal.rewards.rewards(
            event: visit.query.optional("event"), seenBy: viewer, PartRequest(after: Int64(visit.query.text("after"))))
        let total = try await visit.portal.rewards.total(since: Instant(secondsSinceEpoch: 0), seenBy: viewer)
        var data: PageData = [
            "rows": part.rows.map(line), "isEmpty": part.rows.isEmpty,
            "total": total.map { Written.money($0) }, "hasTotal": !total.isEmpty,
        ]
        if part.hasMore, let last = part.rows.last { data["more"] = last.id }
        return try visit.portal.page("rewards", "Rewards", visit, data)
    }

    static func line(_ reward: RewardQueries.Reward) -> PageData {
        [
            "id": reward.id, "event": reward.event, "eventLink": Links.encode(reward.event),
            "start": Written.time(reward.eventStart), "meter": reward.meterName, "meterID": reward.meter.rawValue,
            "program": reward.program, "state": reward.state, "amount": Written.money(reward.amount),
            "energy": Written.energy(WattHours(Double(reward.audit.paidEnergy))),
            "booked": Written.time(reward.recordedAt),
            "revision": reward.revision,
        ]
    }

    @Sendable private static func show(_ visit: Visit) async throws -> Response {
        let id = try visit.number("reward")
        let found = try await visit.portal.rewards.rewards(id: id, seenBy: try visit.viewer, PartRequest(limit: 1))
        guard let reward = found.rows.first else { throw Problem.notFound }
        let audit = reward.audit
        let measured = audit.intervals.filter { $0.actual != nil }
        let baseline = measured.reduce(0) { $0 + $1.baseline }
        let actual = measured.reduce(0) { $0 + ($1.actual ?? 0) }
        var data = line(reward)
        data["rule"] = "\(audit.ruleID) \(audit.ruleVersion)"
        data["parameters"] = audit.parameters
        data["version"] = reward.formulaVersion
        data["days"] = audit.daysUsed.map { "\($0)" }
        data["dayCount"] = audit.daysUsed.count
        data["adjustment"] = Written.number(audit.adjustmentApplied, 4)
        data["rawAdjustment"] = audit.adjustmentBeforeClamp.map { Written.number($0, 4) } ?? "none"
        data["baseline"] = Written.energy(WattHours(Double(baseline)))
        data["actual"] = Written.energy(WattHours(Double(actual)))
        data["reduction"] = Written.energy(WattHours(Double(baseline - actual)))
        data["share"] = baseline > 0 ? Written.number(100 * Double(baseline - actual) / Double(baseline), 1) : "-"
        data["isFinal"] = reward.state == "final"
        data["intervals"] = audit.intervals.map { interval in
            [
                "start": Written.time(interval.window.start),
                "baseline": Written.number(Double(interval.baseline) / 1_000, 3),
                "actual": interval.actual.map { Written.number(Double($0) / 1_000, 3) } ?? "not measured",
                "reduction": interval.reduction.map { Written.number(Double($0) / 1_000, 3) } ?? "-",
            ] as PageData
        }
        if let plot = picture(reward) { data["svg"] = plot.html(id: "reward") }
        return try visit.portal.page("reward", "Reward \(reward.id)", visit, data, styles: ["plot.css"])
    }

    /// What the meter counted against what it would have counted, as mean power of each interval.
    private static func picture(_ reward: RewardQueries.Reward) -> Plot? {
        let intervals = reward.audit.intervals
        guard let first = intervals.first?.window, let last = intervals.last?.window,
            let window = TimeWindow(start: first.start, end: last.end)
        else { return nil }
        func points(_ value: (SettledInterval) -> Int64?) -> [PlotPoint] {
            // Each interval is drawn from its beginning to its end.
            intervals.flatMap { interval -> [PlotPoint] in
                let power =
                    value(interval).map {
                        WattHours(Double($0)).meanPower(over: interval.window.duration).kilowatts
                    } ?? .nan
                return [
                    PlotPoint(interval.window.start, power), PlotPoint(interval.window.end - .seconds(1), power),
                ]
            }
        }
        return Plot(
            title: "What was used against the baseline", span: window, zone: .utc, unit: "kW", showsZero: true,
            layers: [
                .line(PlotSeries("Baseline", .baseline, points { $0.baseline })),
                .line(PlotSeries("Used", .actual, points { $0.actual })),
            ], width: 960, height: 280)
    }

    @Sendable private static func csv(_ visit: Visit) async throws -> Response {
        let viewer = try visit.viewer
        var text =
            "place,event,event_start,meter,programme,terms,revision,state,paid_energy_wh,amount,currency,booked\r\n"
        var after: Int64?
        while true {
            let part = try await visit.portal.rewards.rewards(seenBy: viewer, PartRequest(after: after, limit: 200))
            for reward in part.rows {
                let cells = [
                    "\(reward.id)", reward.event, reward.eventStart.description, reward.meterName, reward.program,
                    reward.formulaVersion, "\(reward.revision)", reward.state, "\(reward.audit.paidEnergy)",
                    String(reward.amount.description.split(separator: " ")[0]), reward.amount.currency.rawValue,
                    reward.recordedAt.description,
                ]
                text += cells.map(CSVText.cell).joined(separator: ",") + "\r\n"
            }
            guard part.hasMore, let last = part.rows.last else { break }
            after = last.id
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/csv; charset=utf-8", .cacheControl: "no-store",
                .contentDisposition: "attachment; filename=\"rewards.csv\"",
            ], body: ResponseBody(byteBuffer: .init(string: text)))
    }
}

/// Cells of a file that people open with a spreadsheet.
enum CSVText {
    /// In quotes where that is needed (RFC 4180); a text that a spreadsheet would run as a formula gets an apostrophe (W9).
    static func cell(_ text: String) -> String {
        var text = text
        if let first = text.first, "=+-@\t\r".contains(first), Double(text) == nil { text = "'" + text }
        guard text.contains(where: { ",\"\r\n".contains($0) }) else { return text }
        return "\"" + text.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
    }
}
