import Foundation
import Measures
import MeterData
import Testing

/// The tokenizer beside another reader of CSV, Python's, on random tables. Skipped where there is no python3.
@Suite struct CSVOracleTests {
    private static let python = ["/usr/bin/python3", "/usr/local/bin/python3", "/bin/python3"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    private static let reader = """
        import csv, json, sys
        tables = []
        for name in json.load(open(sys.argv[1]))["files"]:
            with open(name, newline="", encoding="utf-8-sig") as file:
                rows = csv.reader(file, delimiter=name[-1], strict=True)
                tables.append([row for row in rows if row])
        json.dump(tables, open(sys.argv[2], "w"))
        """

    private static let pieces = [
        "a", "7", "3,5", "1.25", "ü", "Ω", "ａ", " ", "\"", "\"\"", "\n", "\r\n", "\r", ",", ";", "|",
        "2026-07-01 00:15",
    ]

    private static func table(_ random: inout SplitMix64, delimiter: Character) -> String {
        func below(_ count: Int) -> Int { Int(random.next() >> 33) % count }
        var text = below(4) == 0 ? "\u{FEFF}" : ""
        let rows = below(12)
        for row in 0..<rows {
            let cells = (0...below(5)).map { _ in
                let cell = (0..<below(5)).map { _ in pieces[below(pieces.count)] }.joined()
                let mustQuote = cell.utf8.contains { byte in
                    [delimiter.asciiValue, 0x22, 0x0A, 0x0D].contains(byte)
                }
                guard mustQuote || below(5) == 0 else { return cell }
                let parts = cell.split(separator: "\"", omittingEmptySubsequences: false)
                return "\"" + parts.joined(separator: "\"\"") + "\""
            }
            text += cells.joined(separator: String(delimiter))
            if row < rows - 1 || below(3) > 0 { text += below(2) == 0 ? "\n" : "\r\n" }
            if below(8) == 0 { text += "\n" }
        }
        return text
    }

    private static func rows(_ bytes: [UInt8], delimiter: Character, inPiecesOf size: Int) throws -> [[String]] {
        var tokenizer = CSVTokenizer(delimiter: delimiter.asciiValue ?? 0)
        var rows: [[String]] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            let piece = Array(bytes[start..<min(start + size, bytes.count)])
            var index = 0
            while try tokenizer.push(piece, from: &index) { rows.append(tokenizer.row.texts) }
        }
        if try tokenizer.finish() { rows.append(tokenizer.row.texts) }
        return rows
    }

    @Test(.enabled(if: python != nil)) func `random tables are read as Python reads them`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "csv-oracle-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var random = SplitMix64(seed: 5)
        var files: [(path: String, delimiter: Character, bytes: [UInt8])] = []
        for index in 0..<400 {
            let delimiter: Character = [",", ";", "|"][index % 3]
            let path = folder.appending(path: "\(index)\(delimiter)").path
            let text = Self.table(&random, delimiter: delimiter)
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            files.append((path, delimiter, Array(text.utf8)))
        }
        let list = folder.appending(path: "list").path
        let answer = folder.appending(path: "answer").path
        try JSONEncoder().encode(["files": files.map(\.path)]).write(to: URL(fileURLWithPath: list))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.python))
        process.arguments = ["-c", Self.reader, list, answer]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let tables = try JSONDecoder().decode([[[String]]].self, from: Data(contentsOf: URL(fileURLWithPath: answer)))
        #expect(tables.count == files.count)
        for (file, expected) in zip(files, tables) {
            let rows = try Self.rows(file.bytes, delimiter: file.delimiter, inPiecesOf: 1 + file.bytes.count % 7)
            #expect(rows == expected, "\(String(decoding: file.bytes, as: UTF8.self).debugDescription)")
        }
        #expect(tables.joined().count > 1_000)
    }
}
