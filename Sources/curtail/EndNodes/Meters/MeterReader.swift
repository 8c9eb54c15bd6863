import Foundation
import FoundationNetworking
import Logging
import Measures
import MeterData
import OpenADR
import VirtualEndNode

/// Asks the site's meters for as long as the VEN runs. One that fails leaves a gap, which the VTN hears of.
struct MeterReader: Sendable {
    let meters: [MeterSettings]
    let sink: SampledMeter
    let logger: Logger

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for meter in meters { group.addTask { try await serve(meter) } }
            try await group.waitForAll()
        }
    }

    private func serve(_ meter: MeterSettings) async throws {
        let time = SystemTime()
        var tail = GrowingFile()
        var wasFailing = false
        while !Task.isCancelled {
            let now = time.now()
            do {
                switch meter.input {
                case .command(let command):
                    let text = try await ChildProgram(command: command, limit: .seconds(30)).run()
                    try take(try Self.number(text), meter, at: now)
                case .url(let url, let field):
                    try take(try await Self.fetch(url, field: field), meter, at: now)
                case .csv(let path, let timeName, let valueName):
                    for row in try tail.rows(of: path, time: timeName, value: valueName) {
                        try sink.add(row.value * meter.factor, of: meter.resource, at: row.at, now: now)
                    }
                }
                if wasFailing { logger.notice("meter is back", metadata: ["resource": "\(meter.name)"]) }
                wasFailing = false
            } catch is CancellationError {
                return
            } catch let error as JournalError {
                throw error
            } catch {
                if !wasFailing {
                    logger.warning(
                        "meter does not answer", metadata: ["resource": "\(meter.name)", "reason": "\(error)"])
                }
                wasFailing = true
            }
            // On the grid of its step, so that the values of all meters belong together.
            try await time.sleep(until: time.now().floored(to: meter.every) + meter.every)
        }
    }

    private func take(_ number: Double, _ meter: MeterSettings, at now: Instant) throws {
        try sink.add(number * meter.factor, of: meter.resource, at: now, now: now)
    }

    /// The first word.
    private static func number(_ text: String) throws -> Double {
        guard let word = text.split(whereSeparator: \.isWhitespace).first, let number = Double(word), number.isFinite
        else { throw OutputFailure("'\(text.prefix(40))' is no number") }
        return number
    }

    private static func fetch(_ url: URL, field: String?) async throws -> Double {
        let (data, response) = try await URLSession.shared.data(for: URLRequest(url: url, timeoutInterval: 10))
        guard let status = (response as? HTTPURLResponse)?.statusCode, status == 200 else {
            throw OutputFailure("\(url) answered \((response as? HTTPURLResponse)?.statusCode ?? 0)")
        }
        guard let field else { return try number(String(decoding: data.prefix(200), as: UTF8.self)) }
        var value: Any? = try JSONSerialization.jsonObject(with: data, options: [.fragmentsAllowed])
        for name in field.split(separator: ".") {
            if let list = value as? [Any], let index = Int(name), list.indices.contains(index) {
                value = list[index]
            } else {
                value = (value as? [String: Any])?[String(name)]
            }
        }
        if let number = value as? Double, number.isFinite { return number }
        if let text = value as? String { return try number(text) }
        throw OutputFailure("\(url) has no number in '\(field)'")
    }
}

extension MeterSettings {
    fileprivate var name: String { resource?.rawValue ?? "the VEN" }
}

/// A CSV file to which rows are added: each call gives those that came since the one before.
struct GrowingFile {
    private var offset: UInt64 = 0
    private var columns: (time: Int, value: Int)?

    private static let most = 64 << 20

    /// Times are UTC (2026-07-01T12:00:00Z) or seconds since the epoch. A row without a number has no value. A file that
    /// became shorter is another one, and read from its start.
    mutating func rows(of path: String, time: String, value: String) throws -> [(at: Instant, value: Double)] {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        if try file.seekToEnd() < offset { (offset, columns) = (0, nil) }
        try file.seek(toOffset: offset)
        let data = try file.read(upToCount: Self.most) ?? Data()
        // The last line may still be on its way.
        guard let end = data.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        var tokenizer = CSVTokenizer()
        var rows: [(at: Instant, value: Double)] = []
        for byte in data[...end] where try tokenizer.push(byte) {
            let row = tokenizer.row
            guard let columns else {
                guard let timeColumn = row.texts.firstIndex(of: time), let valueColumn = row.texts.firstIndex(of: value)
                else { throw OutputFailure("\(path) has no columns '\(time)' and '\(value)' in its first line") }
                columns = (timeColumn, valueColumn)
                continue
            }
            guard max(columns.time, columns.value) < row.count, let number = Double(row.text(columns.value)) else {
                continue
            }
            let text = row.text(columns.time)
            if let moment = Instant(utc: text) ?? Int64(text).map(Instant.init(secondsSinceEpoch:)) {
                rows.append((moment, number))
            }
        }
        offset += UInt64(end - data.startIndex + 1)
        return rows
    }
}
