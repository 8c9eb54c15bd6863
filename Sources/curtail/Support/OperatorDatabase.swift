import Foundation
import LocalServices
import MariaDB
import Measures
import Persistence
import VirtualTopNode

/// The database for a command that does one thing and ends.
///
/// In this order: the server that the configuration names; that of a `curtail serve` which runs on the same state
/// directory; a private one that is started for the command.
struct OperatorDatabase: Sendable {
    let pool: MariaDBPool
    /// `mariadb://...` of the database.
    let url: String
    private let local: LocalServices?

    /// The name of the database in a private server, the same for every command.
    static let name = "curtail"

    var topNode: TopNode {
        TopNode(
            store: MariaDBTopNodeStore(pool), configuration: TopNodeConfiguration(),
            environment: TopNodeEnvironment(makeID: { UUID().uuidString }))
    }

    /// Runs `work` on the database and lets go of it afterwards.
    ///
    /// - Parameter migrates: brings the schema up to date first.
    static func with<Value: Sendable>(
        _ services: ResolvedServices, migrates: Bool = true, _ work: (OperatorDatabase) async throws -> Value
    ) async throws -> Value {
        let database = try await open(services, migrates: migrates)
        do {
            let value = try await work(database)
            try await database.close()
            return value
        } catch {
            try? await database.close()
            throw error
        }
    }

    private static func open(_ services: ResolvedServices, migrates: Bool) async throws -> OperatorDatabase {
        let known =
            services.databaseURL
            ?? LocalServices.runningDatabaseURL(in: services.stateDirectory, database: name)
        guard let known else {
            let runtime = try await Runtime.open(services, database: name, migrates: migrates)
            return OperatorDatabase(
                pool: runtime.pool, url: runtime.local?.databaseURL ?? services.databaseURL ?? "", local: runtime.local)
        }
        let pool = try await MariaDBPool.open(try MariaDBConfiguration(url: known), limit: 8)
        do {
            if migrates {
                let schema = try SchemaFiles(directory: services.database)
                _ = try await Migrator(schema, sha256: Runtime.sha256).run(on: pool)
            }
            return OperatorDatabase(pool: pool, url: known, local: nil)
        } catch {
            await pool.close()
            throw error
        }
    }

    private func close() async throws {
        await pool.close()
        try await local?.stop()
    }
}
