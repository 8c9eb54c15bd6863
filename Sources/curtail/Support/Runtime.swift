import Crypto
import Foundation
import LocalServices
import MariaDB
import Persistence
import Redis

/// The servers behind a command: its own private ones, or those that the configuration names.
struct Runtime {
    let pool: MariaDBPool
    /// How the pool's connections are made.
    let database: MariaDBConfiguration
    /// Connects with its first command.
    let redis: RedisClient
    /// Copies of what the database holds; on `redis`.
    let cache: RedisCache
    /// Nil when the configuration names servers.
    let local: LocalServices?

    /// Starts or connects to the servers, and brings the schema up to date.
    ///
    /// - Parameters:
    ///   - database: the name of the database in a private server.
    ///   - migrates: whether the schema is brought up to date.
    static func open(
        _ services: ResolvedServices, database: String, migrates: Bool = true
    ) async throws -> Runtime {
        let schema = try SchemaFiles(directory: services.database)
        var local: LocalServices?
        let urls: (database: String, redis: String)
        switch (services.databaseURL, services.redisURL) {
        case (let database?, let redis?):
            urls = (database, redis)
        case (nil, nil):
            let started = try await LocalServices.start(in: services.stateDirectory, database: database)
            local = started
            urls = (started.databaseURL, started.redisURL)
        default:
            throw CommandFailure(
                "Only one of the two servers is configured.",
                hint: "give both --database-url and --redis-url, or neither", status: .usage)
        }
        do {
            let configuration = try MariaDBConfiguration(url: urls.database)
            let pool = try await MariaDBPool.open(configuration, limit: 8)
            do {
                if migrates { _ = try await Migrator(schema, sha256: Self.sha256).run(on: pool) }
                let redis = RedisClient(try RedisConfiguration(url: urls.redis))
                let cache = RedisCache(redis, makeToken: { UUID().uuidString })
                return Runtime(pool: pool, database: configuration, redis: redis, cache: cache, local: local)
            } catch {
                await pool.close()
                throw error
            }
        } catch {
            try? await local?.stop()
            throw error
        }
    }

    func close() async throws {
        await redis.close()
        await pool.close()
        try await local?.stop()
    }

    @Sendable static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: bytes))
    }
}
