import DemandResponse
import Foundation
import Measures
import Testing

@testable import curtail

/// A programme's report as people get it: table, CSV and the page to print.
@Suite struct ProgramReportFormsTests {
    private static let start = Instant(year: 2026, month: 7, day: 15, hour: 17)

    private static func row(
        _ meter: String, event: String = "e", days: Int64 = 0, feeder: String = "F1", customerClass: String = "home",
        target: Double? = 4_000, reduction: Int64 = 3_000, payment: Int64 = 600, error: Double? = 0.05,
        rent: Double? = 12
    ) -> ProgramReport.Row {
        ProgramReport.Row(
            event: ProgramEventID(event), start: start + .days(days), meter: meter, feeder: feeder,
            customerClass: customerClass, target: target, reduction: reduction, payment: payment, baselineError: error,
            noiseRent: rent)
    }

    private static func report(_ rows: [ProgramReport.Row]) -> ProgramReport {
        ProgramReport(programme: "Peak <2026>", currency: .eur, rows: rows)
    }

    @Test func `groups show delivered against target, cost, and rent where it is known`() {
        let report = Self.report([
            Self.row("m1"), Self.row("m2", feeder: "F2", customerClass: "shop", target: nil, error: nil, rent: nil),
            Self.row("m1", event: "f", days: 1, reduction: -1_000, payment: 0),
        ])
        let table = report.rendered()
        let lines = table.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(lines.contains("e 2 4.0 6.0 150 % 12.00 EUR 2.000 0.12"))
        #expect(lines.contains("f 1 4.0 -1.0 -25 % 0.00 EUR - 0.12"))
        let total = lines.first { $0.hasPrefix("total 2 8.0 5.0 ") }
        #expect(total?.hasSuffix(" 12.00 EUR 2.400 0.24") == true)
        #expect(lines.contains("F2 1 0.0 3.0 - 6.00 EUR 2.000 -"))
        #expect(lines.contains("shop 1 0.0 3.0 - 6.00 EUR 2.000 -"))
        #expect(table.contains("Gini of the payments: 0.000"))
    }

    @Test func `deciles of the baseline's error have the same number of sites, and nobody is left out`() {
        let rows = (0..<25).map { Self.row("m\($0)", payment: Int64($0) * 100, error: Double($0) / 100) }
        let report = Self.report(rows + [Self.row("unknown", error: nil)])
        #expect(report.errorDeciles.count == 10)
        #expect(report.errorDeciles.map(\.sites).reduce(0, +) == 25)
        #expect(report.errorDeciles.allSatisfy { (2...3).contains($0.sites) })
        #expect(report.errorDeciles.first?.name == "error up to 1.0 %")
        #expect(report.errorDeciles.last?.name == "error up to 24.0 %")
        #expect(Self.report([]).errorDeciles.isEmpty && Self.report([]).gini == 0)
    }

    @Test func `a cell is no formula and no second cell`() {
        let csv = Self.report([
            Self.row("=1+2", feeder: "a,b", customerClass: "say \"hi\"", payment: -50), Self.row("-x"), Self.row("@y"),
        ]).csv
        let lines = csv.split(separator: "\n")
        #expect(lines[0].hasPrefix("event,start,meter,feeder,class,target_kwh,reduction_kwh,payment,currency"))
        #expect(
            lines[1]
                == "e,2026-07-15T17:00:00Z,'=1+2,\"a,b\",\"say \"\"hi\"\"\",4.000,3.000,-0.50,EUR,0.0500,0.1200")
        #expect(lines[2].contains(",'-x,") && lines[3].contains(",'@y,"))
    }

    @Test func `the page needs nothing else and takes names as text`() {
        let page = Self.report([Self.row("m", customerClass: "<script>alert(1)</script>")]).page
        #expect(page.hasPrefix("<!doctype html>") && page.hasSuffix("</html>"))
        #expect(page.contains("Peak &lt;2026&gt;") && !page.contains("<script"))
        #expect(page.contains("<svg") && page.contains("@media print"))
        #expect(!page.contains("http://") || !page.contains("src="))
        #expect(Self.report([]).page.contains("0 settlements"))
    }
}
