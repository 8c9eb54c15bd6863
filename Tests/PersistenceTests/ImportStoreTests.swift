import DemandResponse
import FoundationEssentials
import Glibc
import MariaDB
import Measures
import MeterData
import OpenADR
import Persistence
import Testing

@Suite struct ImportStoreTests {
    private let boss = Actor("boss@grid.example")

    /// Imports a text as a file; the step and everything else is found out.
    @discardableResult
    private func load(
        _ text: String, _ pool: MariaDBPool, at now: Instant = midsummer, meter: String? = nil,
        change: (inout ImportOrder) -> Void = { _ in }
    ) async throws -> ImportReport {
        let bytes = Array(text.utf8)
        var plan = try TableSniffer.plan(bytes, isWhole: true)
        // Small numbers that grow look like one.
        if !text.contains("register") { plan.values = .intervals }
        var order = ImportOrder(
            file: "f.csv", digest: testHash(bytes), actor: boss, meter: meter,
            unknownMeters: .create(zone: "Europe/Berlin"))
        change(&order)
        var rest = bytes[...]
        return try await ImportStore(pool).run(order, plan: plan, now: now) {
            defer { rest = rest.dropFirst(1_000) }
            return Array(rest.prefix(1_000))
        }
    }

    /// A table of hours of midsummer for each meter, the values given by meter and hour.
    private func table(_ meters: [String], hours: Range<Int>, _ value: (Int, Int) -> Int) -> String {
        var text = "meter,time_utc,wh\n"
        for hour in hours {
            let time = (midsummer + .hours(Int64(hour))).description.dropLast()
            for (index, meter) in meters.enumerated() { text += "\(meter),\(time),\(value(index, hour))\n" }
        }
        return text
    }

    private func values(_ pool: MariaDBPool, _ meter: String) async throws -> [Double] {
        let id = try #require(try await MeterStore(pool).meter(named: meter)).id
        return try await ReadingStore(pool).readings(
            of: id, in: TimeWindow(start: midsummer - .days(1), duration: .days(40))
        ).compactMap(\.energy?.value)
    }

    private func withGrid(_ name: String, _ body: (MariaDBPool) async throws -> Void) async throws {
        try await withDatabase(name) { pool in
            _ = try await AccountStore(pool).establishDistributor(named: "Grid")
            try await body(pool)
        }
    }

    @Test func `a file of many meters is imported, told, and not imported twice`() async throws {
        try await withGrid("import_many") { pool in
            let text = table(["a", "b", "c"], hours: 0..<50) { $0 * 1_000 + $1 }
            let dry = try await load(text, pool) { $0.isDryRun = true }
            #expect(dry.values == 150 && dry.createdMeters == ["a", "b", "c"] && dry.batch == nil)
            let stored = try await MeterStore(pool).meters()
            #expect(stored.isEmpty)
            let report = try await load(text, pool)
            #expect(report.values == 150 && report.rows == 150 && report.refused == 0)
            #expect(report.meters == ["a", "b", "c"] && report.createdMeters == ["a", "b", "c"])
            #expect(report.window == TimeWindow(start: midsummer, duration: .hours(50)))
            #expect(try await values(pool, "b") == (0..<50).map { Double(1_000 + $0) })
            let again = try await load(text, pool)
            #expect(again.isRepetition && again.batch == report.batch)
            // The same values under another name of the file change nothing either.
            try await load(text + "\n", pool, at: midsummer + .days(1))
            #expect(try await pool.number("SELECT COUNT(*) FROM meter_data_replaced") == 0)
            #expect(try await pool.number("SELECT COUNT(DISTINCT batch_id) FROM meter_data") == 1)
            let batches = try await ImportStore(pool).batches().items
            #expect(batches.map(\.state) == [.done, .done] && batches.last?.values == 150)
            #expect(batches.allSatisfy { $0.actor == boss })
        }
    }

    @Test func `an import is undone: new rows go, replaced ones come back, later ones stay`() async throws {
        try await withGrid("import_undo") { pool in
            let store = ImportStore(pool)
            let first = try #require(try await load(table(["a"], hours: 0..<4) { _, hour in hour }, pool).batch)
            let second = try #require(
                try await load(table(["a"], hours: 2..<6) { _, hour in 10 + hour }, pool, at: midsummer + .hours(1))
                    .batch)
            let third = try #require(
                try await load(table(["a"], hours: 3..<5) { _, hour in 100 + hour }, pool, at: midsummer + .hours(2))
                    .batch)
            #expect(try await values(pool, "a") == [0, 1, 12, 103, 104, 15])
            try await store.undo(second, by: boss)
            #expect(try await values(pool, "a") == [0, 1, 2, 103, 104])
            await #expect(throws: ImportRefusal.alreadyUndone(second)) { try await store.undo(second, by: boss) }
            try await store.undo(third, by: boss)
            #expect(try await values(pool, "a") == [0, 1, 2, 3])
            try await store.undo(first, by: boss)
            #expect(try await values(pool, "a") == [])
            await #expect(throws: ImportRefusal.unknownBatch(BatchID(99))) {
                try await store.undo(BatchID(99), by: boss)
            }
            // Everything that ever was is kept.
            let kept = try await pool.query("SELECT DISTINCT meter_value FROM meter_data_replaced")
            #expect(Set(try kept.map { try $0.double("meter_value") }).isSuperset(of: [0, 1, 2, 3, 12, 103, 104, 15]))
            let audit = try await AuditStore(pool).entries(.init(actor: boss, action: "data.undo")).items
            #expect(audit.map(\.subject) == ["batch/1", "batch/3", "batch/2"])
        }
    }

    @Test func `in any order of undoing, what is left is what the others brought`() async throws {
        try await withGrid("import_undo_orders") { pool in
            let store = ImportStore(pool)
            let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
            for (round, order) in orders.enumerated() {
                let meter = "m\(round)"
                var batches: [BatchID] = []
                for part in 0..<3 {
                    let text = table([meter], hours: part..<(part + 3)) { _, hour in 100 * (part + 1) + hour }
                    batches.append(
                        try #require(try await load(text, pool, at: midsummer + .hours(Int64(part))).batch))
                }
                var left = Set(0..<3)
                for part in order {
                    try await store.undo(batches[part], by: boss)
                    left.remove(part)
                    let expected = (0..<5).compactMap { hour in
                        left.filter { ($0..<($0 + 3)).contains(hour) }.max().map { Double(100 * ($0 + 1) + hour) }
                    }
                    #expect(try await values(pool, meter) == expected, "\(order) at \(part)")
                }
            }
        }
    }

    @Test func `an older statement does not replace a newer one`() async throws {
        try await withGrid("import_older") { pool in
            try await load(table(["a"], hours: 0..<2) { _, hour in hour }, pool, at: midsummer + .days(1))
            try await load(table(["a"], hours: 0..<3) { _, hour in 50 + hour }, pool, at: midsummer)
            #expect(try await values(pool, "a") == [0, 1, 52])
        }
    }

    @Test func `an atomic import with a problem writes nothing`() async throws {
        try await withGrid("import_atomic") { pool in
            let bad = table(["a"], hours: 0..<30) { _, hour in hour } + "a,2026-07-03 99:00:00,5\n"
            let plan = try TableSniffer.plan(
                Array(table(["a"], hours: 0..<30) { _, hour in hour % 7 }.utf8), isWhole: true)
            let order = ImportOrder(
                file: "f", digest: testHash([1]), actor: boss, unknownMeters: .create(zone: "UTC"), isAtomic: true)
            for text in [bad, String(bad.dropLast(24))] {
                var pieces = [Array(text.utf8), []][...]
                do {
                    let report = try await ImportStore(pool).run(order, plan: plan, now: midsummer) {
                        pieces.popFirst() ?? []
                    }
                    #expect(text != bad && report.values == 30)
                } catch ImportRefusal.problems(let problems, let count) {
                    #expect(text == bad && count == 1 && problems.map(\.line) == [32])
                    #expect(try await pool.number("SELECT COUNT(*) FROM meter_data") == 0)
                }
            }
            #expect(try await pool.number("SELECT COUNT(*) FROM meter_data") == 30)
        }
    }

    @Test func `unknown meters are refused row by row, and a file without a name needs one`() async throws {
        try await withGrid("import_unknown") { pool in
            _ = try await MeterStore(pool).create(MeterDescription(name: "a", zone: "UTC", step: .hours(1)))
            let report = try await load(table(["a", "b"], hours: 0..<3) { $0 + $1 }, pool) {
                $0.unknownMeters = .refuse
            }
            #expect(report.values == 3 && report.refused == 3)
            #expect(report.problems.first?.reason.contains("b") == true)
            let plain = "time_utc,wh\n2026-07-01 00:00,1\n2026-07-01 01:00,2\n"
            await #expect(throws: ImportRefusal.noMeter) { try await load(plain, pool) }
            await #expect(throws: ImportRefusal.unknownMeter("z")) {
                try await load(plain, pool, meter: "z") { $0.unknownMeters = .refuse }
            }
            try await load(plain, pool, meter: "z")
            #expect(try await values(pool, "z") == [1, 2])
        }
    }

    /// Readings 0.0, 0.5, 1.0, ... kWh above 12,345 kWh, one each hour.
    private func register(_ hours: [Int]) -> String {
        "time_utc,register_kwh\n"
            + hours.map { "\((midsummer + .hours(Int64($0))).description.dropLast()),\(12_345 + Double($0) / 2)\n" }
            .joined()
    }

    @Test func `a register gives its differences, and a late reading repairs its neighbours`() async throws {
        try await withGrid("import_register") { pool in
            let store = ImportStore(pool)
            try await load(register([0, 1, 2, 3, 10, 11, 12]), pool, meter: "r")
            #expect(try await values(pool, "r") == Array(repeating: 500, count: 12))
            let flags = try await pool.number("SELECT COUNT(*) FROM meter_data WHERE quality = 'estimated'")
            #expect(flags == 7)
            // Five at hour 5 instead of 2.5: the hours before and after share what is left.
            let late =
                "time_utc,register_kwh\n2026-07-01 05:00:00,12348.5\n2026-07-01 06:00:00,12348.75\n2026-07-01 07:00:00,12349\n2026-07-01 08:00:00,12349.25\n"
            let batch = try #require(try await load(late, pool, at: midsummer + .hours(1), meter: "r").batch)
            #expect(try await values(pool, "r") == [500, 500, 500, 1_000, 1_000, 250, 250, 250, 375, 375, 500, 500])
            try await store.undo(batch, by: boss)
            #expect(try await values(pool, "r") == Array(repeating: 500, count: 12))
            #expect(try await pool.number("SELECT COUNT(*) FROM register_readings") == 7)
        }
    }

    @Test func `an import that was interrupted goes on and counts nothing twice`() async throws {
        try await withGrid("import_interrupted") { pool in
            let text = table(["a", "b"], hours: 0..<600) { $0 + $1 % 50 }
            let bytes = Array(text.utf8)
            let plan = try TableSniffer.plan(bytes, isWhole: true)
            let order = ImportOrder(
                file: "f", digest: testHash(bytes), actor: boss, unknownMeters: .create(zone: "UTC"))
            var pieces = stride(from: 0, to: bytes.count, by: 5_000).map {
                Array(bytes[$0..<min($0 + 5_000, bytes.count)])
            }[...]
            await #expect(throws: TestFailure.self) {
                try await ImportStore(pool).run(order, plan: plan, now: midsummer) {
                    guard pieces.count > 3 else { throw TestFailure("the machine stopped") }
                    return pieces.popFirst() ?? []
                }
            }
            let report = try await load(text, pool) { $0.unknownMeters = .create(zone: "UTC") }
            #expect(report.values == 1_200)
            #expect(try await values(pool, "a") == (0..<600).map { Double($0 % 50) })
            #expect(try await pool.number("SELECT COUNT(*) FROM import_batches") == 1)
        }
    }

    @Test func `the rules hold for imports: sheds of predictions that came before`() async throws {
        try await withGrid("import_deltas") { pool in
            let meter = try await MeterStore(pool).create(MeterDescription(name: "a", zone: "UTC", step: .hours(1)))
            try await storeEvent("e", on: pool)
            try await PredictionStore(pool).replace(
                [.init(window: TimeWindow(start: midsummer + .hours(1), duration: .hours(1)), energy: WattHours(70))],
                of: meter, in: ProgramEventID("e"))
            let batch = try #require(try await load(table(["a"], hours: 0..<3) { _, hour in 50 + hour }, pool).batch)
            #expect(try await pool.number("SELECT CAST(SUM(delta_value) AS SIGNED) FROM meter_data") == 19)
            try await ImportStore(pool).undo(batch, by: boss)
        }
    }
}
