import DemandResponse
import Measures
import Plots

/// A programme's report as tables, as CSV and as a page to print.
extension ProgramReport {
    private static let header = ["sites", "target kWh", "delivered kWh", "of target", "paid", "per kWh", "noise rent"]

    private func cells(_ group: Group) -> [String] {
        [
            "\(group.sites)", group.target.fixed(1), group.delivered.fixed(1),
            group.target > 0 ? "\((group.delivered / group.target * 100).fixed(0)) %" : "-",
            "\(group.paid.fixed(2)) \(currency.rawValue)", group.costPerKilowattHour?.fixed(3) ?? "-",
            group.noiseRent?.fixed(2) ?? "-",
        ]
    }

    private var sections: [(title: String, groups: [Group])] {
        [
            ("event", events + [total]), ("feeder", feeders), ("class", classes),
            ("baseline error on placebo days", errorDeciles),
        ]
    }

    func rendered() -> String {
        let tables = sections.filter { !$0.groups.isEmpty }.map { section in
            var table = TextTable([section.title] + Self.header, leftColumns: [0])
            for group in section.groups { table.add([group.name] + cells(group)) }
            return table.rendered()
        }
        return tables.joined(separator: "\n\n") + "\n\nGini of the payments: \(gini.fixed(3))"
    }

    /// One line for each site and event.
    var csv: String {
        let lines = rows.map { row in
            [
                row.event.rawValue, row.start.description, row.meter, row.feeder, row.customerClass,
                row.target.map { ($0 / 1_000).fixed(3) } ?? "", (Double(row.reduction) / 1_000).fixed(3),
                (Double(row.payment) / 100).fixed(2), currency.rawValue, row.baselineError?.fixed(4) ?? "",
                row.noiseRent.map { ($0 / 100).fixed(4) } ?? "",
            ].map(Self.quoted).joined(separator: ",")
        }
        let header =
            "event,start,meter,feeder,class,target_kwh,reduction_kwh,payment,currency,baseline_error,noise_rent"
        return ([header] + lines).joined(separator: "\n")
    }

    /// A cell that a spreadsheet would take for a formula begins with an apostrophe.
    private static func quoted(_ text: String) -> String {
        let isFormula = text.first.map { "=+@".contains($0) || ($0 == "-" && Double(text) == nil) } ?? false
        let safe = isFormula ? "'" + text : text
        guard safe.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return safe }
        return "\"" + safe.replacing("\"", with: "\"\"") + "\""
    }

    /// A page without a script, for the screen and for paper.
    var page: String {
        let tables = sections.filter { !$0.groups.isEmpty }.map { section in
            let rows = section.groups.map { group in
                "<tr><th scope=\"row\">\(Self.escaped(group.name))</th>"
                    + cells(group).map { "<td>\(Self.escaped($0))</td>" }.joined() + "</tr>"
            }
            let head = ([section.title] + Self.header).map { "<th scope=\"col\">\($0)</th>" }.joined()
            return
                "<h2>By \(section.title)</h2><table><thead><tr>\(head)</tr></thead><tbody>\(rows.joined())</tbody></table>"
        }
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>\(Self.escaped(programme))</title><style>
            body{font-family:system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}
            table{border-collapse:collapse;width:100%}td,th{padding:.2rem .5rem;text-align:right}
            th:first-child{text-align:left}thead th{border-bottom:2px solid}tbody tr{border-bottom:1px solid #bbb}
            @media(prefers-color-scheme:dark){body{background:#111;color:#ddd}}
            @media print{body{margin:0;max-width:none;background:#fff;color:#000}h2{break-after:avoid}
            tr,svg{break-inside:avoid}@page{size:A4;margin:15mm}}
            </style></head><body>
            <h1>\(Self.escaped(programme))</h1>
            <p>\(rows.count) settlements, \(total.delivered.fixed(1)) kWh delivered for
            \(total.paid.fixed(2)) \(currency.rawValue); Gini of the payments \(gini.fixed(3)).</p>
            \(plot?.svg(id: "delivered") ?? "")
            \(tables.joined(separator: "\n"))
            </body></html>
            """
    }

    /// Delivered beside asked, event by event; nil without events.
    private var plot: Plot? {
        let starts = Dictionary(rows.map { ($0.event.rawValue, $0.start) }, uniquingKeysWith: { one, _ in one })
        let points = events.compactMap { group in starts[group.name].map { (time: $0, group: group) } }
        guard let first = points.first, let last = points.last,
            let span = TimeWindow(start: first.time - .days(1), end: last.time + .days(2))
        else { return nil }
        return Plot(
            title: "Delivered and asked for", summary: "kWh of each event", span: span, zone: .utc, unit: "kWh",
            showsZero: true,
            layers: [
                .bars(
                    PlotSeries("delivered", .actual, points.map { PlotPoint($0.time, $0.group.delivered) }),
                    interval: .hours(12)),
                .line(PlotSeries("asked for", .limit, points.map { PlotPoint($0.time, $0.group.target) })),
            ])
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
