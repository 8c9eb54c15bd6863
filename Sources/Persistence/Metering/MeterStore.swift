public import DemandResponse
public import MariaDB
import Measures

/// Meters and whom they belong to (tables `meters`, `meter_map`).
///
/// A write that a rule of the database refuses throws `RuleViolation`; a name that is taken, a `MariaDBError` whose
/// `isDuplicateKey` is true; what is not there, `MissingRow`. Every change stands in the audit trail with its actor.
public struct MeterStore: Sendable {
    let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// The new meter belongs to the distributor, which has to exist (`assign_distributor_meters`).
    public func create(_ meter: MeterDescription, by actor: Actor = .program) async throws -> MeterID {
        try await keepingRules {
            try await pool.transaction { connection in
                let result = try connection.execute(
                    """
                    INSERT INTO meters (name, zone, step_seconds, unit, latitude, longitude) VALUES (?, ?, ?, ?, ?, ?)
                    """,
                    [
                        .text(meter.name), .text(meter.zone), .span(meter.step), .text(meter.unit.rawValue),
                        .optional(meter.place?.latitude) { .double($0) },
                        .optional(meter.place?.longitude) { .double($0) },
                    ])
                let id = MeterID(result.lastInsertID)
                try AuditStore.append(AuditRecord(actor, "meter.create", id.subject, detail: meter.name), connection)
                return id
            }
        }
    }

    /// Changes what is said about a meter, its name too. Readings stay as they are.
    public func update(_ id: MeterID, _ meter: MeterDescription, by actor: Actor = .program) async throws {
        try await change("meter.update", id, meter.name, by: actor) { connection in
            try connection.execute(
                """
                UPDATE meters SET name = ?, zone = ?, step_seconds = ?, unit = ?, latitude = ?, longitude = ?
                WHERE meter_id = ?
                """,
                [
                    .text(meter.name), .text(meter.zone), .span(meter.step), .text(meter.unit.rawValue),
                    .optional(meter.place?.latitude) { .double($0) },
                    .optional(meter.place?.longitude) { .double($0) }, .meter(id),
                ])
        }
    }

    public func rename(_ id: MeterID, to name: String, by actor: Actor = .program) async throws {
        try await change("meter.rename", id, name, by: actor) { connection in
            try connection.execute("UPDATE meters SET name = ? WHERE meter_id = ?", [.text(name), .meter(id)])
        }
    }

    /// Refused while it has readings (`meters_keep_readings`).
    public func delete(_ id: MeterID, by actor: Actor = .program) async throws {
        try await change("meter.delete", id, "", by: actor) { connection in
            try connection.execute("DELETE FROM meters WHERE meter_id = ?", [.meter(id)])
        }
    }

    public func meter(named name: String) async throws -> Meter? {
        try await pool.query(
            """
            SELECT meter_id, name, zone, step_seconds, unit, latitude, longitude FROM meters WHERE name = ?
            """, [.text(name)]
        ).first.map(Self.meter)
    }

    public func meter(_ id: MeterID) async throws -> Meter? {
        try await pool.query(
            """
            SELECT meter_id, name, zone, step_seconds, unit, latitude, longitude FROM meters WHERE meter_id = ?
            """, [.meter(id)]
        ).first.map(Self.meter)
    }

    /// All of them, by number.
    public func meters() async throws -> [Meter] {
        try await pool.query(
            """
            SELECT meter_id, name, zone, step_seconds, unit, latitude, longitude FROM meters ORDER BY meter_id
            """
        ).map(Self.meter)
    }

    /// Those of an organization, by number; all of them for the distributor.
    public func meters(of organization: OrganizationID) async throws -> [Meter] {
        try await meters(ofEntity: organization.rawValue)
    }

    /// At most one for a residential user.
    public func meters(of user: UserID) async throws -> [Meter] {
        try await meters(ofEntity: user.rawValue)
    }

    public func map(_ meter: MeterID, to organization: OrganizationID, by actor: Actor = .program) async throws {
        try await map(meter, entity: organization.rawValue, organization.subject, by: actor)
    }

    /// Refused for a user of an organization (`disallow_org_user_map`), and for the second meter of a user or the second
    /// user of a meter (`limit_residential_associations`).
    public func map(_ meter: MeterID, to user: UserID, by actor: Actor = .program) async throws {
        try await map(meter, entity: user.rawValue, user.subject, by: actor)
    }

    public func unmap(_ meter: MeterID, from organization: OrganizationID, by actor: Actor = .program) async throws {
        try await unmap(meter, entity: organization.rawValue, organization.subject, by: actor)
    }

    public func unmap(_ meter: MeterID, from user: UserID, by actor: Actor = .program) async throws {
        try await unmap(meter, entity: user.rawValue, user.subject, by: actor)
    }

    // MARK: Rows

    private func meters(ofEntity entity: Int64) async throws -> [Meter] {
        try await pool.query(
            """
            SELECT m.meter_id, m.name, m.zone, m.step_seconds, m.unit, m.latitude, m.longitude
            FROM meter_map a JOIN meters m ON m.meter_id = a.meter_id WHERE a.entity_id = ? ORDER BY m.meter_id
            """, [.integer(entity)]
        ).map(Self.meter)
    }

    /// A mapping that exists already is no error.
    private func map(_ meter: MeterID, entity: Int64, _ owner: String, by actor: Actor) async throws {
        try await keepingRules {
            try await pool.transaction { connection in
                let isNew = try connection.execute(
                    """
                    INSERT INTO meter_map (meter_id, entity_id) VALUES (?, ?) ON DUPLICATE KEY UPDATE
                    entity_id = VALUES(entity_id)
                    """, [.meter(meter), .integer(entity)]
                ).affectedRows
                guard isNew > 0 else { return }
                try AuditStore.append(AuditRecord(actor, "meter.map", meter.subject, detail: owner), connection)
            }
        }
    }

    private func unmap(_ meter: MeterID, entity: Int64, _ owner: String, by actor: Actor) async throws {
        try await keepingRules {
            try await pool.transaction { connection in
                let gone = try connection.execute(
                    "DELETE FROM meter_map WHERE meter_id = ? AND entity_id = ?", [.meter(meter), .integer(entity)]
                ).affectedRows
                guard gone > 0 else { return }
                try AuditStore.append(AuditRecord(actor, "meter.unmap", meter.subject, detail: owner), connection)
            }
        }
    }

    /// One change of one meter and its entry in the audit trail. A row that is as it shall be already has no entry.
    private func change(
        _ action: String, _ meter: MeterID, _ detail: String, by actor: Actor,
        _ write: @Sendable (isolated MariaDBConnection) throws -> MariaDBResult
    ) async throws {
        try await keepingRules {
            try await pool.transaction { connection in
                guard try write(connection).affectedRows == 0 else {
                    return try AuditStore.append(
                        AuditRecord(actor, action, meter.subject, detail: detail), connection)
                }
                guard try !connection.query("SELECT 1 AS one FROM meters WHERE meter_id = ?", [.meter(meter)]).isEmpty
                else { throw MissingRow(meter.subject) }
            }
        }
    }

    static func meter(_ row: MariaDBRow) throws -> Meter {
        var description = MeterDescription(
            name: try row.text("name"), zone: try row.text("zone"), step: try row.span("step_seconds"),
            unit: try row.word("unit"))
        if let latitude = try row.optionalDouble("latitude"), let longitude = try row.optionalDouble("longitude") {
            description.place = .init(latitude: latitude, longitude: longitude)
        }
        return Meter(id: try row.meter(), description: description)
    }
}
