import HTTPTypes
import Hummingbird
import NIOCore
import OpenADR
import OpenADRXML
import Synchronization
import Testing

@testable import WebServer

/// How long a message may be, whatever its sender says about its length.
@Suite struct OpenADRSizeTests {
    private static let limits: [(ServiceName, Int)] = [
        (.eiReport, 1_048_576), (.eiEvent, 262_144), (.eiRegisterParty, 65_536), (.eiOpt, 65_536), (.oadrPoll, 65_536),
    ]

    @Test(arguments: limits)
    func `a length above the service's limit is refused unread`(service: ServiceName, limit: Int) async throws {
        let endpoint = try TestEndpoint()
        let unread = CountingBody(chunks: 1, size: 1)
        let answer = try await endpoint.send(
            path: service.path, contentLength: limit + 1, body: RequestBody(asyncSequence: unread))
        #expect(answer.status == .contentTooLarge)
        #expect(answer.headers[.connection] == "close" && answer.isClosed)
        #expect(answer.text == "size: at most \(limit) bytes\n")
        #expect(unread.taken == 0 && endpoint.rejected("size") == 1 && endpoint.seen.isEmpty)
    }

    @Test(arguments: limits)
    func `a body that goes on and on is cut off at the limit`(service: ServiceName, limit: Int) async throws {
        let endpoint = try TestEndpoint()
        let size = 16_384
        let endless = CountingBody(chunks: 10_000, size: size)
        let answer = try await endpoint.send(
            path: service.path, contentLength: nil, body: RequestBody(asyncSequence: endless))
        #expect(answer.status == .contentTooLarge && answer.isClosed)
        #expect(endless.taken == limit / size + 1)
        #expect(endpoint.rejected("size") == 1 && endpoint.seen.isEmpty)
    }

    @Test(arguments: limits)
    func `a message of exactly the limit is read`(service: ServiceName, limit: Int) async throws {
        let endpoint = try TestEndpoint()
        var body = endpoint.codec.encode(TestEndpoint.poll)
        // Comments of 1,024 bytes, and blanks for the rest.
        let comment = Array("<!--\(String(repeating: "x", count: 1_017))-->".utf8)
        while body.count + comment.count <= limit { body += comment }
        body += [UInt8](repeating: 0x20, count: limit - body.count)
        #expect(try await endpoint.send(path: service.path, body: body).status == .ok)
        #expect(endpoint.seen == [service])
        #expect(try await endpoint.send(path: service.path, body: body + [10]).status == .contentTooLarge)
    }

    @Test func `a length that is a lie does not help`() async throws {
        let endpoint = try TestEndpoint()
        let body = RequestBody(asyncSequence: CountingBody(chunks: 10_000, size: 16_384))
        #expect(
            try await endpoint.send(path: ServiceName.oadrPoll.path, contentLength: 10, body: body).status
                == .contentTooLarge)
    }
}

/// Chunks of blanks; counts how many were taken.
private final class CountingBody: AsyncSequence, Sendable {
    private let chunks: Int
    private let size: Int
    private let count = Mutex(0)

    init(chunks: Int, size: Int) {
        self.chunks = chunks
        self.size = size
    }

    var taken: Int { count.withLock { $0 } }

    struct AsyncIterator: AsyncIteratorProtocol {
        let body: CountingBody

        mutating func next() async throws -> ByteBuffer? {
            let number = body.count.withLock { count in
                count += 1
                return count
            }
            return number > body.chunks ? nil : ByteBuffer(repeating: 0x20, count: body.size)
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(body: self) }
}
