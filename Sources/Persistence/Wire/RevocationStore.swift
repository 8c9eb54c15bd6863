public import MariaDB
public import Measures
public import OpenADR
public import VirtualTopNode

/// Certificates that are not taken any more (table `revoked_certificates`).
public struct RevocationStore: Sendable {
    /// One revoked certificate.
    public struct Entry: Hashable, Sendable {
        public let certificate: CertificateDigest
        /// Nil where it was nobody's that is known.
        public let venID: VENID?
        /// In the words of who revoked it.
        public let reason: String
        public let revokedAt: Instant
    }

    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// A certificate that is revoked already stays as it is; false then.
    @discardableResult
    public func revoke(
        _ certificate: CertificateDigest, of venID: VENID?, reason: String, now: Instant
    ) async throws -> Bool {
        try await pool.execute(
            "INSERT IGNORE INTO revoked_certificates (certificate, ven_id, reason, revoked_at) VALUES (?, ?, ?, ?)",
            [
                .bytes(certificate.bytes), .optional(venID) { .text($0.rawValue) }, .text(reason), .instant(now),
            ]
        ).affectedRows == 1
    }

    /// All of them, the newest first.
    public func entries() async throws -> [Entry] {
        try await pool.query(
            "SELECT certificate, ven_id, reason, revoked_at FROM revoked_certificates ORDER BY revoked_at DESC, certificate"
        ).map { row in
            guard let digest = CertificateDigest(bytes: try row.bytes("certificate")) else {
                throw StoredDataError(column: "certificate")
            }
            return Entry(
                certificate: digest, venID: try row.optionalText("ven_id").map { VENID($0) },
                reason: try row.text("reason"), revokedAt: try row.instant("revoked_at"))
        }
    }

    public func digests() async throws -> Set<CertificateDigest> {
        Set(
            try await pool.query("SELECT certificate FROM revoked_certificates").compactMap { row in
                CertificateDigest(bytes: try row.bytes("certificate"))
            })
    }
}
