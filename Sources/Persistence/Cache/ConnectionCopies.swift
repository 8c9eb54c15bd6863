import DemandResponse
import MariaDB
import MeterData
import Redis

/// A meter of an owner, as far as series need it.
struct OwnedMeter: Hashable {
    let id: MeterID
    let zone: String
}

/// Whose meters are whose, from the cache where there is one. A copy is a line `7 Europe/Berlin` for each meter.
struct ConnectionCopies {
    private let pool: MariaDBPool
    private let cache: RedisCache?

    init(_ pool: MariaDBPool, _ cache: RedisCache?) {
        self.pool = pool
        self.cache = cache
    }

    /// By number.
    func meters(of entity: Int64) async throws -> [OwnedMeter] {
        guard let cache else { return try await read(entity) }
        let copy = try await cache.value(.connections, String(entity)) {
            Array(try await read(entity).map { "\($0.id.rawValue) \($0.zone)\n" }.joined().utf8)
        }
        let lines = String(decoding: copy, as: UTF8.self).split(separator: "\n").map { $0.split(separator: " ") }
        let meters = lines.compactMap { parts -> OwnedMeter? in
            guard parts.count == 2, let id = Int64(parts[0]) else { return nil }
            return OwnedMeter(id: MeterID(id), zone: String(parts[1]))
        }
        // A line that this program did not write.
        return meters.count == lines.count ? meters : try await read(entity)
    }

    private func read(_ entity: Int64) async throws -> [OwnedMeter] {
        try await pool.query(
            """
            SELECT m.meter_id, m.zone FROM meter_map a JOIN meters m ON m.meter_id = a.meter_id
            WHERE a.entity_id = ? ORDER BY m.meter_id
            """, [.integer(entity)]
        ).map { OwnedMeter(id: try $0.meter(), zone: try $0.text("zone")) }
    }
}
