public import MariaDB
import Measures
public import OpenADR
public import VirtualTopNode

/// How VENs are to speak (table `wire_settings`).
public struct WireSettingsStore: Sendable {
    private let pool: MariaDBPool
    private let standings: GroupedLookup<CertificateDigest, PeerStanding>

    public init(_ pool: MariaDBPool) {
        self.pool = pool
        standings = GroupedLookup(gather: { try? await Task.sleep(for: .milliseconds(3)) }) {
            certificates in
            try await pool.withConnection { connection in
                var found: [CertificateDigest: PeerStanding] = [:]
                for group in CertificateGroup.groups(of: certificates) {
                    for row in try Self.standings(of: group, on: connection) {
                        let (certificate, standing) = try Self.standing(row)
                        found[certificate] = standing
                    }
                }
                return found
            }
        }
    }

    /// Tells `then`, on any thread, who the certificate belongs to, and what holds for it: what the operator set, else the
    /// standard way. A VEN that registered with oadrXmlSignature has bound itself to sign (rule 514). `then` must not block.
    public func findStanding(
        of peer: PeerIdentity, then: @escaping @Sendable (Result<PeerStanding, any Error>) -> Void
    ) {
        standings.find(peer.certificate) { found in then(found.map { $0 ?? PeerStanding() }) }
    }

    private static func standings(
        of group: CertificateGroup, on connection: isolated MariaDBConnection
    ) throws -> [MariaDBRow] {
        switch group.size {
        case .one:
            try connection.query(
                """
                SELECT certificate, ven_id, signatures, clock_skew_seconds, is_lenient, xml_signature, poll_seconds,
                    registration_state = 'registered' AND (transport IS NULL OR transport <> 'httpPush') AS is_polling
                FROM vens LEFT JOIN wire_settings USING (ven_id) WHERE certificate = ?
                """, group.parameters)
        case .many:
            try connection.query(
                """
                SELECT certificate, ven_id, signatures, clock_skew_seconds, is_lenient, xml_signature, poll_seconds,
                    registration_state = 'registered' AND (transport IS NULL OR transport <> 'httpPush') AS is_polling
                FROM vens LEFT JOIN wire_settings USING (ven_id) WHERE certificate IN (
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, group.parameters)
        }
    }

    private static func standing(_ row: MariaDBRow) throws -> (CertificateDigest, PeerStanding) {
        guard let certificate = CertificateDigest(bytes: try row.bytes("certificate")) else {
            throw StoredDataError(column: "certificate")
        }
        var settings = try settings(row)
        if try row.optionalInteger("xml_signature") == 1 { settings.signatures = .required }
        let standing = PeerStanding(
            venID: VENID(try row.text("ven_id")), settings: settings, pollFrequency: try row.span("poll_seconds"),
            isPolling: try row.boolean("is_polling"))
        return (certificate, standing)
    }

    /// What the operator set; the standard way where nothing was set.
    public func settings(of ven: VENID) async throws -> WireSettings {
        try await pool.query(
            "SELECT signatures, clock_skew_seconds, is_lenient FROM wire_settings WHERE ven_id = ?",
            [.text(ven.rawValue)]
        ).first.map(Self.settings) ?? WireSettings()
    }

    /// The VEN has to be admitted.
    public func save(_ settings: WireSettings, of ven: VENID) async throws {
        _ = try await pool.execute(
            """
            INSERT INTO wire_settings (ven_id, signatures, clock_skew_seconds, is_lenient) VALUES (?, ?, ?, ?)
            ON DUPLICATE KEY UPDATE signatures = VALUES(signatures), clock_skew_seconds = VALUES(clock_skew_seconds),
                is_lenient = VALUES(is_lenient)
            """,
            [
                .text(ven.rawValue), .text(settings.signatures.rawValue), .span(settings.clockSkew),
                .boolean(settings.isLenient),
            ])
    }

    private static func settings(_ row: MariaDBRow) throws -> WireSettings {
        guard let signatures = try row.optionalWord("signatures", as: WireSettings.Signatures.self) else {
            return WireSettings()
        }
        return WireSettings(
            signatures: signatures, clockSkew: try row.span("clock_skew_seconds"),
            isLenient: try row.boolean("is_lenient"))
    }
}
