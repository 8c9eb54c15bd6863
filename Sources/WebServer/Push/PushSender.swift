public import Logging
public import Measures
public import MutualTLS
import NIOCore
import OpenADR
public import OpenADRXML
public import ServiceLifecycle
public import VirtualTopNode

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
    private let security: PushSecurity?
    private let time: any TimeSource
    private let pause: Duration
    private let metrics: MetricsRegistry
    private let logger: Logger

    /// - Parameters:
    ///   - tls: with the VTN's own certificate, which the VENs ask for.
    ///   - security: signs for the VENs that sign; nil sends everything as it is.
    ///   - pause: how long to wait before looking again for what is due.
    public init(
        node: TopNode, codec: OpenADRCodec, tls: TLSClientContext, policy: PushPolicy,
        security: PushSecurity? = nil, time: any TimeSource,
        pause: Duration = .seconds(1), metrics: MetricsRegistry, logger: Logger
    ) {
        self.node = node
        self.codec = codec
        self.tls = tls
        self.policy = policy
        self.security = security
        self.time = time
        self.pause = pause
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

    /// The VEN's answer; nil for an empty one.
    private func send(_ push: Push) async throws(PushFailure) -> Payload? {
        let peer = PeerIdentity(certificate: push.certificate)
        let message = codec.encode(push.payload)
        let body = try await secured { try await security?.seal(message, for: peer, now: time.now()) ?? message }
        let answer: HTTPSAnswer
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
                answer = try await client.post(
                    path: push.address.base + push.service.path, body: body,
                    contentType: "application/xml; charset=utf-8")
            } catch {
                await client.close()
                throw error
            }
            await client.close()
        } catch {
            if case .badRequest = error { throw PushFailure(reason: "address", detail: "\(error)") }
            throw PushFailure(reason: "connection", detail: "\(error)")
        }
        guard answer.status == 200 else { throw PushFailure(reason: "status", detail: "HTTP status \(answer.status)") }
        guard !answer.body.isEmpty else { return nil }
        try await secured { try await security?.check(answer.body, from: peer, now: time.now()) }
        do throws(DecodingFailure) {
            return try codec.decode(answer.body)
        } catch {
            throw PushFailure(reason: "answer", detail: "\(error)")
        }
    }

    private func secured<Value>(_ body: () async throws -> Value) async throws(PushFailure) -> Value {
        do {
            return try await body()
        } catch {
            throw PushFailure(reason: "signature", detail: "\(error)")
        }
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
