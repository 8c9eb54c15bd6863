public import DemandResponse
public import MariaDB
public import Measures
public import MeterData
public import Redis

/// Reads series of one meter or of all meters of an owner, at a resolution, thinned out, or as totals.
///
/// A reading counts in the bucket in which it begins. Sums are the database's; days and months are those of the zone,
/// which is why a window is asked for in parts between two changes of the clock.
///
/// With a cache, the days of single meters and whose meters are whose come from there; the answers are the same.
public struct SeriesStore: Sendable {
    /// The most buckets of one answer.
    public static let limit = 200_000
    /// Meters of one statement: each gets its own range of the primary key.
    static let metersPerStatement = 32

    let pool: MariaDBPool
    /// Where copies are; other stores of the same program use it too.
    public let cache: RedisCache?

    public init(_ pool: MariaDBPool, cache: RedisCache? = nil) {
        self.pool = pool
        self.cache = cache
    }

    /// The series of a scope in a window.
    ///
    /// - Parameter zone: whose days count; without one the meter's, or that of most meters of the owner.
    /// - Throws: `SeriesError`, `MeterDataError` for a meter whose zone the machine does not know, `MariaDBError`.
    public func series(
        of scope: SeriesScope, in window: TimeWindow, at resolution: SeriesResolution, zone: ZoneRules? = nil
    ) async throws -> BucketedSeries {
        let count = resolution.estimatedCount(in: window)
        guard count <= Self.limit else { throw SeriesError.tooFine(buckets: count, limit: Self.limit) }
        let meters = try await meters(of: scope)
        let zone = try zone ?? Self.zone(of: meters)
        if case .meter(let meter) = scope, let readings = try await cachedReadings(of: meter, in: window) {
            let buckets = Self.buckets(readings, in: window, at: resolution, zone: zone)
            return BucketedSeries(resolution: resolution, zone: zone, buckets: buckets)
        }
        let buckets = try await pool.transaction { connection in
            var sum = BucketSum(resolution: resolution, zone: zone, window: window)
            for group in meters.map(\.id).groups(of: Self.metersPerStatement) {
                for part in zone.segments(of: window) {
                    try Self.read(group, part.window, offset: part.offset, connection, &sum)
                }
            }
            return sum.buckets
        }
        return BucketedSeries(resolution: resolution, zone: zone, buckets: buckets)
    }

    /// Everything that was counted in the window, as one bucket; nil without a reading.
    public func total(of scope: SeriesScope, in window: TimeWindow) async throws -> SeriesBucket? {
        let meters = try await meters(of: scope)
        return try await pool.transaction { connection in
            var total: SeriesBucket?
            for group in meters.map(\.id).groups(of: Self.metersPerStatement) {
                for row in try connection.query(SeriesStatements.total, Self.range(group, window)) {
                    guard try row.integer("readings") > 0 else { continue }
                    let bucket = try Self.bucket(row, window)
                    if total?.merge(bucket) == nil { total = bucket }
                }
            }
            return total
        }
    }

    /// The readings of a meter thinned out to at most `points` samples, which keep every peak and dip (at least 2).
    public func samples(of meter: MeterID, in window: TimeWindow, points: Int) async throws -> DecimatedSeries {
        guard try await !meters(of: .meter(meter)).isEmpty else { throw SeriesError.unknownMeter(meter) }
        var decimator = MinMaxDecimator(window: window, points: points)
        if let readings = try await cachedReadings(of: meter, in: window) {
            for reading in readings {
                decimator.add(Self.sample(reading.start, reading.duration, reading.energy))
            }
            return decimator.finish()
        }
        return try await pool.withConnection { [decimator] connection in
            var decimator = decimator
            try connection.forEachRow(
                SeriesStatements.samples, [.meter(meter), .instant(window.start), .instant(window.end)]
            ) { row in
                let start = try row.instant("start_time")
                decimator.add(
                    Self.sample(start, try row.instant("end_time") - start, try row.double("meter_value")))
            }
            return decimator.finish()
        }
    }

    private static func sample(_ start: Instant, _ duration: TimeSpan, _ energy: Double) -> SeriesSample {
        SeriesSample(start: start, duration: duration, power: WattHours(energy).meanPower(over: duration))
    }

    // MARK: Meters

    func meters(of scope: SeriesScope) async throws -> [OwnedMeter] {
        switch scope {
        case .meter(let id):
            let rows = try await pool.query("SELECT meter_id, zone FROM meters WHERE meter_id = ?", [.meter(id)])
            guard let row = rows.first else { throw SeriesError.unknownMeter(id) }
            return [OwnedMeter(id: id, zone: try row.text("zone"))]
        case .organization(let id): return try await ConnectionCopies(pool, cache).meters(of: id.rawValue)
        case .user(let id): return try await ConnectionCopies(pool, cache).meters(of: id.rawValue)
        }
    }

    /// The zone of most of the meters; UTC without any.
    static func zone(of meters: [OwnedMeter]) throws -> ZoneRules {
        let counted = meters.reduce(into: [String: Int]()) { $0[$1.zone, default: 0] += 1 }
        let most = counted.max { ($0.value, $1.key) < ($1.value, $0.key) }
        return try most.map { try ZoneRules(database: $0.key) } ?? .utc
    }

    // MARK: Rows

    private static func range(_ meters: [MeterID], _ window: TimeWindow) -> [MariaDBValue] {
        meters.map { .meter($0) } + [.instant(window.start), .instant(window.end)]
    }

    private static func read(
        _ meters: [MeterID], _ window: TimeWindow, offset: TimeSpan, _ connection: isolated MariaDBConnection,
        _ sum: inout BucketSum
    ) throws {
        let rows: [MariaDBRow]
        if let step = sum.step {
            rows = try connection.query(
                SeriesStatements.steps,
                [.span(offset + sum.alignment), .span(step)] + range(meters, window))
        } else {
            rows = try connection.query(SeriesStatements.months, [.span(offset)] + range(meters, window))
        }
        for row in rows { sum.add(try bucket(row, try sum.window(key: row.integer("bucket"), offset, window))) }
    }

    private static func bucket(_ row: MariaDBRow, _ window: TimeWindow) throws -> SeriesBucket {
        SeriesBucket(
            window: window, energy: WattHours(try row.double("energy")), shed: WattHours(try row.double("shed")),
            readings: Int(try row.integer("readings")), covered: try row.span("covered"),
            flagged: Int(try row.integer("flagged")), lowest: Watts(try row.double("lowest")),
            highest: Watts(try row.double("highest")))
    }
}
