import Measures
import Testing

@testable import MeterData

@Suite struct CellTests {
    private func bytes(_ text: String) -> ArraySlice<UInt8> { Array(text.utf8)[...] }

    @Test func `reads the double that Swift reads, for random decimals`() {
        var state: UInt64 = 3
        var wrong: [String] = []
        for _ in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let digits = String(state >> 8).prefix(Int(state % 17) + 1)
            let cut = Int(state >> 40) % (digits.count + 1)
            let text = "\(state & 1 == 0 ? "-" : "")\(digits.prefix(cut)).\(digits.dropFirst(cut))"
            guard digits.count > 0, cut > 0 else { continue }
            let expected = Double(text.hasSuffix(".") ? text + "0" : text)
            if Cell.decimal(bytes(text)) != expected { wrong.append(text) }
        }
        #expect(wrong.isEmpty)
    }

    @Test(arguments: ["", "-", ".", "abc", "1.2.3", "0x10", "inf", "1e999", "1 2", "--1", "1,5", "１"])
    func `refuses what is no decimal`(text: String) {
        #expect(Cell.decimal(bytes(text)) == nil)
    }

    @Test func `takes a comma for a point only where it is one`() {
        #expect(Cell.decimal(bytes("1,5"), decimalComma: true) == 1.5)
        #expect(Cell.decimal(bytes("+1.5e3")) == 1_500)
        #expect(Cell.decimal(bytes("0.1234567890123456789")) == 0.1234567890123456789)
    }

    @Test(arguments: [
        ("2025-07-01 14:05", nil, "2025-07-01T14:05:00"), ("2025-07-01T14:05:09", nil, "2025-07-01T14:05:09"),
        ("2025-07-01T14:05:09.25Z", 0, "2025-07-01T14:05:09UTC"),
        ("2025-07-01 14:05:09-08:00", -480, "2025-07-01T14:05:09UTC-08:00"),
        ("2025-07-01 14:05:09+0530", 330, "2025-07-01T14:05:09UTC+05:30"),
    ])
    func `reads times with and without a zone`(text: String, offset: Int64?, expected: String) throws {
        let stamp = try #require(TimeStamp(bytes(text)))
        #expect(stamp.offset == offset.map(TimeSpan.minutes))
        #expect(stamp.description == expected)
    }

    @Test(arguments: [
        "", "2025-07-01", "2025-07-01 24:00", "2025-07-01 14:60", "2025-07-01 14:05:60", "2025-07-01 14:05:09x",
        "2025-07-01 14:05:09+16:00", "2025-07-01 14:05:09+1:00", "2025-07-01 14:05:09+01:0", "2025-07-01 14:05:09.",
        "2025-02-29 14:05", "07/01/2025 14:05:00", "2025-07-01_14:05", "1899-07-01 14:05", "2025-07-01 14:05Zx",
    ])
    func `refuses what is no time`(text: String) {
        #expect(TimeStamp(bytes(text)) == nil)
    }
}
