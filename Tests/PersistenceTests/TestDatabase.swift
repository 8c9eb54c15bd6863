import FoundationEssentials
import Glibc
import LocalServices
import MariaDB
import Measures
import Persistence
import Testing

/// The `Database` folder of the repository.
let databaseFolder: String = {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(3).joined(separator: "/") + "/Database"
}()

/// A hash for tests: not secure, but 32 bytes that depend on every byte.
@Sendable func testHash(_ bytes: [UInt8]) -> [UInt8] {
    (0..<4).flatMap { round -> [UInt8] in
        var state: UInt64 = 0xcbf2_9ce4_8422_2325 &+ UInt64(round) &* 0x9e37_79b9_7f4a_7c15
        for byte in bytes { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return (0..<8).map { UInt8(truncatingIfNeeded: state >> ($0 * 8)) }
    }
}

/// One private server for the whole run, unless `CURTAIL_TEST_DATABASE_URL` names one.
enum TestServer {
    private static let running = Task { try await start() }

    static func configuration() async throws -> MariaDBConfiguration {
        try await running.value.configuration
    }

    private struct Running {
        let configuration: MariaDBConfiguration
        /// Kept: the server ends with it.
        let services: LocalServices?
    }

    private static let prefix = "curtail-persistence-tests-"
    private static let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"

    private static func start() async throws -> Running {
        if let url = getenv("CURTAIL_TEST_DATABASE_URL") {
            return Running(configuration: try MariaDBConfiguration(url: String(cString: url)), services: nil)
        }
        removeLeftovers()
        let services = try await LocalServices.start(in: "\(parent)/\(prefix)\(getpid())")
        return Running(configuration: try MariaDBConfiguration(url: services.databaseURL), services: services)
    }

    /// The server outlives the last test by a moment, so its folder is left to the next run.
    private static func removeLeftovers() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] {
            guard name.hasPrefix(prefix), let owner = pid_t(name.dropFirst(prefix.count)), kill(owner, 0) != 0 else {
                continue
            }
            try? FileManager.default.removeItem(atPath: "\(parent)/\(name)")
        }
    }
}

/// The private server takes 50 connections: so many tests use it at a time.
private actor TestSlots {
    static let shared = TestSlots()
    private var free = 4
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func take() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func giveBack() {
        if waiting.isEmpty {
            free += 1
        } else {
            waiting.removeFirst().resume()
        }
    }
}

struct TestFailure: Error, Equatable, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Runs `body` on an empty database of its own.
func withEmptyDatabase<Value: Sendable>(
    _ name: String, limit: Int = 10, _ body: (MariaDBPool) async throws -> Value
) async throws -> Value {
    await TestSlots.shared.take()
    let result: Result<Value, any Error>
    do {
        result = .success(try await usingEmptyDatabase(name, limit: limit, body))
    } catch {
        result = .failure(error)
    }
    await TestSlots.shared.giveBack()
    return try result.get()
}

private func usingEmptyDatabase<Value: Sendable>(
    _ name: String, limit: Int, _ body: (MariaDBPool) async throws -> Value
) async throws -> Value {
    var configuration = try await TestServer.configuration()
    let database = "t\(getpid())_\(name)"
    configuration.database = nil
    let administrator = try await MariaDBConnection.connect(configuration)
    try await administrator.runScript(
        """
        DROP DATABASE IF EXISTS \(database);
        CREATE DATABASE \(database) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
        """)
    configuration.database = database
    let pool = try await MariaDBPool.open(configuration, limit: limit, waitLimit: .seconds(60))
    let result: Result<Value, any Error>
    do { result = .success(try await body(pool)) } catch { result = .failure(error) }
    await pool.close()
    try await administrator.runScript("DROP DATABASE \(database)")
    await administrator.close()
    return try result.get()
}

/// Runs `body` on a database with the whole schema, and then checks everything that must always hold.
func withDatabase(
    _ name: String, limit: Int = 10, _ body: (MariaDBPool) async throws -> Void
) async throws {
    try await withEmptyDatabase(name, limit: limit) { pool in
        _ = try await Migrator(SchemaFiles(directory: databaseFolder), sha256: testHash).run(on: pool)
        try await body(pool)
        let breaches = try await Invariants(directory: databaseFolder).breaches(on: pool)
        #expect(breaches.isEmpty, "\(breaches)")
    }
}

extension MariaDBPool {
    /// The one number of a query.
    func number(_ sql: StaticString, _ parameters: [MariaDBValue] = []) async throws -> Int64? {
        guard let row = try await query(sql, parameters).first, let column = row.columns.first else { return nil }
        return try row.optionalInteger(column)
    }
}

let midsummer = Instant(year: 2026, month: 7, day: 1)
