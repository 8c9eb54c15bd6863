import Logging
import Persistence
import Redis
import ServiceLifecycle
import WebServer

/// Tells Redis which copies are no longer true, as soon as the change is committed.
///
/// Every replica runs one: a note that two of them deliver does no harm. While Redis is away the notes stay in the
/// database.
struct CacheInvalidator: Service {
    let outbox: CacheOutbox
    let cache: RedisCache
    let metrics: MetricsRegistry
    let logger: Logger

    /// How long to wait when there was nothing to do, and after an error.
    private static let pause = Duration.milliseconds(100)
    private static let pauseAfterError = Duration.milliseconds(500)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var isWell = true
            while !Task.isCancelled {
                do {
                    let delivered = try await outbox.deliver(to: cache)
                    count(delivered)
                    if !isWell { logger.notice("cache told of changes again", metadata: ["ev": "cache"]) }
                    isWell = true
                    guard delivered == 0 else { continue }
                    try await Task.sleep(for: Self.pause)
                } catch {
                    guard !Task.isCancelled else { return }
                    if isWell {
                        logger.warning("cache not told of changes", metadata: ["ev": "cache", "reason": "\(error)"])
                    }
                    isWell = false
                    try? await Task.sleep(for: Self.pauseAfterError)
                }
            }
        }
    }

    private func count(_ delivered: Int) {
        if delivered > 0 {
            metrics.count(
                "cache_invalidations_total", help: "Copies that Redis was told to forget.", by: Double(delivered))
        }
        let statistics = cache.statistics
        for (result, value) in [
            ("hit", statistics.hits), ("miss", statistics.misses), ("bypassed", statistics.bypassed),
        ] {
            metrics.set(
                "cache_lookups", help: "Lookups in the cache since the start, by result.", labels: ["result": result],
                to: Double(value))
        }
    }
}
