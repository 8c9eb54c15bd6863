import Credentials
import Measures
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

@testable import MutualTLS

@Suite struct HTTPSClientTests {
    private let pki = TestAuthority.shared

    private func client(
        of server: LoopbackServer, _ configuration: HTTPSClient.Configuration = .init(), host: String = "127.0.0.1"
    ) throws -> HTTPSClient {
        try HTTPSClient(host: host, port: server.port, context: pki.client(), configuration: configuration)
    }

    @Test func `Many requests go over one connection, and large bodies both ways`() async throws {
        let server = try await LoopbackServer.start(pki.server())
        let client = try client(of: server)
        for size in [0, 1, 750, 16_384, 1_048_576] {
            let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let answer = try await client.post(path: "/OpenADR2/Simple/2.0b/OadrPoll", body: body)
            #expect(answer.status == 200 && answer.body == body.reversed())
            #expect(answer.header("content-type") == "application/xml")
        }
        await client.close()
        let log = server.log.withLock { $0 }
        #expect(log.handshakes.count == 1)
        #expect(log.handshakes.first?.cipher == "ECDHE-ECDSA-AES128-SHA256")
        #expect(log.peersOfRequests.allSatisfy { $0?.sha256 == pki.ven.derSHA256 } && log.peersOfRequests.count == 5)
        let head = try #require(log.heads.last)
        #expect(head.method == .POST && head.uri == "/OpenADR2/Simple/2.0b/OadrPoll")
        #expect(head.headers["Content-Length"] == ["1048576"] && head.headers["Transfer-Encoding"].isEmpty)
        #expect(head.headers["Host"] == ["127.0.0.1:\(server.port)"])
        #expect(head.headers["Content-Type"] == ["application/xml"])
        try await server.stop()
    }

    @Test func `Concurrent callers are served one after the other, each with its own answer`() async throws {
        let server = try await LoopbackServer.start(pki.server())
        let client = try client(of: server)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<50 {
                group.addTask {
                    let body = Array("request \(number)".utf8)
                    return try await client.post(path: "/x", body: body).body == body.reversed()
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
        await client.close()
        #expect(server.log.withLock { $0.handshakes.count } == 1)
        try await server.stop()
    }

    @Test func `A connection that the server closed is made again, with the session resumed`() async throws {
        let server = try await LoopbackServer.start(pki.server(), .closeAfterAnswer)
        let client = try client(of: server)
        for _ in 0..<3 { #expect(try await client.post(path: "/x", body: [1, 2]).body == [2, 1]) }
        await client.close()
        #expect(server.log.withLock { $0.handshakes.map(\.resumed) } == [false, true, true])
        try await server.stop()
    }

    @Test func `A request on a connection that has just been dropped is sent again`() async throws {
        let server = try await LoopbackServer.start(pki.server())
        let client = try client(of: server)
        for _ in 0..<20 {
            #expect(try await client.post(path: "/x", body: [1, 2]).body == [2, 1])
            try await server.dropConnections()
        }
        await client.close()
        try await server.stop()
    }

    @Test func `Reloading certificates under load fails no request`() async throws {
        let context = try pki.server()
        let server = try await LoopbackServer.start(context, .closeAfterAnswer)
        let renewed = try pki.issue(.vtn(hostNames: ["127.0.0.1"]), .p256, from: -.days(1), to: .days(90))
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                let client = try client(of: server)
                group.addTask {
                    for _ in 0..<25 { _ = try await client.post(path: "/x", body: [1, 2, 3]) }
                    await client.close()
                    return 25
                }
            }
            for round in 0..<20 {
                let identity = try TLSIdentity(round.isMultiple(of: 2) ? renewed : pki.serverEC)
                try context.reload(identities: [identity], clients: .required(pki.roots))
                await Task.yield()
            }
            #expect(try await group.reduce(0, +) == 100)
        }
        let log = server.log.withLock { $0 }
        #expect(log.failures.isEmpty && log.peersOfRequests.count == 100)
        #expect(log.peersOfRequests.allSatisfy { $0?.commonName == "ven-1" })
        try await server.stop()
    }

    @Test func `A silent server runs into the time limit`() async throws {
        let server = try await LoopbackServer.start(pki.server(), .silent)
        let client = try client(of: server, .init(requestTimeout: .milliseconds(200)))
        await #expect(throws: HTTPSFailure.timeout) { try await client.post(path: "/x", body: [0]) }
        await client.close()
        try await server.stop()
    }

    @Test func `An answer beyond the limit is cut off`() async throws {
        let server = try await LoopbackServer.start(pki.server(), .huge)
        let client = try client(of: server, .init(longestAnswer: 65_536))
        await #expect(throws: HTTPSFailure.answerTooLong(limit: 65_536)) { try await client.post(path: "/x", body: []) }
        await client.close()
        try await server.stop()
    }

    @Test func `A cancelled request ends at once, and the next one gets its own answer`() async throws {
        let server = try await LoopbackServer.start(pki.server(), .silent)
        let client = try client(of: server)
        let task = Task { try await client.post(path: "/x", body: [0]) }
        while server.log.withLock({ $0.heads.isEmpty }) { await Task.yield() }
        let next = Task { try await client.post(path: "/x", body: [1, 2]) }
        task.cancel()
        await #expect(throws: HTTPSFailure.cancelled) { try await task.value }
        #expect(try await next.value.body == [2, 1])
        let early = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await client.post(path: "/x", body: [3])
        }
        await #expect(throws: HTTPSFailure.cancelled) { try await early.value }
        await client.close()
        #expect(server.log.withLock { $0.handshakes.count } == 2)
        try await server.stop()
    }

    @Test func `Faults have names`() async throws {
        let server = try await LoopbackServer.start(pki.server())
        let misnamed = try HTTPSClient(
            host: "127.0.0.1", port: server.port, context: pki.client(), verification: .name("example.org"))
        await #expect {
            _ = try await misnamed.post(path: "/x", body: [])
        } throws: { error in
            guard case .tls(let failure)? = error as? HTTPSFailure else { return false }
            return failure.reason == .peerCertificateRefused
        }
        await #expect(throws: HTTPSFailure.self) { try await misnamed.post(path: "no slash", body: []) }
        await #expect(throws: HTTPSFailure.self) { try await misnamed.post(path: "/a\r\nX: y", body: []) }
        await misnamed.close()
        await #expect(throws: HTTPSFailure.clientClosed) { try await misnamed.post(path: "/x", body: []) }
        let anonymous = try HTTPSClient(host: "127.0.0.1", port: server.port, context: pki.client(as: nil))
        await #expect {
            _ = try await anonymous.post(path: "/x", body: [])
        } throws: { error in
            guard case .tls(let failure)? = error as? HTTPSFailure else { return false }
            return failure.reason == .alertReceived
        }
        await anonymous.close()
        try await server.stop()
        let lonely = try client(of: server)
        await #expect {
            _ = try await lonely.post(path: "/x", body: [])
        } throws: { error in
            if case .cannotConnect? = error as? HTTPSFailure { true } else { false }
        }
        await lonely.close()
    }

    @Test func `A plain-text server is not taken for an HTTPS one, nor a client for one`() async throws {
        let server = try await LoopbackServer.start(pki.server())
        let plain = try await PlainConnection.exchange("POST /x HTTP/1.1\r\n\r\n", port: server.port)
        #expect(!String(decoding: plain, as: UTF8.self).contains("HTTP"))
        // The server may note it after the client has seen the end.
        for _ in 0..<500 where server.log.withLock({ $0.failures.isEmpty }) {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(server.log.withLock { $0.failures.count } == 1)
        try await server.stop()
        let bare = try await LoopbackServer.start(nil)
        let client = try client(of: bare)
        await #expect {
            _ = try await client.post(path: "/x", body: [])
        } throws: { error in
            if case .tls? = error as? HTTPSFailure { true } else { false }
        }
        #expect(bare.log.withLock { $0.heads.isEmpty })
        await client.close()
        try await bare.stop()
    }
}
