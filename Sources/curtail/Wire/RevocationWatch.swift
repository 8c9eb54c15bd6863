import Logging
import Persistence
import ServiceLifecycle
import WebServer

/// Ends the connections of revoked certificates, within a second of the revocation, by whichever replica or command.
struct RevocationWatch: Service {
    private static let pause = Duration.seconds(1)

    let store: RevocationStore
    let connections: ConnectionTable
    let metrics: MetricsRegistry
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await look()
                do { try await Task.sleep(for: Self.pause) } catch { return }
            }
        }
    }

    /// What the database cannot say now stays as it was.
    private func look() async {
        do {
            let ended = connections.revoke(try await store.digests())
            metrics.set("vtn_connections", help: "Open connections of VENs.", to: Double(connections.count))
            guard ended > 0 else { return }
            metrics.count(
                "vtn_connections_revoked_total", help: "Connections ended because their certificate was revoked.",
                by: Double(ended))
            logger.notice("connections ended", metadata: ["ev": "revoked", "count": "\(ended)"])
        } catch {
            guard !Task.isCancelled else { return }
            logger.error("revocations not read", metadata: ["ev": "revocation", "reason": "\(error)"])
        }
    }
}
