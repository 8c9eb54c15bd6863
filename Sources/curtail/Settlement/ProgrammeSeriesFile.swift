import ArgumentParser
import Foundation
import Measures
import MeterData

/// A CSV file of a time and a value in each line.
enum ProgrammeSeriesFile {
    private struct Imported: Encodable {
        let programme: String
        let count: Int
        let from: String?
        let to: String?
    }

    static func validate(step: Int64) throws {
        guard (1...1_440).contains(step) else { throw ValidationError("--step takes 1 to 1440 minutes, not \(step).") }
    }

    /// Every line, or a refusal that names the first line that is wrong.
    static func rows<Value>(
        _ path: String, header: String, step: TimeSpan, _ value: (String) throws -> Value
    ) throws -> [(window: TimeWindow, value: Value)] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure("The file \(path) cannot be read.", hint: "give a CSV file", status: .usage)
        }
        var rows: [(window: TimeWindow, value: Value)] = []
        var starts: Set<Instant> = []
        var isHeader = true
        func take(_ row: CSVRow) throws {
            if isHeader {
                isHeader = false
                guard row.texts.map({ $0.lowercased() }) == ["start", header] else {
                    throw SheetError(
                        "\(path) does not begin with the line start,\(header).", hint: "see --help for an example"
                    ).failure
                }
                return
            }
            guard row.count == 2, let start = Instant(utc: row.text(0)), starts.insert(start).inserted else {
                throw SheetError(
                    "Line \(row.line) of \(path) is no new time like 2026-07-15T17:00:00Z and a value.",
                    hint: "mend the line; nothing was imported"
                ).failure
            }
            rows.append((TimeWindow(start: start, duration: step), try value(row.text(1))))
        }
        var tokenizer = CSVTokenizer()
        do {
            for byte in data where try tokenizer.push(byte) { try take(tokenizer.row) }
            if try tokenizer.finish() { try take(tokenizer.row) }
        } catch let error as CSVError {
            throw SheetError(
                "Line \(error.line) of \(path): \(error.found) instead of \(error.expected).",
                hint: "mend the line; nothing was imported"
            ).failure
        }
        guard !rows.isEmpty else {
            throw SheetError("\(path) has no values.", hint: "see --help for an example").failure
        }
        return rows
    }

    static func report(_ programme: String, _ windows: [TimeWindow], _ what: String, _ json: Bool) throws {
        let imported = Imported(
            programme: programme, count: windows.count, from: windows.map(\.start).min()?.description,
            to: windows.map(\.end).max()?.description)
        print(
            json
                ? try JSONOutput.text(imported)
                : "\(windows.count) \(what) of \(programme), from \(imported.from ?? "") to \(imported.to ?? "").")
    }
}
