import Crypto
import Foundation
import Glibc
import LocalServices
import MariaDB
import MessageAudit
import OpenADRXML
import Persistence
import Testing

/// The VTN as it stands in the field: a listener with mutual TLS, a top node, and MariaDB behind them.
@Suite(.world) enum IntegrationTests {}

/// What all tests of the suite share.
struct World: Sendable {
    @TaskLocal static var current: World?

    let pool: MariaDBPool
    let codec: OpenADRCodec
    let authority: TestAuthority

    /// The repository's folder.
    static let root: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(3).joined(separator: "/")
    }()

    /// Servers, schema and keys in a folder that is gone afterwards.
    static func around(_ body: @concurrent @Sendable () async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let services = try await LocalServices.start(in: folder.path, database: "integration")
        do {
            let pool = try await MariaDBPool.open(MariaDBConfiguration(url: services.databaseURL), limit: 8)
            _ = try await Migrator(SchemaFiles(directory: "\(root)/Database")) { Array(SHA256.hash(data: $0)) }
                .run(on: pool)
            let world = World(
                pool: pool, codec: try MessageAudit.codec { Issue.record("\($0)") },
                authority: try TestAuthority())
            try await $current.withValue(world, operation: body)
            let breaches = try await Invariants(directory: "\(root)/Database").breaches(on: pool)
            #expect(breaches.isEmpty, "\(breaches)")
            await pool.close()
        } catch {
            try? await services.stop()
            throw error
        }
        try await services.stop()
        withExtendedLifetime(folder) {}
    }
}

/// Starts one `World` for a suite with everything in it, and ends it afterwards.
struct WorldTrait: SuiteTrait, TestScoping {
    @concurrent func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await World.around(function)
    }
}

extension Trait where Self == WorldTrait {
    static var world: WorldTrait { WorldTrait() }
}

/// In memory where there is such a folder; gone with the value.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(parent)/curtail-integration-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestFailure("no temporary folder") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        chmod(path, 0o755)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

struct TestFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Asks again and again until `condition` holds; false when it never did.
func eventually(within limit: Duration = .seconds(40), _ condition: () async throws -> Bool) async throws -> Bool {
    let start = ContinuousClock.now
    while try await !condition() {
        guard start.duration(to: .now) < limit else { return false }
        try await Task.sleep(for: .milliseconds(20))
    }
    return true
}
