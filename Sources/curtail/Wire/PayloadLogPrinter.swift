import Foundation
import Measures
import OpenADR
import Persistence
import VirtualTopNode

/// Entries of the payload log, a line each.
struct PayloadLogPrinter: Sendable {
    let showsPayload: Bool
    let isJSON: Bool

    private struct Line: Encodable {
        let id: Int64
        let at: String
        let direction: String
        let ven: String?
        let fingerprint: String?
        let message: String?
        let requestID: String?
        let status: Int?
        let code: Int?
        let reason: String?
        let milliseconds: Double?
        let bytes: Int
        let warnings: [String]
        let payload: String
        let isCut: Bool
    }

    func print(_ entries: [PayloadLogStore.Entry]) throws {
        for entry in entries { Swift.print(isJSON ? try json(entry) : text(entry)) }
    }

    private func json(_ entry: PayloadLogStore.Entry) throws -> String {
        let record = entry.record
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line = Line(
            id: entry.id, at: record.at.description, direction: record.direction.rawValue,
            ven: record.venID?.rawValue, fingerprint: record.certificate?.fingerprint, message: record.message,
            requestID: record.requestID?.rawValue, status: record.status, code: record.code?.rawValue,
            reason: record.reason, milliseconds: record.microseconds.map { Double($0) / 1_000 }, bytes: record.size,
            warnings: record.warnings, payload: record.text, isCut: entry.isCut)
        return String(decoding: try encoder.encode(line), as: UTF8.self)
    }

    func text(_ entry: PayloadLogStore.Entry) -> String {
        let record = entry.record
        var words = [
            record.at.description, record.direction == .received ? "<" : ">",
            record.venID?.rawValue ?? record.certificate?.fingerprint ?? "-", record.message ?? "-",
        ]
        if let status = record.status, status != 200 { words.append("HTTP \(status)") }
        if let code = record.code { words.append("\(code)") }
        if let reason = record.reason { words.append(reason) }
        words.append("\(record.size) B")
        if let duration = record.microseconds { words.append("\((Double(duration) / 1_000).fixed(1)) ms") }
        var lines = [words.joined(separator: "  ")]
        lines += record.warnings.map { "    warning: \(Self.printable($0))" }
        if showsPayload, !record.text.isEmpty {
            lines.append("    \(Self.printable(record.text))\(entry.isCut ? " ..." : "")")
        }
        return lines.joined(separator: "\n")
    }

    /// Without what would steer a terminal.
    private static func printable(_ text: String) -> String {
        String(
            text.unicodeScalars.map { scalar in
                let isControl = scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
                let isBidirectional =
                    (0x202a...0x202e).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
                return isControl || isBidirectional ? " " : Character(scalar)
            })
    }
}
