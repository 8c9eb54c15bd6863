import HTTPCoding
import HTTPTypes
public import Hummingbird
public import Logging
public import Measures
public import NIOCore
public import OpenADR
public import OpenADRXML
public import VirtualTopNode

/// Answers the five service paths of a VTN over HTTP.
///
/// The order of checks is the specification's: certificate (403), method (501), path (404), content type (406), size
/// (413), XML and schema (406), signature (403), and only then what the message says, which is always answered with 200
/// and a code inside.
public struct OpenADRResponder: HTTPResponder {
    public typealias Context = OpenADRRequestContext

    /// Decides about one message of a peer whose certificate was proven by the handshake.
    public typealias Exchange = @Sendable (ReceivedMessage, ServiceName, PeerIdentity, Instant) async throws -> Payload

    /// What surrounds a responder.
    public struct Surroundings: Sendable {
        public var time: any TimeSource
        public var metrics: MetricsRegistry
        public var logger: Logger
        /// Who is at the other end of a connection; nil before a handshake or without a certificate.
        public var peer: @Sendable (any Channel) -> PeerIdentity?
        /// Who that is to the VTN, and how it is to speak.
        public var directory: PeerDirectory
        /// How often each certificate may ask; nil lets it ask always.
        public var rates: PeerRates?
        /// What is refused when there is too much to do.
        public var gate: LoadGate
        /// Which certificates are revoked.
        public var connections: ConnectionTable
        /// Nil takes signed messages as unsigned ones.
        public var security: MessageSecurity?
        /// Nil lets every poll go the way of all messages.
        public var idlePolls: IdlePolls?
        /// Takes every message in and out; must not block.
        public var journal: @Sendable ([WireRecord]) -> Void

        public init(
            time: any TimeSource, metrics: MetricsRegistry, logger: Logger,
            peer: @escaping @Sendable (any Channel) -> PeerIdentity?,
            directory: PeerDirectory = PeerDirectory { _ in PeerStanding() }, rates: PeerRates? = nil,
            gate: LoadGate = LoadGate(), connections: ConnectionTable = ConnectionTable(),
            security: MessageSecurity? = nil, idlePolls: IdlePolls? = nil,
            journal: @escaping @Sendable ([WireRecord]) -> Void = { _ in }
        ) {
            self.time = time
            self.metrics = metrics
            self.logger = logger
            self.peer = peer
            self.directory = directory
            self.rates = rates
            self.gate = gate
            self.connections = connections
            self.security = security
            self.idlePolls = idlePolls
            self.journal = journal
        }
    }

    private let codec: OpenADRCodec
    private let surroundings: Surroundings
    private let exchange: Exchange
    private let idleDesk: IdlePollDesk?

    public init(codec: OpenADRCodec, surroundings: Surroundings, exchange: @escaping Exchange) {
        self.codec = codec
        self.surroundings = surroundings
        self.exchange = exchange
        idleDesk = surroundings.idlePolls.map { polls in
            let count = surroundings.metrics.counter(
                Self.handled.name, help: Self.handled.help,
                labels: ["message": Poll.elementName, "code": ResponseCode.success.description])
            return IdlePollDesk(codec: codec, surroundings: surroundings, polls: polls, count: count)
        }
    }

    /// What stands in front of the responder in each connection: plain polls that bring nothing do not get as far as this. They
    /// cost less than to refuse them, and to be asked again, and are answered however much there is to do.
    @Sendable public func makeFrontHandlers() -> [any RemovableChannelHandler] {
        idleDesk.map { [IdlePollHandler(desk: $0)] } ?? []
    }

    private static let handled = (name: "oadr_messages_total", help: "Messages handled, by kind and response code.")

    /// What a request turned out to be before its message is looked at.
    private struct Arrival: Sendable {
        let peer: PeerIdentity
        let service: ServiceName
        let standing: PeerStanding
        let body: [UInt8]
    }

    /// In a task of its own: what the calls below need of a task's stack stays with the task until it ends (some 50 KiB), and
    /// that of a connection lives as long as the VEN stays.
    public func respond(to request: Request, context: OpenADRRequestContext) async throws -> Hummingbird.Response {
        let work = Task { try await handle(request, context) }
        return try await withTaskCancellationHandler {
            try await work.value
        } onCancel: {
            work.cancel()
        }
    }

    private func handle(_ request: Request, _ context: OpenADRRequestContext) async throws -> Hummingbird.Response {
        var trace = WireTrace()
        do {
            let arrival = try await arrive(request, on: context.channel, &trace)
            surroundings.gate.enter()
            defer { surroundings.gate.leave() }
            // What comes there can only be a poll: it need not be read to be refused.
            if arrival.service == .oadrPoll { try checkLoad(for: Poll.elementName, of: arrival.peer) }
            let response = try await answer(request, arrival, from: context.channel, &trace)
            note(trace, of: arrival.peer, status: response.status)
            return response
        } catch let refusal as HTTPRefusal {
            note(refusal, of: request, &trace)
            return refusal.response(on: context.channel)
        }
    }

    /// Who it is, what it wants, whether it may, and all of its body.
    private func arrive(
        _ request: Request, on channel: any Channel, _ trace: inout WireTrace
    ) async throws -> Arrival {
        guard let identity = surroundings.peer(channel) else {
            throw HTTPRefusal(.forbidden, reason: "certificate", detail: "no client certificate")
        }
        trace.peer = identity
        guard !surroundings.connections.isRevoked(identity) else {
            throw HTTPRefusal(.forbidden, reason: "revoked", detail: "this certificate is revoked", closes: true)
        }
        let reader = RequestReader(request: request)
        let service = try reader.service()
        let standing = try await available { try await surroundings.directory.standing(of: identity) }
        trace.venID = standing.venID
        try checkRate(of: identity, at: service, standing)
        let body = try await reader.body(for: service)
        trace.received = body
        return Arrival(peer: identity, service: service, standing: standing, body: body)
    }

    private func answer(
        _ request: Request, _ arrival: Arrival, from channel: any Channel, _ trace: inout WireTrace
    ) async throws -> Hummingbird.Response {
        let (identity, service, standing, body) = (arrival.peer, arrival.service, arrival.standing, arrival.body)
        let reception = try read(body, leniently: standing.settings.isLenient)
        let message = reception.message
        trace.message = message
        trace.warnings = reception.warnings
        note(reception.warnings, of: standing)
        try checkLoad(for: message.elementName, of: identity)
        let now = surroundings.time.now()
        let admission = try await available {
            try await surroundings.security?.admit(
                body, from: identity, on: channel, settings: standing.settings, now: now) ?? .unsigned
        }
        trace.sent = try await available {
            if case .answered(let bytes) = admission { return bytes }
            let answer = try await exchange(message, service, identity, now)
            trace.answer = answer
            // Whether its polls may be answered in front is looked up anew.
            if service == .eiRegisterParty { surroundings.directory.forget(identity) }
            if service == .oadrPoll, answer.elementName != OpenADR.Response.elementName {
                surroundings.rates?.giveBackPoll(of: identity)
            }
            log(message, answer, identity)
            let bytes = codec.encode(answer)
            return try await surroundings.security?.seal(bytes, for: admission, now: now) ?? bytes
        }
        trace.isSigned = !admission.isUnsigned
        return try Self.response(trace.sent, accepted: request.headers[.acceptEncoding])
    }

    private func checkRate(
        of peer: PeerIdentity, at service: ServiceName, _ standing: PeerStanding
    ) throws(HTTPRefusal) {
        let wait = surroundings.rates?.admit(
            peer, to: service, pollFrequency: standing.pollFrequency, now: ContinuousClock.now)
        guard let wait else { return }
        throw HTTPRefusal(
            .serviceUnavailable, reason: "rate_ven", detail: "too many requests of this VEN",
            retryAfter: Int(wait.components.seconds) + 1)
    }

    private func checkLoad(for elementName: String, of peer: PeerIdentity) throws(HTTPRefusal) {
        let state = surroundings.gate.state
        if surroundings.gate.isNews(state) {
            surroundings.metrics.set(
                "vtn_load_state", help: "0 normal, 1 no new report offers, 2 no report data, 3 no polls.",
                to: Double(state.rawValue))
        }
        guard LoadGate.sheds(elementName, in: state) else { return }
        // Spread over half a minute by the certificate, so that they do not all come back together.
        let pause = 1 + Int(peer.certificate.bytes[0]) % 30
        throw HTTPRefusal(
            .serviceUnavailable, reason: "overload", detail: "too much to do; come again", retryAfter: pause)
    }

    private func note(_ warnings: [String], of standing: PeerStanding) {
        guard !warnings.isEmpty else { return }
        surroundings.metrics.count(
            "vtn_tolerated_total", help: "Messages that were read although they are not as the standard wants them.")
        surroundings.logger.info(
            "deviations tolerated",
            metadata: [
                "ev": "tolerated", "ven": "\(standing.venID?.rawValue ?? "")", "count": "\(warnings.count)",
                "first": "\(warnings.first ?? "")",
            ])
    }

    private func read(_ body: [UInt8], leniently: Bool) throws -> OpenADRCodec.Reception {
        do throws(DecodingFailure) {
            return try codec.receive(body, leniently: leniently)
        } catch {
            switch error {
            case .tooLarge:
                throw HTTPRefusal(.contentTooLarge, reason: "size", detail: error.description, closes: true)
            case .library:
                surroundings.logger.error("message not read", metadata: ["ev": "unavailable", "detail": "\(error)"])
                throw HTTPRefusal(.serviceUnavailable, reason: "reader", detail: "try again later", retryAfter: 5)
            default: throw HTTPRefusal(.notAcceptable, reason: error.reason, detail: error.description)
            }
        }
    }

    /// What the database does not let happen now may be asked for again.
    private func available<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let refusal as HTTPRefusal {
            throw refusal
        } catch {
            surroundings.logger.error("message not handled", metadata: ["ev": "unavailable", "detail": "\(error)"])
            throw HTTPRefusal(.serviceUnavailable, reason: "store", detail: "try again later", retryAfter: 5)
        }
    }

    /// A poll that brought nothing is logged as all of its kind are, whoever answered it.
    private func note(_ trace: WireTrace, of peer: PeerIdentity, status: HTTPResponse.Status) {
        let now = surroundings.time.now()
        guard surroundings.idlePolls?.note(trace, of: peer, at: now) != true else { return }
        surroundings.journal(trace.records(status: status, reason: nil, at: now))
    }

    private func note(_ refusal: HTTPRefusal, of request: Request, _ trace: inout WireTrace) {
        surroundings.metrics.countRejection(refusal.reason)
        surroundings.logger.warning(
            "request refused",
            metadata: [
                "ev": "reject", "reason": "\(refusal.reason)", "detail": "\(refusal.detail)",
                "path": "\(request.uri.path.prefix(200))", "ven": "\(trace.venID?.rawValue ?? "")",
            ])
        trace.sent = Array(refusal.text.utf8)
        surroundings.journal(
            trace.records(status: refusal.status, reason: refusal.reason, at: surroundings.time.now()))
    }

    private func log(_ message: ReceivedMessage, _ answer: Payload, _ identity: PeerIdentity) {
        let code = answer.response?.code.description ?? ResponseCode.success.description
        surroundings.metrics.count(
            Self.handled.name, help: Self.handled.help,
            labels: ["message": message.elementName, "code": code])
        // Most messages are polls for which nothing waits; the payload log and the metrics have them.
        let isIdle = message.elementName == Poll.elementName && answer.elementName == OpenADR.Response.elementName
        surroundings.logger.log(
            level: isIdle && code == "200" ? .debug : .info, "message",
            metadata: [
                "ev": "message", "in": "\(message.elementName)", "out": "\(answer.elementName)", "code": "\(code)",
                "fingerprint": "\(identity.fingerprint)", "ven": "\(message.venID?.rawValue ?? "")",
            ])
    }

    private static func response(_ bytes: [UInt8], accepted: String?) throws -> Hummingbird.Response {
        let (head, body) = try xml(bytes, accepted: accepted)
        return Hummingbird.Response(
            status: head.status, headers: head.headerFields, body: ResponseBody(byteBuffer: body))
    }

    /// An answer of a known length, squeezed when the request wants it so; never in chunks (section 9.1.9.4).
    static func xml(_ bytes: [UInt8], accepted: String?) throws -> (head: HTTPResponse, body: ByteBuffer) {
        var headers: HTTPFields = [.contentType: "application/xml; charset=utf-8"]
        var body = bytes
        if let coding = ContentCoding.preferred(by: accepted) {
            body = try coding.encode(bytes)
            headers[.contentEncoding] = coding.rawValue
        }
        headers[.contentLength] = String(body.count)
        return (HTTPResponse(status: .ok, headerFields: headers), ByteBuffer(bytes: body))
    }
}
