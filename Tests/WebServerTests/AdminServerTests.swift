import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import WebServer

@Suite struct AdminServerTests {
    private func get(_ path: String, checks: [ReadinessCheck] = []) async throws -> (HTTPResponse.Status, String) {
        let metrics = MetricsRegistry()
        metrics.count("x_total", help: "x")
        let responder = AdminServer.router(metrics: metrics, checks: checks).buildResponder()
        let head = HTTPRequest(method: .get, scheme: "http", authority: "localhost", path: path)
        let source = ApplicationRequestContextSource(channel: EmbeddedChannel(), logger: Logger(label: "test"))
        let response = try await responder.respond(
            to: Request(head: head, body: RequestBody(buffer: ByteBuffer())),
            context: BasicRequestContext(source: source))
        let collector = BodyCollector()
        try await response.body.write(collector)
        return (response.status, collector.text)
    }

    @Test func `a process that runs is alive`() async throws {
        let (status, text) = try await get("/livez")
        #expect(status == .ok && text == "alive\n")
    }

    @Test func `one failing check makes the process unready and is named`() async throws {
        let good = ReadinessCheck(name: "redis") { nil }
        let bad = ReadinessCheck(name: "database") { "connection refused" }
        #expect(try await get("/readyz", checks: [good]).0 == .ok)
        let (status, text) = try await get("/readyz", checks: [good, bad])
        #expect(status == .serviceUnavailable)
        #expect(text == "redis: ok\ndatabase: connection refused\n")
    }

    @Test func `metrics are readable`() async throws {
        let (status, text) = try await get("/metrics")
        #expect(status == .ok && text.contains("x_total 1.0"))
    }
}

/// Keeps what a response writes.
final class BodyCollector: ResponseBodyWriter {
    private var buffer = ByteBuffer()

    var text: String { String(buffer: buffer) }
    var bytes: [UInt8] { Array(buffer.readableBytesView) }

    func write(_ buffer: ByteBuffer) async throws {
        self.buffer.writeImmutableBuffer(buffer)
    }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
