import MariaDB
import Measures
import OpenADR
import VirtualTopNode

extension MariaDBTopNodeTransaction {
    func ven(_ id: VENID) async throws -> VENRecord? {
        try await connection.query(
            """
            SELECT ven_id, name, certificate, registration_state, registration_id, transport, transport_address,
                report_only, xml_signature, ven_name, poll_seconds, resources
            FROM vens WHERE ven_id = ? FOR UPDATE
            """, [.text(id.rawValue)]
        ).first.map(Self.ven)
    }

    func ven(certificate: CertificateDigest) async throws -> VENRecord? {
        try await connection.query(
            """
            SELECT ven_id, name, certificate, registration_state, registration_id, transport, transport_address,
                report_only, xml_signature, ven_name, poll_seconds, resources
            FROM vens WHERE certificate = ? FOR UPDATE
            """, [.bytes(certificate.bytes)]
        ).first.map(Self.ven)
    }

    /// By the primary key whatever the table's size is, so that only these rows are locked, in its order.
    func vens(_ ids: Set<VENID>) async throws -> [VENID: VENRecord] {
        var found: [VENID: VENRecord] = [:]
        for group in ids.sorted().groups(of: 64) {
            let rows = try await connection.query(
                """
                SELECT ven_id, name, certificate, registration_state, registration_id, transport, transport_address,
                    report_only, xml_signature, ven_name, poll_seconds, resources
                FROM vens FORCE INDEX (PRIMARY) WHERE ven_id IN (
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ORDER BY ven_id FOR UPDATE
                """, group.map { .text($0.rawValue) })
            for row in rows {
                let ven = try Self.ven(row)
                found[ven.venID] = ven
            }
        }
        return found
    }

    func vens() async throws -> [VENRecord] {
        try await connection.query(
            """
            SELECT ven_id, name, certificate, registration_state, registration_id, transport, transport_address,
                report_only, xml_signature, ven_name, poll_seconds, resources
            FROM vens ORDER BY ven_id
            """
        ).map(Self.ven)
    }

    /// Not one upsert: that would take a row with the same certificate for the VEN's own.
    func save(_ ven: VENRecord) async throws {
        let key = MariaDBValue.text(ven.venID.rawValue)
        let fields = try Self.fields(ven)
        let known = try await connection.query("SELECT ven_id FROM vens WHERE ven_id = ? FOR UPDATE", [key])
        if known.isEmpty {
            try await connection.execute(
                """
                INSERT INTO vens (name, certificate, registration_state, registration_id, transport, transport_address,
                    report_only, xml_signature, ven_name, poll_seconds, resources, ven_id)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, fields + [key])
        } else {
            try await connection.execute(
                """
                UPDATE vens SET name = ?, certificate = ?, registration_state = ?, registration_id = ?, transport = ?,
                    transport_address = ?, report_only = ?, xml_signature = ?, ven_name = ?, poll_seconds = ?,
                    resources = ?
                WHERE ven_id = ?
                """, fields + [key])
        }
    }

    private static func fields(_ ven: VENRecord) throws -> [MariaDBValue] {
        let (state, registration) = columns(ven.registration)
        let (transport, address) = columns(ven.endpoint?.transport)
        return [
            .text(ven.name), .bytes(ven.certificate.bytes), .text(state),
            .optional(registration) { .text($0.rawValue) },
            transport, address, .optional(ven.endpoint?.isReportOnly) { .boolean($0) },
            .optional(ven.endpoint?.usesXMLSignature) { .boolean($0) }, .optional(ven.endpoint?.venName) { .text($0) },
            .span(ven.pollFrequency), try JSONColumn.value(ven.resources.map(\.rawValue)),
        ]
    }

    private static func columns(_ state: RegistrationState) -> (state: String, id: RegistrationID?) {
        switch state {
        case .provisioned: ("provisioned", nil)
        case .registered(let id): ("registered", id)
        case .reregistering(let id): ("reregistering", id)
        case .cancelling(let id): ("cancelling", id)
        case .cancelled(let id): ("cancelled", id)
        }
    }

    private static func columns(_ transport: Transport?) -> (name: MariaDBValue, address: MariaDBValue) {
        switch transport {
        case nil: (.null, .null)
        case .httpPull?: (.text("httpPull"), .null)
        case .httpPush(let address)?: (.text("httpPush"), .text(address))
        case .xmpp(let address)?: (.text("xmpp"), .text(address))
        }
    }

    private static func ven(_ row: MariaDBRow) throws -> VENRecord {
        guard let certificate = CertificateDigest(bytes: try row.bytes("certificate")) else {
            throw StoredDataError(column: "certificate")
        }
        return VENRecord(
            venID: VENID(try row.text("ven_id")), name: try row.text("name"), certificate: certificate,
            registration: try registration(row), endpoint: try endpoint(row),
            pollFrequency: try row.span("poll_seconds"), resources: try row.resources("resources"))
    }

    private static func registration(_ row: MariaDBRow) throws -> RegistrationState {
        let state = try row.text("registration_state")
        guard let id = try row.optionalText("registration_id").map({ RegistrationID($0) }) else { return .provisioned }
        switch state {
        case "registered": return .registered(id)
        case "reregistering": return .reregistering(id)
        case "cancelling": return .cancelling(id)
        case "cancelled": return .cancelled(id)
        default: throw StoredDataError(column: "registration_state")
        }
    }

    private static func endpoint(_ row: MariaDBRow) throws -> VENEndpoint? {
        guard let name = try row.optionalText("transport") else { return nil }
        let transport: Transport
        switch (name, try row.optionalText("transport_address")) {
        case ("httpPull", nil): transport = .httpPull
        case ("httpPush", let address?): transport = .httpPush(address: address)
        case ("xmpp", let address?): transport = .xmpp(address: address)
        default: throw StoredDataError(column: "transport")
        }
        return VENEndpoint(
            transport: transport, isReportOnly: try row.boolean("report_only"),
            usesXMLSignature: try row.boolean("xml_signature"), venName: try row.optionalText("ven_name"))
    }
}

extension MariaDBRow {
    /// A JSON list of resource ids.
    func resources(_ column: String) throws -> [ResourceID] {
        try json(column, as: [String].self).map { ResourceID($0) }
    }
}
