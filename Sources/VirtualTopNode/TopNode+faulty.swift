public import Measures
public import OpenADR

extension TopNode {
    /// Answers what was posted to `service` over the connection of `peer`, whether it can be used or not.
    public func handle(
        _ received: ReceivedMessage, at service: ServiceName, from peer: PeerIdentity, now: Instant
    ) async throws -> Payload {
        switch received {
        case .sound(let payload): try await handle(payload, at: service, from: peer, now: now)
        case .faulty(let message): try await refuse(message, at: service, from: peer)
        }
    }

    /// The answer to a message that cannot be used. Who may not speak at all hears that first (rule 517), so that a
    /// stranger learns nothing from what is wrong with the message. Changes nothing.
    private func refuse(
        _ message: FaultyMessage, at service: ServiceName, from peer: PeerIdentity
    ) async throws -> Payload {
        if let own = message.service, own != service {
            return .response(
                Response(
                    response: EiResponse(
                        code: .complianceError, description: "\(service) does not take this message",
                        requestID: message.requestID ?? .empty)))
        }
        let ven = try await store.transaction { try await $0.ven(certificate: peer.certificate) }
        let refusal: Refusal
        if let ven, ven.registration.isRegistered || message.service == .eiRegisterParty {
            let isOther = message.venID.map { $0 != ven.venID } ?? false
            refusal = isOther ? .wrongVEN : Refusal(code: message.code, explanation: message.reason)
        } else {
            refusal = .notRegistered
        }
        let response = EiResponse(
            code: refusal.code, description: refusal.explanation, requestID: message.requestID ?? .empty)
        return .refusal(
            of: message.elementName, subject: message.subject, venID: message.venID, response: response,
            by: configuration.vtnID, makeID: environment.makeID)
    }
}
