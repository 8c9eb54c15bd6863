import MariaDB
import Measures
import OpenADR
import VirtualTopNode

extension MariaDBTopNodeTransaction {
    func answer(_ key: StoredAnswer.Key) async throws -> StoredAnswer? {
        try await connection.query(
            """
            SELECT content_digest, code, explanation, refs, answered_at FROM handled_requests
            WHERE certificate = ? AND message = ? AND request_id = ?
            """, Self.key(key)
        ).first.map { row in
            guard let code = ResponseCode(rawValue: Int(try row.integer("code"))) else {
                throw StoredDataError(column: "code")
            }
            return StoredAnswer(
                key: key, contentDigest: UInt64(bitPattern: try row.integer("content_digest")), code: code,
                explanation: try row.optionalText("explanation"), references: try row.json("refs"),
                answeredAt: try row.instant("answered_at"))
        }
    }

    func save(_ answer: StoredAnswer) async throws {
        try await connection.execute(
            """
            INSERT INTO handled_requests (certificate, message, request_id, content_digest, code, explanation, refs,
                answered_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON DUPLICATE KEY UPDATE content_digest = VALUES(content_digest), code = VALUES(code),
                explanation = VALUES(explanation), refs = VALUES(refs), answered_at = VALUES(answered_at)
            """,
            Self.key(answer.key) + [
                .integer(Int64(bitPattern: answer.contentDigest)), .count(answer.code.rawValue),
                .optional(answer.explanation) { .text($0) }, try JSONColumn.value(answer.references),
                .instant(answer.answeredAt),
            ])
    }

    func removeAnswers(of certificate: CertificateDigest) async throws {
        try await connection.execute(
            "DELETE FROM handled_requests WHERE certificate = ?", [.bytes(certificate.bytes)])
    }

    func removeAnswers(before instant: Instant) async throws {
        try await connection.execute(
            "DELETE FROM handled_requests WHERE answered_at < ? AND message <> 'oadrCreatePartyRegistration'",
            [.instant(instant)])
    }

    private static func key(_ key: StoredAnswer.Key) -> [MariaDBValue] {
        [.bytes(key.certificate.bytes), .text(key.message), .text(key.requestID.rawValue)]
    }
}
