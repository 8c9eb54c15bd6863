import Foundation
import Testing

@testable import curtail

@Suite struct JSONTextTests {
    @Test(arguments: ["plain", "\"quotes\" and \\", "line\nbreak\r\ttab", "\u{1}\u{7F}\u{1F}", "grün 🌱", ""])
    func `a quoted text reads back as itself`(text: String) throws {
        let quoted = JSONText.quoted(text)
        #expect(!quoted.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F })
        #expect(try JSONDecoder().decode([String].self, from: Data("[\(quoted)]".utf8)) == [text])
    }
}
