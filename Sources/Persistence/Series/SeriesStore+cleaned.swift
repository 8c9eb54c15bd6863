import DemandResponse
import MariaDB
public import Measures
public import MeterData

extension SeriesStore {
    /// The same as `series`, of the cleaned readings: what is not believed is not counted.
    public func cleanedSeries(
        of scope: SeriesScope, in window: TimeWindow, at resolution: SeriesResolution, zone: ZoneRules? = nil
    ) async throws -> BucketedSeries {
        let count = resolution.estimatedCount(in: window)
        guard count <= Self.limit else { throw SeriesError.tooFine(buckets: count, limit: Self.limit) }
        let meters = try await meters(of: scope)
        let zone = try zone ?? Self.zone(of: meters)
        let store = CleaningStore(pool)
        var sum = BucketSum(resolution: resolution, zone: zone, window: window)
        for meter in meters {
            let readings = try await store.readings(of: meter.id, in: window).compactMap { reading in
                reading.energy.map {
                    DayReadings.Reading(
                        start: reading.window.start, duration: reading.window.duration, energy: $0.value,
                        shed: reading.shed?.value, isGood: reading.edit == nil && reading.quality == .good)
                }
            }
            for bucket in Self.buckets(readings, in: window, at: resolution, zone: zone) { sum.add(bucket) }
        }
        return BucketedSeries(resolution: resolution, zone: zone, buckets: sum.buckets)
    }
}
