public import Measures
public import OpenADR

/// A virtual top node: takes a decoded message and who sent it, and gives the message to answer with.
///
/// It keeps nothing in memory: every call reads what it needs, decides, and writes in one transaction, so that a stopped
/// and restarted VTN, or several of them, go on where they were. Calls may overlap.
public struct TopNode: Sendable {
    let store: any TopNodeStore
    let configuration: TopNodeConfiguration
    let environment: TopNodeEnvironment

    public init(store: any TopNodeStore, configuration: TopNodeConfiguration, environment: TopNodeEnvironment) {
        self.store = store
        self.configuration = configuration
        self.environment = environment
    }

    /// Answers `payload`, which was posted to `service` over the connection of `peer`.
    ///
    /// What the standard calls an application error is an answer (clause 8.7): 459 for a message that the service does
    /// not take (rule 33), 463 for a certificate that nobody admitted or that is not registered, 452 for any id that is
    /// not this VEN's (rule 517), each in the message's natural response. Throws only what the store throws; then
    /// nothing was changed and the sender may repeat the message.
    public func handle(
        _ payload: Payload, at service: ServiceName, from peer: PeerIdentity, now: Instant
    ) async throws -> Payload {
        guard Self.takes(payload, at: service) else {
            let misdirected = Refusal(code: .complianceError, explanation: "\(service) does not take this message")
            return .response(
                Response(
                    response: EiResponse(
                        code: misdirected.code, description: misdirected.explanation,
                        requestID: payload.requestID ?? .empty)))
        }
        if let idle = try await idleAnswer(to: payload, from: peer) { return idle }
        let answered = try await store.transaction { transaction in
            guard let ven = try await transaction.ven(certificate: peer.certificate) else {
                return Outcome.refused(.notRegistered)
            }
            let exchange = Exchange(
                transaction: transaction, ven: ven, configuration: configuration,
                makeID: environment.makeID, now: now)
            return try await exchange.run(payload)
        }
        switch answered {
        case .answered(let answer): return answer
        case .refused(let refusal):
            return payload.refused(with: refusal, by: configuration.vtnID, makeID: environment.makeID)
        }
    }

    /// Tells `then` whether a poll of the VEN would bring anything, as far as its outbox is concerned
    /// (``TopNodeStore/hasOutbox(_:then:)``).
    public func hasWaiting(for ven: VENID, then: @escaping @Sendable (Result<Bool, any Error>) -> Void) {
        store.hasOutbox(ven, then: then)
    }

    /// To the poll of a VEN for which nothing waits, which is most of what a VTN hears: no transaction.
    private func idleAnswer(to payload: Payload, from peer: PeerIdentity) async throws -> Payload? {
        guard case .poll(let poll) = payload, let ven = try await store.idlePoller(peer.certificate), ven == poll.venID
        else { return nil }
        return Self.nothing(for: ven)
    }

    /// The answer to a poll of the VEN when nothing waits for it.
    public static func nothing(for ven: VENID) -> Payload { PollQueue.idle(ven) }

    /// Whether a VEN may post the message to the service (table 2 of the profile; `oadrResponse` goes anywhere).
    private static func takes(_ payload: Payload, at service: ServiceName) -> Bool {
        switch payload {
        case .response: true
        case .createdPartyRegistration, .requestReregistration, .distributeEvent, .createdOpt, .canceledOpt: false
        default: payload.service == service
        }
    }
}

/// How an exchange ended: a refusal undoes nothing, as it changed nothing.
enum Outcome: Sendable {
    case answered(Payload)
    case refused(Refusal)
}
