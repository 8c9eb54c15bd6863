import Foundation
import LocalServices
import MariaDB
import Measures
import MeterData
import Persistence
import Redis

/// One thing that was looked at.
struct Finding: Encodable {
    enum Verdict: String, Encodable {
        case ok
        case warning
        case failure
    }

    let check: String
    let verdict: Verdict
    let detail: String
    let hint: String?

    init(_ check: String, _ verdict: Verdict, _ detail: String, hint: String? = nil) {
        self.check = check
        self.verdict = verdict
        self.detail = detail
        self.hint = hint
    }
}

/// Looks an installation over; a check that cannot be made is a finding, never an end.
struct Diagnosis {
    let services: ResolvedServices
    let isQuick: Bool

    func run() async -> [Finding] {
        var findings = programs() + [disk()]
        do {
            findings += try await OperatorDatabase.with(services, migrates: false) { database in
                var found = await self.found("database") { try await settings(database.pool) }
                found += await self.found("schema") { try await schema(database.pool) }
                found += await self.found("meters") { try await meters(database.pool) }
                found += await self.found("cache") { try await cache(database.pool) }
                if !isQuick { found += await self.found("invariants") { try await invariants(database.pool) } }
                return found
            }
        } catch {
            let failure = CommandFailure(explaining: error)
            findings.append(
                Finding("database", .failure, failure?.message ?? "\(error)", hint: failure?.hint))
        }
        return findings
    }

    private func found(_ check: String, _ look: () async throws -> [Finding]) async -> [Finding] {
        do {
            return try await look()
        } catch {
            let failure = CommandFailure(explaining: error)
            return [Finding(check, .failure, failure?.message ?? "\(error)", hint: failure?.hint)]
        }
    }

    // MARK: Machine

    private func programs() -> [Finding] {
        let isOwn = services.databaseURL == nil
        let needed = [
            ("mariadbd", "mariadb-server-core", isOwn), ("redis-server", "redis-server", isOwn),
            ("mariadb", "mariadb-client-core", false), ("mariadb-dump", "mariadb-client", false),
        ]
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return needed.map { name, package, isNeeded in
            let folders = path + ["/usr/local/sbin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
            guard !folders.contains(where: { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }) else {
                return Finding("program \(name)", .ok, "found")
            }
            return Finding(
                "program \(name)", isNeeded ? .failure : .warning, "not found", hint: "apt-get install \(package)")
        }
    }

    private func disk() -> Finding {
        var folder = services.stateDirectory
        while !FileManager.default.fileExists(atPath: folder), folder.count > 1 {
            folder = URL(fileURLWithPath: folder).deletingLastPathComponent().path
        }
        let free = (try? FileManager.default.attributesOfFileSystem(forPath: folder))?[.systemFreeSize] as? Int ?? 0
        let mebibytes = free >> 20
        return Finding(
            "disk", mebibytes < 256 ? .failure : mebibytes < 2_048 ? .warning : .ok,
            "\(mebibytes) MiB free at \(folder)",
            hint: mebibytes < 2_048 ? "make room, or choose another --state-directory" : nil)
    }

    // MARK: Database

    private func settings(_ pool: MariaDBPool) async throws -> [Finding] {
        let rows = try await pool.query(
            """
            SELECT VERSION() AS version, CAST(@@innodb_flush_log_at_trx_commit AS SIGNED) AS flush,
                CAST(@@secure_timestamp AS CHAR) AS clocks
            """)
        guard let row = rows.first else { return [] }
        let flush = try row.integer("flush")
        let keepsClock = try row.text("clocks") == "YES"
        return [
            Finding("database", .ok, "MariaDB \(try row.text("version"))"),
            Finding(
                "durability", flush == 1 ? .ok : .failure, "innodb_flush_log_at_trx_commit is \(flush)",
                hint: flush == 1 ? nil : "set it to 1: an acknowledged reading must outlive a power cut"),
            Finding(
                "sessions' clocks", keepsClock ? .ok : .warning, "secure_timestamp is \(try row.text("clocks"))",
                hint: keepsClock
                    ? nil
                    : "start MariaDB with --secure-timestamp=YES: populate_deltas then looks a meter up once for a statement, "
                        + "and imports are twice as fast"),
        ]
    }

    private func schema(_ pool: MariaDBPool) async throws -> [Finding] {
        let migrator = Migrator(try SchemaFiles(directory: services.database), sha256: Runtime.sha256)
        let files = try await migrator.status(on: pool)
        let open = files.filter { $0.state != .applied }
        let triggers = try await pool.query(
            "SELECT COUNT(*) AS triggers FROM information_schema.triggers WHERE trigger_schema = DATABASE()")
        let count = try triggers.first?.integer("triggers") ?? 0
        return [
            Finding(
                "schema", open.isEmpty ? .ok : .failure,
                open.isEmpty
                    ? "\(files.count) files applied, \(count) triggers"
                    : "\(open.map { "\($0.name) is \($0.state.rawValue)" }.joined(separator: ", "))",
                hint: open.isEmpty ? nil : "run 'curtail migrate up'")
        ]
    }

    private func meters(_ pool: MariaDBPool) async throws -> [Finding] {
        let zones = try await pool.query("SELECT DISTINCT zone FROM meters").map { try $0.text("zone") }
        let unknown = zones.filter { (try? ZoneRules(database: $0)) == nil }
        let late = try await pool.query(
            "SELECT COUNT(*) AS late FROM (SELECT 1 FROM meter_data WHERE start_time >= '2036-01-01' LIMIT 1) l")
        let isLate = try late.first?.integer("late") ?? 0 > 0
        return [
            Finding(
                "time zones", unknown.isEmpty ? .ok : .failure,
                unknown.isEmpty ? "\(zones.count) in use, all known" : "not known: \(unknown.joined(separator: ", "))",
                hint: unknown.isEmpty ? nil : "install tzdata, or correct the meters' zones"),
            Finding(
                "partitions", isLate ? .warning : .ok,
                isLate
                    ? "readings fall into the last partition of meter_data" : "readings have partitions of their own",
                hint: isLate ? "add a migration that splits from_2036" : nil),
        ]
    }

    private func invariants(_ pool: MariaDBPool) async throws -> [Finding] {
        let breaches = try await Invariants(directory: services.database).breaches(on: pool)
        return [
            Finding(
                "invariants", breaches.isEmpty ? .ok : .failure,
                breaches.isEmpty ? "all hold" : "\(breaches.count) broken, the first: \(breaches[0])",
                hint: breaches.isEmpty ? nil : "look at the rows with Database/invariants.sql, and report a defect")
        ]
    }

    private func cache(_ pool: MariaDBPool) async throws -> [Finding] {
        let backlog = try await CacheOutbox(pool).backlog()
        let isStuck = backlog.seconds > 60
        var findings = [
            Finding(
                "cache notes", isStuck ? .warning : .ok,
                "\(backlog.notes) wait, the oldest for \(backlog.seconds) s",
                hint: isStuck ? "a running 'curtail serve' delivers them; is Redis reachable?" : nil)
        ]
        if let url = services.redisURL {
            let client = RedisClient(try RedisConfiguration(url: url))
            do {
                try await client.command(["PING"])
                findings.append(Finding("redis", .ok, "answers"))
            } catch {
                findings.append(
                    Finding("redis", .warning, "\(error)", hint: "without it everything works, more slowly"))
            }
            await client.close()
        }
        return findings
    }
}
