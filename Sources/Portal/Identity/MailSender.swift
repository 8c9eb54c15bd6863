public import Logging
public import Mail
public import MariaDB
public import Measures
import Persistence
public import ServiceLifecycle

/// Sends what is in the outbox, in the order in which it was written, until it is told to stop.
public struct MailSender: Service {
    private let outbox: MailOutboxStore
    private let transport: any MailTransport
    private let time: any TimeSource
    private let logger: Logger

    public init(pool: MariaDBPool, transport: any MailTransport, time: any TimeSource, logger: Logger) {
        outbox = MailOutboxStore(pool)
        self.transport = transport
        self.time = time
        self.logger = logger
    }

    public func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let sent = await sendDue()
                // A full batch means that there is more.
                if sent < Self.batch { try await Task.sleep(for: .seconds(1)) }
            }
        }
    }

    private static let batch = 20

    /// Sends what is due now; returns how many were tried.
    public func sendDue() async -> Int {
        do {
            let items = try await outbox.claim(Self.batch, now: time.now())
            for item in items { try await send(item) }
            return items.count
        } catch {
            logger.warning("mail not sent", metadata: ["ev": "mail", "reason": "\(error)"])
            return 0
        }
    }

    private func send(_ item: MailOutboxStore.Item) async throws {
        let mail = item.mail
        let message = MailMessage(
            recipient: mail.recipient, subject: mail.subject, text: mail.text, html: mail.html, id: "curtail-\(item.id)"
        )
        do throws(MailError) {
            guard let message else { throw .refused("the address or the subject cannot be sent") }
            try await transport.send(message)
        } catch {
            let isFinal = if case .refused = error { true } else { false }
            logger.warning("mail not sent", metadata: ["ev": "mail", "id": "\(item.id)", "reason": "\(error.reason)"])
            return try await outbox.markFailed(item, reason: error.reason, isFinal: isFinal, now: time.now())
        }
        try await outbox.markSent(item.id, now: time.now())
    }
}
