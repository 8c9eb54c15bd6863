import Logging
import MariaDB
import Measures
import Persistence
import ServiceLifecycle
import WebServer

/// Forgets what was kept long enough, a little at a time, so that nothing waits for it.
struct WireCleaner: Service {
    private static let pause = Duration.seconds(600)
    private static let chunk = 1_000

    let pool: MariaDBPool
    let retention: WireServices.Retention
    let metrics: MetricsRegistry
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await clean(now: SystemTime().now())
                } catch {
                    guard !Task.isCancelled else { return }
                    logger.error("old messages not deleted", metadata: ["ev": "retention", "reason": "\(error)"])
                }
                do { try await Task.sleep(for: Self.pause) } catch { return }
            }
        }
    }

    func clean(now: Instant) async throws {
        let log = PayloadLogStore(pool)
        let nonces = MariaDBNonceBook(pool)
        let answers = HandledRequestStore(pool)
        try await each("payload_log") { try await log.purge(before: now - retention.payloads, limit: Self.chunk) }
        try await each("signature_nonces") { try await nonces.purge(before: now, limit: Self.chunk) }
        try await each("handled_requests") {
            try await answers.purge(before: now - retention.answers, limit: Self.chunk)
        }
    }

    private func each(_ table: String, _ purge: () async throws -> Int) async throws {
        var count = Self.chunk
        while count == Self.chunk {
            count = try await purge()
            metrics.count(
                "retention_deleted_total", help: "Rows that were kept long enough.", labels: ["table": table],
                by: Double(count))
        }
    }
}
