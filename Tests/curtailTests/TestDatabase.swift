import Foundation
import LocalServices
import MariaDB
import Persistence
import Testing

@testable import curtail

/// One private server for the whole run.
private enum TestServer {
    static let running = Task {
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        return try await LocalServices.start(in: "\(parent)/curtail-program-tests-\(getpid())")
    }
}

/// Runs `body` on a database of its own with the whole schema, and then checks everything that must always hold.
func withDatabase(_ name: String, _ body: (MariaDBPool) async throws -> Void) async throws {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    let folder = parts.dropLast(3).joined(separator: "/") + "/Database"
    let files = try SchemaFiles(directory: folder)
    var configuration = try MariaDBConfiguration(url: try await TestServer.running.value.databaseURL)
    configuration.database = nil
    let administrator = try await MariaDBConnection.connect(configuration)
    try await administrator.runScript(
        "CREATE DATABASE \(name) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    configuration.database = name
    let pool = try await MariaDBPool.open(configuration, limit: 12, waitLimit: .seconds(60))
    let result: Result<Void, any Error>
    do {
        _ = try await Migrator(files, sha256: Runtime.sha256).run(on: pool)
        try await body(pool)
        let breaches = try await Invariants(directory: folder).breaches(on: pool)
        #expect(breaches.isEmpty, "\(breaches)")
        result = .success(())
    } catch {
        result = .failure(error)
    }
    await pool.close()
    try await administrator.runScript("DROP DATABASE \(name)")
    await administrator.close()
    try result.get()
}
