import Accounts
import DemandResponse
import Foundation
import MariaDB
import Measures
import Persistence
import Redis
import Testing

/// Sessions and people in Redis: the same answers as without it, and no change of either is missed.
@Suite struct SessionCopyTests {
    private let digest = Array(repeating: UInt8(0xA7), count: 32)

    private static func cache(_ redis: RedisProcess) async throws -> RedisCache {
        var configuration = try RedisConfiguration(url: redis.url)
        configuration.backOff = .milliseconds(5)
        configuration.longestBackOff = .milliseconds(20)
        let cache = RedisCache(
            RedisClient(configuration), pause: .milliseconds(20), makeToken: { UUID().uuidString })
        for _ in 0..<500 {
            if (try? await cache.invalidate([("none", "none")])) != nil { return cache }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw TestFailure("Redis did not start")
    }

    private func open(_ account: UserID, _ sessions: SessionStore) async throws {
        try await sessions.open(
            .init(digest: digest, account: account, stage: .full, agent: "test"), replacing: nil,
            origin: Origin(actor: "test", address: "", now: midsummer))
    }

    @Test func `a session comes from its copy until it or its person changes, whoever writes`() async throws {
        let redis = try RedisProcess()
        let cache = try await Self.cache(redis)
        try await withDatabase("session_copies") { pool in
            let accounts = AccountStore(pool)
            let outbox = CacheOutbox(pool)
            let acme = try await accounts.createOrganization(named: "Acme")
            let user = try await accounts.createUser(email: "a@acme.example", organization: acme)
            try await pool.execute("UPDATE users SET approval_status = 'approved', confirmed_at = '2026-06-01'")
            let sessions = SessionStore(pool, cache: cache)
            let plain = SessionStore(pool)
            let now = midsummer + .seconds(30)
            func both(at now: Instant) async throws -> SessionStore.Session? {
                while try await outbox.deliver(to: cache) > 0 {}
                let cold = try await sessions.session(digest, now: now)
                let warm = try await sessions.session(digest, now: now)
                #expect(try await plain.session(digest, now: now) == cold)
                #expect(warm == cold)
                return cold
            }
            #expect(try await sessions.session(Array(repeating: 1, count: 32), now: now) == nil)
            try await open(user.id, sessions)
            let misses = cache.statistics.misses
            let first = try await both(at: now)
            #expect(first?.identity.role == .organizationAdmin && first?.identity.organizationName == "Acme")
            #expect(cache.statistics.misses == misses + 2 && cache.statistics.hits >= 2)

            try await pool.execute("UPDATE users SET is_admin = FALSE")
            #expect(try await both(at: now)?.identity.role == .organizationMember)
            try await pool.execute("UPDATE organizations SET name = 'Acme Ltd'")
            #expect(try await both(at: now)?.identity.organizationName == "Acme Ltd")
            try await pool.execute("INSERT INTO distributor (org_id) VALUES (?)", [.integer(acme.rawValue)])
            #expect(try await both(at: now)?.identity.role == .analyst)
            try await sessions.touch(digest, now: now)
            #expect(try await sessions.session(digest, now: now)?.seenAt == now)
            #expect(try await both(at: now + .minutes(29)) != nil)
            #expect(try await both(at: now + .minutes(31)) == nil)

            // Without Redis everything goes on.
            redis.signal(SIGKILL)
            #expect(try await sessions.session(digest, now: now)?.identity.role == .analyst)
            try redis.start()
            for _ in 0..<500 where (try? await outbox.deliver(to: cache)) == nil {
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(try await both(at: now) != nil)

            // The end of a session needs no delivery.
            _ = try await sessions.session(digest, now: now)
            try await sessions.end(digest)
            #expect(try await sessions.session(digest, now: now) == nil)
            try await open(user.id, sessions)
            #expect(try await both(at: now) != nil)
            try await pool.execute("DELETE FROM distributor")
            try await pool.execute("DELETE FROM users")
            #expect(try await both(at: now) == nil)
        }
    }
}
