public import Accounts
public import DemandResponse
public import MariaDB
public import Measures

/// The meters that a viewer may see (tables `meters`, `meter_map`): those that belong to the viewer's entity. Every meter
/// belongs to the distributor, so its people see all of them.
public struct MeterQueries: Sendable {
    /// A meter in a list.
    public struct Row: Hashable, Sendable {
        public let meter: Meter
        /// Names of the organizations, and addresses of the residents, that it belongs to beside the distributor.
        public let owners: [String]
        public let lastReading: Instant?
        /// Of its reports, when a VEN reports for it.
        public let ven: String?
    }

    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// By number; with `name`, those whose name contains it.
    public func meters(
        named name: String? = nil, seenBy viewer: Viewer, _ page: PartRequest<Int64> = PartRequest()
    ) async throws -> Part<Row> {
        let pattern = name.map { "%\($0.filter { $0 != "%" && $0 != "_" && $0 != "\\" })%" }
        let rows = try await pool.query(
            """
            SELECT m.meter_id, m.name, m.zone, m.step_seconds, m.unit, m.latitude, m.longitude, r.ven_id,
                (SELECT b.end_time FROM meter_data b WHERE b.meter_id = m.meter_id ORDER BY b.start_time DESC LIMIT 1)
                    AS last_reading,
                (SELECT GROUP_CONCAT(COALESCE(o.name, u.email) ORDER BY COALESCE(o.name, u.email) SEPARATOR '\n')
                    FROM meter_map w LEFT JOIN organizations o ON o.org_id = w.entity_id
                        LEFT JOIN users u ON u.account_id = w.entity_id
                        LEFT JOIN distributor d ON d.org_id = w.entity_id
                    WHERE w.meter_id = m.meter_id AND d.org_id IS NULL) AS owners
            FROM meters m JOIN meter_map a ON a.meter_id = m.meter_id LEFT JOIN report_meters r ON r.meter_id = m.meter_id
            WHERE a.entity_id = ? AND m.meter_id > ? AND (? IS NULL OR m.name LIKE ?) ORDER BY m.meter_id LIMIT ?
            """,
            [
                .integer(viewer.entity), .integer(page.after ?? 0), .optional(pattern) { .text($0) },
                .optional(pattern) { .text($0) }, .count(page.limit + 1),
            ])
        return Part(try rows.map(Self.row), limit: page.limit)
    }

    /// Nil for a meter that is not the viewer's.
    public func meter(_ id: MeterID, seenBy viewer: Viewer) async throws -> Row? {
        try await meters(seenBy: viewer, PartRequest(after: id.rawValue - 1, limit: 1)).rows
            .first { $0.meter.id == id }
    }

    public func count(seenBy viewer: Viewer) async throws -> Int {
        let rows = try await pool.query(
            "SELECT COUNT(*) AS meters FROM meter_map WHERE entity_id = ?", [.integer(viewer.entity)])
        return Int(try rows.first?.integer("meters") ?? 0)
    }

    /// The energy of all of the viewer's meters in a window. Each meter's readings are a range of the key: a join would read
    /// all that a meter ever counted.
    public func total(in window: TimeWindow, seenBy viewer: Viewer) async throws -> WattHours {
        try await pool.transaction { connection in
            let meters = try connection.query(
                "SELECT meter_id FROM meter_map WHERE entity_id = ?", [.integer(viewer.entity)]
            ).map { try $0.meter() }
            var energy = 0.0
            for group in meters.groups(of: SeriesStore.metersPerStatement) {
                let rows = try connection.query(
                    SeriesStatements.total,
                    group.map { .meter($0) } + [.instant(window.start), .instant(window.end)])
                energy += try rows.first?.double("energy") ?? 0
            }
            return WattHours(energy)
        }
    }

    /// The end of the latest reading of any of the viewer's meters.
    public func latestReading(seenBy viewer: Viewer) async throws -> Instant? {
        try await pool.query(
            """
            SELECT MAX(l.end_time) AS latest FROM (
                SELECT (SELECT b.end_time FROM meter_data b WHERE b.meter_id = a.meter_id
                    ORDER BY b.start_time DESC LIMIT 1) AS end_time
                FROM meter_map a WHERE a.entity_id = ?) l
            """, [.integer(viewer.entity)]
        ).first?.optionalInstant("latest")
    }

    // MARK: Changes

    /// Makes a meter; it belongs to the distributor.
    public func create(_ description: MeterDescription, by viewer: Viewer, origin: Origin) async throws -> MeterID? {
        guard viewer.may(.manageMeters) else { return nil }
        return try await keepingRules {
            try await pool.transaction { connection in
                let id = try connection.execute(
                    "INSERT INTO meters (name, zone, step_seconds, unit) VALUES (?, ?, ?, ?)",
                    [
                        .text(description.name), .text(description.zone), .span(description.step),
                        .text(description.unit.rawValue),
                    ]
                ).lastInsertID
                try ChangeNote(action: "meter.create", subject: "meter \(id)", after: ["name": description.name])
                    .write(origin, connection)
                return MeterID(id)
            }
        }
    }

    /// Gives a meter to an organization or a resident beside the distributor, or takes it away. The rules of the database
    /// hold (`RuleViolation`). False when there is no such meter or owner.
    public func assign(
        _ meter: MeterID, to owner: String, isAssigned: Bool, by viewer: Viewer, origin: Origin
    ) async throws -> Bool {
        guard viewer.may(.manageMeters) else { return false }
        return try await keepingRules {
            try await pool.transaction { connection in
                let entities = try connection.query(
                    """
                    SELECT org_id AS entity FROM organizations WHERE name = ?
                    UNION SELECT account_id FROM users WHERE email = ?
                    """, [.text(owner), .text(owner.lowercased())])
                let meters = try connection.query("SELECT meter_id FROM meters WHERE meter_id = ?", [.meter(meter)])
                guard let entity = try entities.first?.integer("entity"), !meters.isEmpty else { return false }
                if isAssigned {
                    try connection.execute(
                        """
                        INSERT INTO meter_map (meter_id, entity_id) VALUES (?, ?)
                        ON DUPLICATE KEY UPDATE entity_id = VALUES(entity_id)
                        """, [.meter(meter), .integer(entity)])
                } else {
                    try connection.execute(
                        "DELETE FROM meter_map WHERE meter_id = ? AND entity_id = ?", [.meter(meter), .integer(entity)])
                }
                try ChangeNote(
                    action: isAssigned ? "meter.assign" : "meter.unassign", subject: "meter \(meter.rawValue)",
                    detail: owner
                ).write(origin, connection)
                return true
            }
        }
    }

    // MARK: Rows

    private static func row(_ row: MariaDBRow) throws -> Row {
        var description = MeterDescription(
            name: try row.text("name"), zone: try row.text("zone"), step: try row.span("step_seconds"),
            unit: try row.word("unit"))
        if let latitude = try row.optionalDouble("latitude"), let longitude = try row.optionalDouble("longitude") {
            description.place = .init(latitude: latitude, longitude: longitude)
        }
        return Row(
            meter: Meter(id: try row.meter(), description: description),
            owners: try row.optionalText("owners")?.split(separator: "\n").map(String.init) ?? [],
            lastReading: try row.optionalInstant("last_reading"), ven: try row.optionalText("ven_id"))
    }
}
