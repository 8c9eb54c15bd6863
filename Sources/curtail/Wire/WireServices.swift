import Foundation
import Logging
import MariaDB
import Measures
import Persistence
import ServiceLifecycle
import VirtualTopNode
import WebServer

/// What stands between the VTN's listener and its top node: who a peer is, signatures, the payload log, and the end of
/// what is kept long enough.
struct WireServices: Sendable {
    /// How long each thing is kept.
    struct Retention: Sendable {
        var payloads: TimeSpan
        /// Answers to requests that may come again (at least a week).
        var answers = TimeSpan.days(30)
    }

    let directory: PeerDirectory
    let security: MessageSecurity
    let journal: PayloadJournal
    let polls: PollJournal
    let rates = PeerRates()
    let gate = LoadGate()
    let connections = ConnectionTable()
    let watch: ConnectionWatch
    private let revocations: RevocationWatch
    private let cleaner: WireCleaner

    init(
        _ runtime: Runtime, _ lookups: MariaDBPool, keys: SigningKeyRing, retention: Retention,
        metrics: MetricsRegistry,
        logger: Logger
    ) {
        let pool = runtime.pool
        let settings = WireSettingsStore(lookups)
        directory = PeerDirectory { settings.findStanding(of: $0, then: $1) }
        security = MessageSecurity(
            keys: { keys.current }, nonces: MariaDBNonceBook(pool), certificate: OpenADRServer.certificate(of:),
            makeNonce: { UUID().uuidString })
        let log = PayloadLogStore(pool)
        let onDrop: @Sendable (Int) -> Void = { count in
            metrics.count(
                "payload_log_dropped_total", help: "Messages that the payload log had no room for.", by: Double(count))
        }
        let onFailure: @Sendable (any Error) -> Void = { error in
            metrics.count("payload_log_failures_total", help: "Attempts to write the payload log that failed.")
            logger.error("payload log not written", metadata: ["ev": "payload_log", "reason": "\(error)"])
        }
        journal = PayloadJournal(
            write: { try await log.append($0) }, gather: { try? await Task.sleep(for: .milliseconds(20)) },
            pause: { try? await Task.sleep(for: .seconds(1)) }, onDrop: onDrop, onFailure: onFailure)
        polls = PollJournal(
            write: { try await log.append($0) }, pause: { try? await Task.sleep(for: .milliseconds(250)) },
            onDrop: { onDrop(2 * $0) }, onFailure: onFailure)
        watch = ConnectionWatch(table: connections, metrics: metrics, logger: logger)
        revocations = RevocationWatch(
            store: RevocationStore(pool), connections: connections, metrics: metrics, logger: logger)
        cleaner = WireCleaner(pool: pool, retention: retention, metrics: metrics, logger: logger)
    }

    /// In the order in which they are to be started; the listener comes after them, and so stops before them.
    var services: [any Service] {
        [JournalService(journal: journal), PollJournalService(journal: polls), cleaner, revocations]
    }
}

/// The same for polls that bring nothing.
private struct PollJournalService: Service {
    let journal: PollJournal

    func run() async throws {
        await withGracefulShutdownHandler {
            await journal.run()
        } onGracefulShutdown: {
            journal.finish()
        }
    }
}

/// Writes the payload log until the listener is gone and all is written.
private struct JournalService: Service {
    let journal: PayloadJournal

    func run() async throws {
        await withGracefulShutdownHandler {
            await journal.run()
        } onGracefulShutdown: {
            journal.finish()
        }
    }
}
