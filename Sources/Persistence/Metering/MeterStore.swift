public import DemandResponse
public import MariaDB
public import Measures

/// What a meter is (table `meters`).
public struct MeterDescription: Hashable, Sendable {
    /// Degrees, WGS 84.
    public struct Place: Hashable, Sendable {
        public var latitude: Double
        public var longitude: Double

        public init(latitude: Double, longitude: Double) {
            self.latitude = latitude
            self.longitude = longitude
        }
    }

    /// The unit of the source. Readings are kept in Wh whatever it is.
    public enum Unit: String, Hashable, Sendable {
        case wattHours = "Wh"
        case kilowattHours = "kWh"
        case watts = "W"
        case kilowatts = "kW"
    }

    /// Unique; what people and files call it.
    public var name: String
    /// Name in the IANA database.
    public var zone: String
    /// Length of a metering interval.
    public var step: TimeSpan
    public var unit: Unit
    public var place: Place?

    public init(name: String, zone: String, step: TimeSpan, unit: Unit = .wattHours, place: Place? = nil) {
        self.name = name
        self.zone = zone
        self.step = step
        self.unit = unit
        self.place = place
    }
}

/// A meter with its number.
public struct Meter: Hashable, Sendable {
    public let id: MeterID
    public let description: MeterDescription

    public init(id: MeterID, description: MeterDescription) {
        self.id = id
        self.description = description
    }
}

/// Meters and whom they belong to (tables `meters`, `meter_map`).
///
/// A write that a rule of the database refuses throws `RuleViolation`.
public struct MeterStore: Sendable {
    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// The new meter belongs to the distributor, which has to exist (`assign_distributor_meters`).
    public func create(_ meter: MeterDescription) async throws -> MeterID {
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
                return MeterID(result.lastInsertID)
            }
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

    public func map(_ meter: MeterID, to organization: OrganizationID) async throws {
        try await map(meter, entity: organization.rawValue)
    }

    /// Refused for a user of an organization (`disallow_org_user_map`), and for the second meter of a user or the second
    /// user of a meter (`limit_residential_associations`).
    public func map(_ meter: MeterID, to user: UserID) async throws {
        try await map(meter, entity: user.rawValue)
    }

    public func unmap(_ meter: MeterID, from organization: OrganizationID) async throws {
        try await unmap(meter, entity: organization.rawValue)
    }

    public func unmap(_ meter: MeterID, from user: UserID) async throws {
        try await unmap(meter, entity: user.rawValue)
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
    private func map(_ meter: MeterID, entity: Int64) async throws {
        try await keepingRules {
            _ = try await pool.execute(
                """
                INSERT INTO meter_map (meter_id, entity_id) VALUES (?, ?) ON DUPLICATE KEY UPDATE
                entity_id = VALUES(entity_id)
                """, [.meter(meter), .integer(entity)])
        }
    }

    private func unmap(_ meter: MeterID, entity: Int64) async throws {
        try await keepingRules {
            _ = try await pool.execute(
                "DELETE FROM meter_map WHERE meter_id = ? AND entity_id = ?", [.meter(meter), .integer(entity)])
        }
    }

    private static func meter(_ row: MariaDBRow) throws -> Meter {
        var description = MeterDescription(
            name: try row.text("name"), zone: try row.text("zone"), step: try row.span("step_seconds"),
            unit: try row.word("unit"))
        if let latitude = try row.optionalDouble("latitude"), let longitude = try row.optionalDouble("longitude") {
            description.place = .init(latitude: latitude, longitude: longitude)
        }
        return Meter(id: try row.meter(), description: description)
    }
}
