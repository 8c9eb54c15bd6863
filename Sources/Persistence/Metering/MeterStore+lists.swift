public import DemandResponse
import MariaDB

extension MeterStore {
    /// Which meters a list has.
    public enum Owner: Hashable, Sendable {
        case anyone
        case organization(OrganizationID)
        case user(UserID)
        /// Meters that only the distributor has.
        case nobody
    }

    /// By name, with whom they belong to.
    ///
    /// - Parameter text: what the name contains; nil for all.
    public func meters(
        of owner: Owner, matching text: String? = nil, page: PageRequest
    ) async throws -> Page<MeterListing> {
        let (kind, entity): (Int64, Int64) =
            switch owner {
            case .anyone: (0, 0)
            case .organization(let id): (1, id.rawValue)
            case .user(let id): (1, id.rawValue)
            case .nobody: (2, 0)
            }
        let pattern = LikePattern.containing(text)
        // Owners as one text: `o12 u7`, without the distributor.
        let rows = try await pool.query(
            """
            SELECT m.meter_id, m.name, m.zone, m.step_seconds, m.unit, m.latitude, m.longitude,
                (SELECT GROUP_CONCAT(LEFT(e.entity_type, 1), e.entity_id ORDER BY e.entity_id SEPARATOR ' ')
                    FROM meter_map a JOIN entities e ON e.entity_id = a.entity_id
                    LEFT JOIN distributor d ON d.org_id = a.entity_id
                    WHERE a.meter_id = m.meter_id AND d.org_id IS NULL) AS owners
            FROM meters m
            WHERE m.name > ? AND (? IS NULL OR m.name LIKE ?)
                AND (? <> 1 OR EXISTS (
                    SELECT 1 FROM meter_map a WHERE a.meter_id = m.meter_id AND a.entity_id = ?))
                AND (? <> 2 OR NOT EXISTS (
                    SELECT 1 FROM meter_map a LEFT JOIN distributor d ON d.org_id = a.entity_id
                    WHERE a.meter_id = m.meter_id AND d.org_id IS NULL))
            ORDER BY m.name LIMIT ?
            """,
            [
                .text(page.after?.text ?? ""), pattern, pattern, .integer(kind), .integer(entity), .integer(kind),
                .count(page.limit + 1),
            ])
        return Page(try rows.map(Self.listing), page, key: \.meter.description.name)
    }

    private static func listing(_ row: MariaDBRow) throws -> MeterListing {
        let owners = try row.optionalText("owners").map { $0.split(separator: " ") } ?? []
        func ids(_ kind: Character) -> [Int64] {
            owners.filter { $0.first == kind }.compactMap { Int64($0.dropFirst()) }
        }
        return MeterListing(
            meter: try meter(row), organizations: ids("o").map { OrganizationID($0) },
            resident: ids("u").first.map { UserID($0) })
    }
}
