import MariaDB
import Measures
import OpenADR
public import VirtualTopNode

/// Runs of polls: one row each, read as what they stand for.
extension PayloadLogStore {
    /// Adds the runs, all or none.
    public func append(_ runs: [PollRun]) async throws {
        guard !runs.isEmpty else { return }
        let rows = runs.compactMap { run in run.polls.first.map { (run, $0.at) } }.sorted { $0.1 < $1.1 }.map(Self.row)
        _ = try await pool.transaction { connection in
            try connection.executeBatch(
                """
                INSERT INTO payload_log (at, direction, ven_id, certificate, message, microseconds, size, text, warnings,
                    answer, polls)
                VALUES (?, 'received', ?, ?, 'oadrPoll', ?, ?, ?, '[]', ?, ?)
                """, rows: rows)
        }
    }

    private static func row(_ run: PollRun, from first: Instant) -> [MariaDBValue] {
        let polls = run.polls.map { "\(($0.at - first).seconds):\($0.microseconds)" }.joined(separator: " ")
        return [
            .instant(first), .text(run.venID.rawValue), .bytes(run.certificate.bytes),
            .integer(run.polls.reduce(0) { $0 + $1.microseconds }), .count(run.exchange.poll.count),
            .text(String(decoding: run.exchange.poll, as: UTF8.self)),
            .text(String(decoding: run.exchange.answer, as: UTF8.self)), .text(polls),
        ]
    }

    /// The polls and answers of a row; nil for a row that is one message.
    static func run(_ row: MariaDBRow) throws -> PollRun? {
        guard let polls = try row.optionalText("polls") else { return nil }
        guard let certificate = CertificateDigest(bytes: try row.bytes("certificate")) else {
            throw StoredDataError(column: "certificate")
        }
        let first = try row.instant("at")
        return PollRun(
            venID: VENID(try row.text("ven_id")), certificate: certificate,
            exchange: IdleExchange(
                poll: Array(try row.text("text").utf8), answer: Array(try row.optionalText("answer")?.utf8 ?? "".utf8)),
            polls: try polls.split(separator: " ").map { poll in
                let parts = poll.split(separator: ":").map { Int64($0) }
                guard parts.count == 2, let after = parts[0], let microseconds = parts[1] else {
                    throw StoredDataError(column: "polls")
                }
                return PollRun.Poll(at: first + .seconds(after), microseconds: microseconds)
            })
    }
}

extension PayloadLogStore.Filter {
    /// The same that the statement asks of a row that is one message.
    func passes(_ record: WireRecord) -> Bool {
        !onlyTrouble && (venID ?? record.venID) == record.venID && (direction ?? record.direction) == record.direction
            && (message ?? record.message) == record.message && (code ?? record.code) == record.code
            && (status ?? record.status) == record.status && (since ?? record.at) <= record.at
            && (until ?? record.at) >= record.at && (text.map { record.text.contains($0) } ?? true)
    }
}
