import Foundation
import Measures
import Testing

@testable import curtail

/// Files of prices and temperatures: all of a file is taken, or nothing and the line is named.
@Suite struct ProgrammeSeriesFileTests {
    private func rows(_ text: String) throws -> [(window: TimeWindow, value: Int64)] {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("curtail-\(UUID().uuidString).csv")
            .path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return try ProgrammeSeriesFile.rows(path, header: "price", step: .minutes(30)) {
            try DecimalAmount.parse($0, "price", .usd, decimals: 6)
        }
    }

    @Test func `a file of prices, one of them below zero`() throws {
        let rows = try rows("Start,Price\r\n2026-07-15T17:00:00Z,0.0415\r\n2026-07-15T17:30:00Z,-12.5\r\n")
        #expect(rows.map(\.value) == [41_500, -12_500_000])
        let start = Instant(year: 2026, month: 7, day: 15, hour: 17)
        #expect(rows[0].window.start == start)
        #expect(rows[0].window.end == rows[1].window.start)
    }

    @Test(arguments: [
        ("time,price\n2026-07-15T17:00:00Z,1\n", "does not begin with the line start,price."),
        ("start,price\n", "has no values."), ("", "has no values."),
        ("start,price\n2026-07-15T17:00:00Z,1\nyesterday,1\n", "Line 3 of"),
        ("start,price\n2026-07-15T17:00:00Z,1\n2026-07-15T17:00:00Z,2\n", "Line 3 of"),
        ("start,price\n2026-07-15T17:00:00Z,1,2\n", "Line 2 of"),
        ("start,price\n2026-07-15T17:00:00Z,1e3\n", "'1e3' in price is no amount with at most 6 decimals."),
        ("start,price\n2026-07-15T17:00:00Z,\"1\n", "a closing quote"),
    ])
    func `a wrong line is named and nothing is taken`(text: String, message: String) {
        #expect {
            try rows(text)
        } throws: { error in
            let failure = error as? CommandFailure
            return failure?.status == .refused && failure?.message.contains(message) == true
        }
    }
}
