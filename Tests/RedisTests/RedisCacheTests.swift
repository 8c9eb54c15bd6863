import Foundation
import LocalServices
import Redis
import Synchronization
import Testing

@Suite struct RedisCacheTests {
    private let namespace = CacheNamespace("test", lifetime: 60)

    /// What is loaded, counted.
    private final class Truth: Sendable {
        let values = Mutex<[String: [UInt8]]>([:])
        let loads = Mutex(0)

        func set(_ key: String, _ text: String) { values.withLock { $0[key] = Array(text.utf8) } }

        func load(_ keys: [String]) -> [[UInt8]] {
            loads.withLock { $0 += keys.count }
            return values.withLock { values in keys.map { values[$0] ?? [] } }
        }
    }

    private static func cache(_ url: String, pause: Duration = .milliseconds(200)) throws -> (RedisCache, RedisClient) {
        var configuration = try RedisConfiguration(url: url)
        configuration.timeout = .seconds(60)
        configuration.backOff = .milliseconds(1)
        configuration.longestBackOff = .milliseconds(5)
        let client = RedisClient(configuration)
        return (RedisCache(client, pause: pause, makeToken: { UUID().uuidString }), client)
    }

    private static func withRedis(_ body: (LocalServices) async throws -> Void) async throws {
        let folder = "/tmp/curtail-cache-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let services = try await LocalServices.start(in: folder)
        do {
            try await body(services)
        } catch {
            try? await services.stop()
            throw error
        }
        try? await services.stop()
    }

    @Test func `a value is loaded once until it is invalidated`() async throws {
        try await Self.withRedis { services in
            let (cache, client) = try Self.cache(services.redisURL)
            let truth = Truth()
            let keys = ["a", "b", "c"]
            for key in keys { truth.set(key, "1") }
            for _ in 0..<3 {
                let found = try await cache.values(namespace, keys) { truth.load($0.map { keys[$0] }) }
                #expect(found == Array(repeating: [UInt8(ascii: "1")], count: 3))
            }
            #expect(truth.loads.withLock { $0 } == 3)
            truth.set("b", "2")
            try await cache.invalidate([("test", "b")])
            let found = try await cache.values(namespace, keys) { indices in
                #expect(indices == [1])
                return truth.load(indices.map { keys[$0] })
            }
            #expect(found.map { String(decoding: $0, as: UTF8.self) } == ["1", "2", "1"])
            let statistics = cache.statistics
            #expect(statistics.hits == 8 && statistics.misses == 4 && statistics.bypassed == 0)
            // An empty value is a value, and what is kept has an end.
            #expect(try await cache.value(namespace, "empty") { [] } == [])
            #expect(try await cache.value(namespace, "empty") { [9] } == [])
            guard case .integer(let seconds) = try await client.command(["TTL", "curtail:test:a"]) else { return }
            #expect((1...60).contains(seconds))
            await client.close()
        }
    }

    @Test func `a value that was loaded before an invalidation is not kept after it`() async throws {
        try await Self.withRedis { services in
            let (cache, client) = try Self.cache(services.redisURL)
            let old = try await cache.value(namespace, "k") {
                // While this load is under way the truth changes, and another reader comes.
                try await cache.invalidate([("test", "k")])
                let second = try await cache.value(namespace, "k") { [2] }
                #expect(second == [2])
                return [1]
            }
            #expect(old == [1])
            #expect(try await cache.value(namespace, "k") { [3] } == [2])
            await client.close()
        }
    }

    @Test func `while somebody loads, others load for themselves`() async throws {
        try await Self.withRedis { services in
            let (cache, client) = try Self.cache(services.redisURL)
            let outer = try await cache.value(namespace, "k") {
                let second = try await cache.value(namespace, "k") { [2] }
                #expect(second == [2])
                return [1]
            }
            #expect(outer == [1])
            #expect(try await cache.value(namespace, "k") { [3] } == [1])
            await client.close()
        }
    }

    @Test func `a load that fails leaves nothing behind but its lease`() async throws {
        try await Self.withRedis { services in
            let (cache, client) = try Self.cache(services.redisURL)
            await #expect(throws: CancellationError.self) {
                try await cache.value(namespace, "k") { throw CancellationError() }
            }
            #expect(try await cache.value(namespace, "k") { [1] } == [1])
            try await cache.invalidate([("test", "k")])
            #expect(try await cache.value(namespace, "k") { [2] } == [2])
            await client.close()
        }
    }

    @Test func `without a server every value comes from the truth, and an invalidation says so`() async throws {
        let (cache, client) = try Self.cache("unix:///tmp/no-such-socket-\(getpid())")
        for round in 1...3 { #expect(try await cache.value(namespace, "k") { [UInt8(round)] } == [UInt8(round)]) }
        #expect(cache.statistics.bypassed == 3)
        await #expect(throws: RedisError.self) { try await cache.invalidate([("test", "k")]) }
        await client.close()
    }
}
