public import MariaDB
public import Measures
public import VirtualTopNode

/// Signed messages that were taken (table `signature_nonces`).
public struct MariaDBNonceBook: NonceBook {
    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    public func enter(_ nonce: SignedNonce) async throws -> NonceVerdict {
        try await pool.transaction { connection in
            let inserted = try connection.execute(
                "INSERT IGNORE INTO signature_nonces (certificate, nonce, digest, expires_at) VALUES (?, ?, ?, ?)",
                Self.key(nonce) + [.bytes(nonce.digest.bytes), .instant(nonce.expiresAt)])
            guard inserted.affectedRows == 0 else { return .new }
            let rows = try connection.query(
                "SELECT digest, answer FROM signature_nonces WHERE certificate = ? AND nonce = ?", Self.key(nonce))
            guard let row = rows.first else { return .misused }
            guard try row.bytes("digest") == nonce.digest.bytes else { return .misused }
            return .repeated(answer: try row.optionalBytes("answer"))
        }
    }

    public func keep(_ answer: [UInt8], for nonce: SignedNonce) async throws {
        _ = try await pool.execute(
            "UPDATE signature_nonces SET answer = ? WHERE certificate = ? AND nonce = ?",
            [.bytes(answer)] + Self.key(nonce))
    }

    /// Forgets at most `limit` nonces that have expired, and says how many.
    public func purge(before now: Instant, limit: Int) async throws -> Int {
        let result = try await pool.execute(
            "DELETE FROM signature_nonces WHERE expires_at < ? LIMIT ?", [.instant(now), .count(limit)])
        return Int(result.affectedRows)
    }

    private static func key(_ nonce: SignedNonce) -> [MariaDBValue] {
        [.bytes(nonce.certificate.bytes), .text(nonce.nonce)]
    }
}
