import Foundation
import LocalServices
import Redis
import Testing

@Suite struct RedisClientTests {
    private static func client(_ services: LocalServices, timeout: Duration = .seconds(60)) throws -> RedisClient {
        var configuration = try RedisConfiguration(url: services.redisURL)
        configuration.timeout = timeout
        configuration.backOff = .milliseconds(1)
        configuration.longestBackOff = .milliseconds(20)
        return RedisClient(configuration)
    }

    private static func withServices(_ body: (LocalServices, String) async throws -> Void) async throws {
        let folder = "/tmp/curtail-redis-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let services = try await LocalServices.start(in: folder)
        do {
            try await body(services, folder)
        } catch {
            try? await services.stop()
            throw error
        }
        try? await services.stop()
    }

    @Test func `replies of every kind come back`() async throws {
        try await Self.withServices { services, _ in
            let client = try Self.client(services)
            #expect(try await client.command(["PING"]) == .status("PONG"))
            #expect(try await client.command(["INCRBY", "n", "-5"]) == .integer(-5))
            #expect(try await client.command(["GET", "nothing"]) == .null)
            #expect(try await client.command(["RPUSH", "list", "", "b"]) == .integer(2))
            #expect(
                try await client.command(["LRANGE", "list", "0", "-1"]) == .array([.bytes([]), .bytes([98])]))
            #expect(try await client.command(["LRANGE", "no list", "0", "-1"]) == .array([]))
            // The error of one command among others, as the reply of a transaction.
            #expect(try await client.command(["MULTI"]) == .status("OK"))
            try await client.command(["LPUSH", "n", "x"])
            try await client.command(["INCR", "n"])
            guard case .array(let replies) = try await client.command(["EXEC"]) else {
                Issue.record("EXEC gives an array")
                return
            }
            guard case .error(let message) = replies[0] else {
                Issue.record("the first command fails")
                return
            }
            #expect(message.hasPrefix("WRONGTYPE"))
            #expect(replies[1] == .integer(-4))
            await client.close()
        }
    }

    @Test func `a refused command throws, and the next one works`() async throws {
        try await Self.withServices { services, _ in
            let client = try Self.client(services)
            let error = await #expect(throws: RedisError.self) { try await client.command(["NOSUCH", "x"]) }
            guard case .server(let message)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(message.contains("unknown command"))
            await #expect(throws: RedisError.self) { try await client.command([]) }
            #expect(try await client.command(["PING"]) == .status("PONG"))
            await client.close()
            await #expect(throws: RedisError.closed) { try await client.command(["PING"]) }
        }
    }

    @Test func `values are bytes, of any size`() async throws {
        try await Self.withServices { services, _ in
            let client = try Self.client(services)
            let every = (0...255).map { UInt8($0) }
            let large = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            for (key, value) in [("empty", []), ("every", every), ("large", large), ("k\r\n\"ey 🔌", [13, 10])] {
                try await client.set(key, value)
                #expect(try await client.get(key) == value)
            }
            #expect(try await client.delete(["empty", "every", "not there"]) == 2)
            #expect(try await client.get("every") == nil)
            try await client.set("short-lived", [1], expiringIn: 60)
            guard case .integer(let seconds) = try await client.command(["TTL", "short-lived"]) else {
                Issue.record("TTL gives a number")
                return
            }
            #expect((1...60).contains(seconds))
            #expect(try await client.publish("channel", [1, 2]) == 0)
            await client.close()
        }
    }

    @Test func `a thousand concurrent commands each get their own reply`() async throws {
        try await Self.withServices { services, _ in
            let client = try Self.client(services)
            let start = ContinuousClock.now
            let answers = try await withThrowingTaskGroup(of: (Int, [UInt8]?).self) { group in
                for number in 0..<1000 {
                    group.addTask {
                        try await client.set("key \(number)", Array("value \(number)".utf8))
                        return (number, try await client.get("key \(number)"))
                    }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            print("2000 pipelined commands: \(start.duration(to: .now))")
            #expect(answers.count == 1000)
            for (number, answer) in answers { #expect(answer == Array("value \(number)".utf8)) }
            // All of them went over one connection.
            guard case .bytes(let list) = try await client.command(["CLIENT", "LIST"]) else {
                Issue.record("CLIENT LIST gives text")
                return
            }
            #expect(String(decoding: list, as: UTF8.self).split(separator: "\n").count == 1)
            await client.close()
        }
    }

    @Test func `a slow reply times out, and later replies still match their commands`() async throws {
        try await Self.withServices { services, _ in
            let other = try Self.client(services)
            let client = try Self.client(services, timeout: .milliseconds(300))
            _ = try await eventually { try? await client.command(["PING"]) }
            await #expect(throws: RedisError.timedOut) { try await client.command(["BLPOP", "queue", "0"]) }
            // Behind the blocked command of the same connection.
            await #expect(throws: RedisError.timedOut) { try await client.command(["ECHO", "late"]) }
            try await other.command(["RPUSH", "queue", "x"])
            let answer = try await eventually { try? await client.command(["ECHO", "mine"]) }
            #expect(answer == .bytes(Array("mine".utf8)))
            await other.close()
            await client.close()
        }
    }

    @Test func `a server that is killed gives errors, and is used again when it is back`() async throws {
        try await Self.withServices { services, folder in
            let client = try Self.client(services)
            try await client.set("key", [1])
            let text = try String(contentsOfFile: "\(folder)/redis/pid", encoding: .utf8)
            let pid = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
            let blocked = Task { try await client.command(["BLPOP", "queue", "0"]) }
            _ = try await eventually {
                try await client.isBlocked(folder, services) ? true : nil
            }
            kill(pid, SIGKILL)
            await #expect(throws: RedisError.connectionLost) { try await blocked.value }
            await #expect(throws: RedisError.self) { try await client.command(["PING"]) }
            await #expect(throws: LocalServicesError.self) { try await services.stop() }

            let again = try await LocalServices.start(in: folder)
            let reply = try await eventually { try? await client.command(["PING"]) }
            #expect(reply == .status("PONG"))
            // What it held is gone, as nothing of it is on disk.
            #expect(try await client.get("key") == nil)
            await client.close()
            try await again.stop()
        }
    }

    @Test func `an absent server is told apart and asked ever less often`() async throws {
        var configuration = RedisConfiguration(endpoint: .unixSocket(path: "/nonexistent/redis.sock"))
        configuration.backOff = .seconds(600)
        configuration.longestBackOff = .seconds(600)
        let client = RedisClient(configuration)
        for reason in ["connect", "waiting"] {
            let error = await #expect(throws: RedisError.self) { try await client.command(["PING"]) }
            guard case .unreachable(let text)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(text.contains(reason) || reason == "connect")
        }
        await client.close()
    }
}

extension RedisClient {
    /// Whether the server has a blocked client, asked over another connection.
    fileprivate func isBlocked(_ folder: String, _ services: LocalServices) async throws -> Bool {
        var configuration = try RedisConfiguration(url: services.redisURL)
        configuration.timeout = .seconds(60)
        let observer = RedisClient(configuration)
        guard case .bytes(let info) = try await observer.command(["INFO", "clients"]) else { return false }
        await observer.close()
        return String(decoding: info, as: UTF8.self).contains("blocked_clients:1")
    }
}

/// Asks again until there is an answer, for at most 20 s.
func eventually<Value>(_ question: () async throws -> Value?) async throws -> Value {
    let start = ContinuousClock.now
    while true {
        if let answer = try await question() { return answer }
        try #require(start.duration(to: .now) < .seconds(90), "it never happened")
        try await Task.sleep(for: .milliseconds(5))
    }
}
