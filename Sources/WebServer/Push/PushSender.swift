public import Logging
public import Measures
public import MutualTLS
import NIOCore
import OpenADR
public import OpenADRXML
public import ServiceLifecycle
public import VirtualTopNode
import XMLSignatures

/// Sends to the VENs that take pushes what waits for them: one message at a time to each, several VENs at once.
///
/// The VEN proves itself by the fingerprint of its certificate below the authority, the address it gave is looked up once
/// and connected to as it was found, redirects are not followed, and an answer of more than 64 KiB or ten seconds is none.
/// All state is in the store, so that any number of these may run beside each other.
public struct PushSender: Service {
    private let node: TopNode
    private let codec: OpenADRCodec
    private let tls: TLSClientContext
    private let policy: PushPolicy
    private let time: any TimeSource
    private let pause: Duration
    private let directory: PeerDirectory
    private let signing: PushSigning?
    private let journal: @Sendable ([WireRecord]) -> Void
    private let metrics: MetricsRegistry
    private let logger: Logger

    /// - Parameters:
    ///   - tls: with the VTN's own certificate, which the VENs ask for.
    ///   - pause: how long to wait before looking again for what is due.
    ///   - directory: how each VEN is to be spoken to.
    ///   - signing: nil sends unsigned messages to everybody.
    ///   - journal: takes every message in and out; must not block.
    public init(
        node: TopNode, codec: OpenADRCodec, tls: TLSClientContext, policy: PushPolicy, time: any TimeSource,
        pause: Duration = .seconds(1), directory: PeerDirectory = PeerDirectory { _ in PeerStanding() },
        signing: PushSigning? = nil, journal: @escaping @Sendable ([WireRecord]) -> Void = { _ in },
        metrics: MetricsRegistry, logger: Logger
    ) {
        self.node = node
        self.codec = codec
        self.tls = tls
        self.policy = policy
        self.time = time
        self.pause = pause
        self.directory = directory
        self.signing = signing
        self.journal = journal
        self.metrics = metrics
        self.logger = logger
    }

    /// Runs until the service group ends it; what is on its way is finished.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await sendDue()
                do { try await Task.sleep(for: pause) } catch { return }
            }
        }
    }

    /// Everything that is due now, at most `widest` VENs at once.
    private func sendDue() async {
        do {
            let vens = try await node.pushesWaiting(now: time.now())
            try await withThrowingDiscardingTaskGroup { group in
                for lane in 0..<min(Self.widest, vens.count) {
                    group.addTask {
                        for index in stride(from: lane, to: vens.count, by: Self.widest) where !Task.isCancelled {
                            try await drain(vens[index])
                        }
                    }
                }
            }
        } catch is CancellationError {
        } catch {
            logger.error("pushes wait", metadata: ["ev": "push", "detail": "\(error)"])
        }
    }

    private static let widest = 16

    /// One message after the other until nothing is due.
    private func drain(_ ven: VENID) async throws {
        while !Task.isCancelled, let push = try await node.nextPush(to: ven, now: time.now()) {
            do throws(PushFailure) {
                let reply = try await send(push)
                note(push, "delivered")
                try await delivered(push, reply)
            } catch {
                note(push, error.reason, detail: error.detail)
                try await node.lost(push, now: time.now())
                return
            }
        }
    }

    private func delivered(_ push: Push, _ reply: Payload?) async throws(PushFailure) {
        do {
            try await node.delivered(push, reply: reply, now: time.now())
        } catch {
            throw PushFailure(reason: "store", detail: "\(error)")
        }
    }

    /// The VEN's answer; nil for an empty one. Both go to the payload log, and so does why there is none.
    private func send(_ push: Push) async throws(PushFailure) -> Payload? {
        let settings = try await settings(of: push)
        let message = try message(of: push, settings)
        var trace = PushTrace(push: push, sent: message, at: time.now())
        defer { journal(trace.records(at: time.now())) }
        do throws(PushFailure) {
            let answer = try await post(message, push)
            trace.status = answer.status
            trace.received = answer.body
            guard answer.status == 200 else {
                throw PushFailure(reason: "status", detail: "HTTP status \(answer.status)")
            }
            let reception = try read(answer.body, push, settings)
            trace.reply = reception?.reply
            trace.warnings = reception?.warnings ?? []
            return reception?.reply
        } catch {
            trace.reason = error.reason
            throw error
        }
    }

    private func settings(of push: Push) async throws(PushFailure) -> WireSettings {
        do {
            return try await directory.standing(of: PeerIdentity(certificate: push.certificate)).settings
        } catch {
            throw PushFailure(reason: "store", detail: "\(error)")
        }
    }

    /// Signed for a VEN that has to sign, too.
    private func message(of push: Push, _ settings: WireSettings) throws(PushFailure) -> [UInt8] {
        let bytes = codec.encode(push.payload)
        guard let signing, settings.signatures == .required else { return bytes }
        do throws(SignatureFailure) {
            return try signing.sign(bytes, now: time.now())
        } catch {
            throw PushFailure(reason: "signature", detail: error.detail)
        }
    }

    private func post(_ message: [UInt8], _ push: Push) async throws(PushFailure) -> HTTPSAnswer {
        do throws(HTTPSFailure) {
            let address = try await HostResolver.address(of: push.address.host, port: push.address.port)
            guard policy.permits(address) else {
                throw HTTPSFailure.badRequest("\(address) is not an address that pushes may go to")
            }
            let client = HTTPSClient(
                host: push.address.host, port: push.address.port, address: address, context: tls,
                verification: .fingerprint(push.certificate.fingerprint),
                configuration: .init(requestTimeout: .seconds(10), longestAnswer: 64 << 10))
            do throws(HTTPSFailure) {
                let answer = try await client.post(
                    path: push.address.base + push.service.path, body: message,
                    contentType: "application/xml; charset=utf-8")
                await client.close()
                return answer
            } catch {
                await client.close()
                throw error
            }
        } catch {
            if case .badRequest = error { throw PushFailure(reason: "address", detail: "\(error)") }
            throw PushFailure(reason: "connection", detail: "\(error)")
        }
    }

    /// Nil for an empty answer.
    private func read(
        _ body: [UInt8], _ push: Push, _ settings: WireSettings
    ) throws(PushFailure) -> (reply: Payload, warnings: [String])? {
        guard !body.isEmpty else { return nil }
        let reception: OpenADRCodec.Reception
        do throws(DecodingFailure) {
            reception = try codec.receive(body, leniently: settings.isLenient)
        } catch {
            throw PushFailure(reason: "answer", detail: "\(error)")
        }
        guard case .sound(let reply) = reception.message else {
            throw PushFailure(reason: "answer", detail: "its content makes no sense")
        }
        if let signing, settings.signatures == .required {
            do throws(SignatureFailure) {
                try signing.check(body, of: push.certificate, settings: settings, now: time.now())
            } catch {
                throw PushFailure(reason: "signature", detail: error.detail)
            }
        }
        return (reply, reception.warnings)
    }

    private func note(_ push: Push, _ outcome: String, detail: String = "") {
        metrics.count(
            "vtn_push_total", help: "Messages pushed to VENs, by kind and outcome.",
            labels: ["message": push.payload.elementName, "outcome": outcome])
        var metadata: Logger.Metadata = [
            "ev": "push", "out": "\(push.payload.elementName)", "ven": "\(push.venID)", "outcome": "\(outcome)",
            "host": "\(push.address.host)",
        ]
        if !detail.isEmpty { metadata["detail"] = "\(detail.prefix(300))" }
        logger.log(level: outcome == "delivered" ? .info : .warning, "push", metadata: metadata)
    }
}

/// Why a push counts as lost.
private struct PushFailure: Error {
    let reason: String
    let detail: String
}
