import Credentials
import Measures
import MutualTLS
import Testing
import VirtualTopNode

extension IntegrationTests {
    /// A listener that has all the connections that it may have.
    @Suite struct ConnectionLimitTests {
        @Test func `one connection too many waits in the system's queue until another one ends`() async throws {
            let world = try #require(World.current)
            let listener = try await TestListener.start(
                world, time: SystemTime(), wire: TestListener.Wire(connectionLimit: 2))
            let clients = try (1...3).map { number in
                HTTPSClient(
                    host: "127.0.0.1", port: listener.port,
                    context: try world.authority.client(try world.authority.ven("limit-\(number)")))
            }
            for client in clients.prefix(2) { _ = try await client.post(path: "/", body: []) }
            let third = Task { try await clients[2].post(path: "/", body: []).status }
            try await Task.sleep(for: .seconds(1))
            #expect(listener.admitted == ["limit-1", "limit-2"])
            await clients[0].close()
            #expect(try await third.value == 404)
            #expect(listener.admitted == ["limit-1", "limit-2", "limit-3"])
            for client in clients.dropFirst() { await client.close() }
            await listener.stop()
        }
    }
}
