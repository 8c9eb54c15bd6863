public import MariaDB
import Measures
public import OpenADR
public import VirtualTopNode

/// How VENs are to speak (table `wire_settings`).
public struct WireSettingsStore: Sendable {
    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// Who the certificate belongs to, and what holds for it: what the operator set, else the standard way. A VEN that
    /// registered with oadrXmlSignature has bound itself to sign (rule 514).
    public func standing(of peer: PeerIdentity) async throws -> PeerStanding {
        let row = try await pool.query(
            """
            SELECT ven_id, signatures, clock_skew_seconds, is_lenient, xml_signature, poll_seconds
            FROM vens LEFT JOIN wire_settings USING (ven_id) WHERE certificate = ?
            """, [.bytes(peer.certificate.bytes)]
        ).first
        guard let row else { return PeerStanding() }
        var settings = try Self.settings(row)
        if try row.optionalInteger("xml_signature") == 1 { settings.signatures = .required }
        return PeerStanding(
            venID: VENID(try row.text("ven_id")), settings: settings, pollFrequency: try row.span("poll_seconds"))
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
