import Accounts
import DemandResponse
import Measures
import MeterData
import Persistence

/// How a file that was sent is read: what is found in it, with what its sender says instead.
struct UploadReading: Sendable {
    let upload: UploadStore.Upload
    let work: JobStore.ImportWork

    /// - Throws: `ImportError`.
    func plan() throws(ImportError) -> ImportPlan {
        let sample = Array(upload.content.prefix(TableSniffer.sampleBytes))
        var plan = try TableSniffer.plan(sample, isWhole: sample.count == upload.content.count)
        if let unit = work.unit.flatMap(ImportPlan.Unit.init(rawValue:)) { plan.unit = unit }
        if let zone = work.zone { plan.clock = zone == "UTC" ? .utc : .zone(zone) }
        if let stampsEnd = work.stampsEnd { plan.stampsEnd = stampsEnd }
        return plan
    }

    /// The file piece by piece; the last one is empty.
    func pieces() -> () -> [UInt8] {
        var index = 0
        return { [content = upload.content] in
            let piece = content[index..<min(index + (1 << 16), content.count)]
            index += piece.count
            return Array(piece)
        }
    }

    /// Reads or writes it, for somebody who may write those meters only that are the own ones.
    ///
    /// - Throws: `ImportError`, `ImportRefusal`, `MariaDBError`, `MeterDataError`.
    func run(
        _ portal: Portal, _ viewer: Viewer, isDryRun: Bool, progress: (Int) -> Void = { _ in }
    ) async throws -> ImportReport {
        var order = ImportOrder(
            file: upload.file, digest: upload.digest, actor: Actor(viewer.email), isDryRun: isDryRun,
            isAtomic: !work.skipsBadRows)
        order.allowedMeters = try await portal.imports.ownMeters(of: viewer)
        if let meter = upload.meter {
            guard order.allowedMeters?.contains(meter) ?? false else {
                throw ImportRefusal.unknownMeter("\(meter.rawValue)")
            }
            order.meter = try await portal.meters.meter(meter, seenBy: viewer)?.meter.description.name
            order.allowedMeters = [meter]
        }
        return try await ImportStore(portal.parts.pool).run(
            order, plan: try plan(), now: portal.now, nextBytes: pieces(), progress: progress)
    }

    /// The first values, as they would be written.
    func firstValues(_ count: Int, meterZone: ZoneRules) throws -> [ImportedValue] {
        let plan = try plan()
        let zone = if case .zone(let name) = plan.clock { try ZoneRules(database: name) } else { meterZone }
        var source = try TableSource(plan, zone: { _ in zone }, nextBytes: pieces())
        var values: [ImportedValue] = []
        while values.count < count, let chunk = try source.next() { values += chunk.values.prefix(count) }
        return Array(values.prefix(count))
    }

    /// What is wrong with a file, for its sender; nil for a failure that is not the file's.
    static func objection(_ error: any Error) -> String? {
        switch error {
        case let error as ImportError: "\(error)"
        case ImportRefusal.noMeter: "The rows name no meter: choose the meter that the file is about."
        case ImportRefusal.unknownMeter: "The meter is none of yours."
        case let error as ImportRefusal: "\(error)"
        case let error as MeterDataError: "\(error)"
        case let error as RuleViolation: "The rules of the database refuse it: \(error.explanation)."
        default: nil
        }
    }
}
