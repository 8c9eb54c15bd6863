import MeterData
import Testing

@Suite struct CSVTokenizerTests {
    /// All records of some bytes, or the first error.
    private func rows(
        _ bytes: [UInt8], delimiter: Character = ",", limits: CSVLimits = CSVLimits()
    ) throws(CSVError) -> [[String]] {
        var tokenizer = CSVTokenizer(delimiter: delimiter.asciiValue ?? 0, limits: limits)
        var rows: [[String]] = []
        for byte in bytes where try tokenizer.push(byte) { rows.append(tokenizer.row.texts) }
        if try tokenizer.finish() { rows.append(tokenizer.row.texts) }
        return rows
    }

    /// The same by pieces of a few bytes.
    private func rows(
        _ bytes: [UInt8], inPiecesOf size: Int, limits: CSVLimits = CSVLimits()
    ) throws(CSVError) -> [[String]] {
        var tokenizer = CSVTokenizer(limits: limits)
        var rows: [[String]] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            let piece = Array(bytes[start..<min(start + size, bytes.count)])
            var index = 0
            while try tokenizer.push(piece, from: &index) { rows.append(tokenizer.row.texts) }
        }
        if try tokenizer.finish() { rows.append(tokenizer.row.texts) }
        return rows
    }

    @Test(arguments: [
        ("", []), ("\n\r\n\n", []), ("a", [["a"]]), ("a\n", [["a"]]), ("a,b\r\nc,d", [["a", "b"], ["c", "d"]]),
        (",", [["", ""]]), (",\n", [["", ""]]), ("\"\"", [[""]]), ("\"\"\n", [[""]]),
        ("\"a,b\"\"c\r\nd\",e\n", [["a,b\"c\r\nd", "e"]]), ("\u{FEFF}a,b\n", [["a", "b"]]),
        ("\u{FEFF}\"a\"\n", [["a"]]), ("ü,Ω\n", [["ü", "Ω"]]), ("ａ\n", [["ａ"]]), (" a , b \n", [[" a ", " b "]]),
    ])
    func `cuts text into cells`(text: String, expected: [[String]]) throws {
        #expect(try rows(Array(text.utf8)) == expected)
    }

    @Test(arguments: [
        (Array("a\nb\"c\n".utf8), 2), (Array("a\n\"b\"c\n".utf8), 2), (Array("a\n\n\"b\nc".utf8), 4),
        (Array("a\rb".utf8), 1), (Array("a\r".utf8), 1), (Array("\"\n\n\"x".utf8), 3), ([0x61, 0x0A, 0], 2),
        ([0x61, 0x0A, 0xC3, 0x0A], 2), ([0xC3, 0x2C, 0xA9, 0x0A], 1), ([0xEF, 0xBB], 1), ([0xEF, 0xBB, 0x61], 1),
        ([0xED, 0xA0, 0x80], 1), ([0xFF, 0xFE, 0x61, 0], 1),
    ])
    func `refuses what is no CSV and says on which line`(bytes: [UInt8], line: Int) {
        let error = #expect(throws: CSVError.self) { try rows(bytes) }
        #expect(error?.line == line)
    }

    @Test func `refuses more than its limits`() throws {
        var limits = CSVLimits()
        limits.columns = 2
        limits.cellBytes = 3
        limits.rowBytes = 5
        #expect(try rows(Array("abc,de\n".utf8), limits: limits) == [["abc", "de"]])
        for text in ["a,b,c", "abcd", "abc,def"] {
            #expect(throws: CSVError.self) { try rows(Array(text.utf8), limits: limits) }
        }
    }

    @Test func `pieces and single bytes are refused at the same place`() {
        var limits = CSVLimits()
        limits.cellBytes = 5
        limits.rowBytes = 8
        limits.columns = 3
        for text in [
            "abcdef", "ab\nabcde,abcd", "a,b,c,d", "ab\u{0}", "\u{FEFF}a,b", "a\"b", "ab\rc", "\"abcdef\"", "é,é\né",
        ] {
            let bytes = Array(text.utf8)
            let single = Result { () throws(CSVError) in try rows(bytes, limits: limits) }
            for size in [1, 2, 4, 100] {
                let pieces = Result { () throws(CSVError) in try rows(bytes, inPiecesOf: size, limits: limits) }
                #expect(pieces == single, "\(text.debugDescription) by \(size)")
            }
        }
    }

    /// What RFC 4180 says, written for plainness: on the whole text, with an index.
    private func reference(_ text: [UInt8]) -> [[[UInt8]]]? {
        var rows: [[[UInt8]]] = []
        var row: [[UInt8]] = []
        var index = 0
        while index < text.count || !row.isEmpty {
            var cell: [UInt8] = []
            if index < text.count, text[index] == 34 {
                index += 1
                while true {
                    guard index < text.count else { return nil }
                    if text[index] == 34 {
                        guard index + 1 < text.count, text[index + 1] == 34 else { break }
                        index += 1
                    }
                    cell.append(text[index])
                    index += 1
                }
                index += 1
            } else {
                while index < text.count, ![44, 10, 13].contains(text[index]) {
                    guard text[index] != 34 else { return nil }
                    cell.append(text[index])
                    index += 1
                }
                if row.isEmpty, cell.isEmpty, index >= text.count || text[index] != 44 {
                    // A blank line.
                    if index >= text.count { break }
                    guard text[index] == 10 || text[(index + 1)...].first == 10 else { return nil }
                    index += text[index] == 10 ? 1 : 2
                    continue
                }
            }
            row.append(cell)
            if index < text.count, text[index] == 44 {
                index += 1
                continue
            }
            if index < text.count, text[index] == 13 {
                index += 1
                guard index < text.count, text[index] == 10 else { return nil }
            }
            if index < text.count {
                guard text[index] == 10 else { return nil }
                index += 1
            }
            rows.append(row)
            row = []
        }
        return rows
    }

    @Test func `agrees with a plain splitter on twenty thousand random texts`() {
        let alphabet = Array("a1,,\"\"\n\n\r ".utf8)
        var state: UInt64 = 7
        var valid = 0
        for _ in 0..<20_000 {
            let bytes = (0..<Int(state >> 33) % 14).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return alphabet[Int(state >> 33) % alphabet.count]
            }
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let expected = reference(bytes)?.map { $0.map { String(decoding: $0, as: UTF8.self) } }
            if expected != nil { valid += 1 }
            let found = try? rows(bytes)
            guard found == expected else {
                Issue.record("\(String(decoding: bytes, as: UTF8.self).debugDescription): \(found as Any)")
                return
            }
            guard (try? rows(bytes, inPiecesOf: 1 + Int(state >> 20) % 14)) == expected else {
                Issue.record("\(String(decoding: bytes, as: UTF8.self).debugDescription) by pieces")
                return
            }
        }
        #expect(valid > 4_000 && valid < 16_000)
    }
}
