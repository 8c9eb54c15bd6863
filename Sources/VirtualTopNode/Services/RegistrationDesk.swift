import Measures
import OpenADR

/// EiRegisterParty for one admitted VEN: decides, writes nothing.
struct RegistrationDesk {
    let ven: VENRecord
    let configuration: TopNodeConfiguration
    let now: Instant

    /// Ids only to a VEN that is registered (rules 403 and 404).
    func query(_ message: QueryRegistration) -> Decision {
        let response = EiResponse(requestID: message.requestID)
        guard let registrationID = ven.registration.registrationID else {
            return Decision(
                answer: .createdPartyRegistration(
                    CreatedPartyRegistration(
                        response: response, vtnID: configuration.vtnID, pollFrequency: ven.pollFrequency)))
        }
        return Decision(answer: created(response, registrationID))
    }

    /// Registers anew when the message names no registration (rule 406), else renews (rule 402).
    func create(
        _ message: CreatePartyRegistration, outbox: [OutboxRow], requests: [ReportRequestRecord], makeID: () -> String
    ) throws(Refusal) -> Decision {
        guard message.profile == .twoPointZeroB else {
            throw Refusal(code: .deploymentError, explanation: "only profile 2.0b is spoken here")
        }
        switch message.transport {
        case .httpPull: break
        case .httpPush(let address):
            guard PushAddress(address) != nil else {
                throw Refusal(code: .invalidData, explanation: "oadrTransportAddress is no https address")
            }
        case .xmpp:
            throw Refusal(code: .deploymentError, explanation: "only simpleHttp is spoken here")
        }
        var ven = ven
        ven.endpoint = VENEndpoint(
            transport: message.transport, isReportOnly: message.isReportOnly,
            usesXMLSignature: message.usesXMLSignature, venName: message.venName)
        let response = EiResponse(requestID: message.requestID)
        if let claimed = message.registrationID, !claimed.isEmpty {
            guard claimed == ven.registration.registrationID else { throw .unknown("registrationID") }
            ven.registration = .registered(claimed)
            let row = OutboxRow.Key(venID: ven.venID, kind: .requestReregistration, subject: "")
            return Decision(
                answer: Self(ven: ven, configuration: configuration, now: now).created(response, claimed),
                changes: [.saveVEN(ven), .removeRow(row), .savePush(PushState(venID: ven.venID))],
                references: [claimed.rawValue])
        }
        let registrationID = RegistrationID(makeID())
        ven.registration = .registered(registrationID)
        let greeting = OutboxRow(
            key: OutboxRow.Key(venID: ven.venID, kind: .registerReport, subject: ""), enqueuedAt: now)
        return Decision(
            answer: Self(ven: ven, configuration: configuration, now: now).created(response, registrationID),
            changes: forget(outbox: outbox, requests: requests) + [
                .saveVEN(ven), .saveRow(greeting), .savePush(PushState(venID: ven.venID)),
            ],
            references: [registrationID.rawValue])
    }

    /// The VEN ends its registration; doing so twice is no error.
    func cancel(
        _ message: CancelPartyRegistration, requests: [ReportRequestRecord]
    ) throws(Refusal) -> Decision {
        guard let known = ven.registration.cancellableID else { throw .notRegistered }
        guard message.registrationID == known else { throw .unknown("registrationID") }
        let answer = CanceledPartyRegistration(
            response: EiResponse(requestID: message.requestID), registrationID: known, venID: ven.venID)
        return Decision(
            answer: .canceledPartyRegistration(answer), changes: end(known, requests: requests),
            references: [known.rawValue])
    }

    /// The VEN confirms that the VTN ended its registration.
    func canceled(
        _ message: CanceledPartyRegistration, requests: [ReportRequestRecord]
    ) throws(Refusal) -> Decision {
        guard let known = ven.registration.cancellableID else { throw .notRegistered }
        let named = message.registrationID.flatMap { $0.isEmpty ? nil : $0 }
        guard named == nil || named == known else { throw .unknown("registrationID") }
        let answer = Response(response: EiResponse(requestID: message.response.requestID), venID: ven.venID)
        guard case .cancelling = ven.registration else { return Decision(answer: .response(answer)) }
        return Decision(answer: .response(answer), changes: end(known, requests: requests))
    }

    /// The answer that tells a VEN its ids (rule 403).
    func created(_ response: EiResponse, _ registrationID: RegistrationID) -> Payload {
        .createdPartyRegistration(
            CreatedPartyRegistration(
                response: response, registrationID: registrationID, venID: ven.venID, vtnID: configuration.vtnID,
                pollFrequency: ven.pushAddress == nil ? ven.pollFrequency : nil))
    }

    private func end(_ id: RegistrationID, requests: [ReportRequestRecord]) -> [TopNodeChange] {
        var ven = ven
        ven.registration = .cancelled(id)
        return forget(outbox: nil, requests: requests) + [.saveVEN(ven)]
    }

    /// What goes with a registration (rules 406 and 407). Of the outbox only events stay, and those only for a VEN
    /// that starts again; what it was asked in the past stays in the books.
    private func forget(outbox: [OutboxRow]?, requests: [ReportRequestRecord]) -> [TopNodeChange] {
        var changes: [TopNodeChange] = [
            .replaceOffers(ven.venID, []), .removeSchedules(ven.venID), .removeAnswers(ven.certificate),
        ]
        if let outbox {
            changes += outbox.filter { $0.key.kind != .distributeEvent }.map { .removeRow($0.key) }
        } else {
            changes.append(.removeOutbox(ven.venID))
        }
        return changes + requests.ended()
    }
}

extension [ReportRequestRecord] {
    /// The changes that end every request that still runs.
    func ended() -> [TopNodeChange] {
        filter { $0.state != .ended }.map { request in
            var request = request
            request.state = .ended
            return .saveRequest(request)
        }
    }
}
