import DemandResponse
import Foundation
import MariaDB
import Measures
import MeterData
import Persistence
import Testing

private let shared = ProcessInfo.processInfo.environment["CURTAIL_SHARED"]
/// Read once for all files.
private let load = Result { try LoadFolder.read("\(shared ?? "")/data/load") }

/// Every file of real loads in the folder that `CURTAIL_SHARED` names, through the importer into the database, beside the
/// reader that forecasts use.
@Suite(.enabled(if: shared != nil)) struct SharedImportTests {
    /// The file, its place, the most readings that may differ: the user guide's building repeats four hours, of which the
    /// reader takes the mean and the importer the last.
    @Test(arguments: [
        ("isone_hourly_2017q1.csv", "America/New_York", 0), ("lbnl_building_15min_2013.csv", "America/Los_Angeles", 0),
        ("opendsm_il_electricity_hourly.csv", "America/Chicago", 0),
        ("openeis_userguide_building_hourly_2009_2012.csv", "America/Los_Angeles", 4),
    ])
    func `a file of real loads is imported as the reader reads it`(
        file: String, zone: String, mayDiffer: Int
    ) async throws {
        let folder = try #require(shared) + "/data/load"
        let series = try load.get().series.filter { $0.source == file }
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)")))
        let plan = try TableSniffer.plan(Array(bytes.prefix(TableSniffer.sampleBytes)), isWhole: false)
        try await withDatabase("shared_\(file.prefix(6))") { pool in
            _ = try await AccountStore(pool).establishDistributor(named: "Grid")
            var pieces = stride(from: 0, to: bytes.count, by: 1 << 16).map {
                Array(bytes[$0..<min($0 + (1 << 16), bytes.count)])
            }[...]
            let order = ImportOrder(
                file: file, digest: testHash(Array(bytes.prefix(1_000))), actor: Actor("test"),
                meter: plan.namesMeters ? nil : "it", unknownMeters: .create(zone: zone))
            let report = try await ImportStore(pool).run(order, plan: plan, now: midsummer) { pieces.popFirst() ?? [] }
            #expect(report.meters.count == series.count)
            #expect(report.refused == series.reduce(0) { $0 + $1.quality.skippedByClock }, "\(report.problems)")
            for series in series {
                let name = plan.namesMeters ? series.name : "it"
                let meter = try #require(try await MeterStore(pool).meter(named: name)).id
                let stored = try await ReadingStore(pool).readings(
                    of: meter, in: TimeWindow(start: Instant(year: 2000, month: 1, day: 1), duration: .days(10_000)))
                let expected = series.readings.filter { $0.energy != nil }
                #expect(stored.map(\.start) == expected.map(\.start))
                let different = zip(stored, expected).count { left, right in
                    abs((left.energy?.value ?? 0) - (right.energy?.value ?? 0)) > 1e-6 * abs(right.energy?.value ?? 0)
                }
                #expect(different <= mayDiffer, "\(name): \(different)")
            }
        }
    }
}
