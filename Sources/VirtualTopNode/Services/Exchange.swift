import Measures
import OpenADR

/// One message of one VEN inside one transaction: reads what the decision needs, takes it, writes what it says.
struct Exchange {
    let transaction: any TopNodeTransaction
    let ven: VENRecord
    let configuration: TopNodeConfiguration
    let makeID: @Sendable () -> String
    let now: Instant

    func run(_ payload: Payload) async throws -> Outcome {
        if let refusal = admission(of: payload) ?? payload.unstorable() { return .refused(refusal) }
        guard let key = answerKey(of: payload) else { return try await decide(payload).outcome }
        let digest = contentDigest(of: payload)
        if let stored = try await transaction.answer(key) {
            guard stored.contentDigest == digest else {
                return .refused(
                    Refusal(code: .invalidData, explanation: "the requestID was used for another message"))
            }
            return try await repeated(stored, of: payload)
        }
        let result = try await decide(payload)
        guard case .answered(let answer) = result.outcome else { return result.outcome }
        try await transaction.save(
            StoredAnswer(
                key: key, contentDigest: digest, code: answer.response?.code ?? .success,
                explanation: answer.response?.description, references: result.references, answeredAt: now))
        return result.outcome
    }

    /// Registration state, then venID (rule 517). A VEN that names none is the one of its certificate.
    private func admission(of payload: Payload) -> Refusal? {
        switch payload {
        case .queryRegistration, .createPartyRegistration, .cancelPartyRegistration, .canceledPartyRegistration: break
        case .poll:
            if case .cancelling = ven.registration { break }
            if !ven.registration.isRegistered { return .notRegistered }
        default:
            if !ven.registration.isRegistered { return .notRegistered }
        }
        if let claimed = payload.venID, claimed != ven.venID { return .wrongVEN }
        if case .poll = payload, case .httpPush? = ven.endpoint?.transport {
            return Refusal(code: .complianceError, explanation: "a VEN that takes pushes does not poll")
        }
        if ven.endpoint?.isReportOnly == true, [.eiEvent, .eiOpt].contains(payload.service) {
            return Refusal(code: .complianceError, explanation: "a report-only VEN takes no events")
        }
        return nil
    }

    private func decide(_ payload: Payload) async throws -> (outcome: Outcome, references: [String]) {
        do throws(ExchangeError) {
            let decision = try await decision(on: payload)
            do { try await transaction.apply(decision.changes) } catch { throw .store(error) }
            return (.answered(decision.answer), decision.references)
        } catch {
            switch error {
            case .refusal(let refusal): return (.refused(refusal), [])
            case .store(let error): throw error
            }
        }
    }

    private func decision(on payload: Payload) async throws(ExchangeError) -> Decision {
        do {
            switch payload.service {
            case .eiRegisterParty: return try await registration(payload)
            case .eiEvent: return try await events(payload)
            case .eiReport: return try await reports(payload)
            case .eiOpt: return try await opts(payload)
            case .oadrPoll: return try await waiting()
            case nil: return acknowledged(payload)
            }
        } catch let refusal as Refusal {
            throw .refusal(refusal)
        } catch {
            throw .store(error)
        }
    }

    /// An `oadrResponse` that a VEN posts, such as the one to `oadrRequestReregistration`, asks for nothing.
    private func acknowledged(_ payload: Payload) -> Decision {
        Decision(
            answer: .response(
                Response(response: EiResponse(requestID: payload.requestID ?? .empty), venID: ven.venID)))
    }
}

/// A refusal is answered; an error of the store is not ours to answer.
private enum ExchangeError: Error {
    case refusal(Refusal)
    case store(any Error)
}

extension Exchange {
    private func registration(_ payload: Payload) async throws -> Decision {
        let desk = RegistrationDesk(ven: ven, configuration: configuration, now: now)
        switch payload {
        case .queryRegistration(let message):
            return desk.query(message)
        case .createPartyRegistration(let message):
            return try desk.create(
                message, outbox: try await transaction.outbox(of: ven.venID),
                requests: try await transaction.reportRequests(of: ven.venID), makeID: makeID)
        case .cancelPartyRegistration(let message):
            return try desk.cancel(message, requests: try await transaction.reportRequests(of: ven.venID))
        case .canceledPartyRegistration(let message):
            return try desk.canceled(message, requests: try await transaction.reportRequests(of: ven.venID))
        default:
            return acknowledged(payload)
        }
    }

    private func events(_ payload: Payload) async throws -> Decision {
        switch payload {
        case .requestEvent(let message):
            return try await book().distribution(
                answering: message.requestID, requestID: RequestID(makeID()), replyLimit: message.replyLimit,
                outbox: try await transaction.outbox(of: ven.venID))
        case .createdEvent(let message):
            return try await answers(message)
        default:
            return acknowledged(payload)
        }
    }

    /// An error about the whole message voids its event responses (rule 25); else each is taken by itself.
    private func answers(_ message: CreatedEvent) async throws -> Decision {
        var changes: [TopNodeChange] = []
        var refusal: Refusal?
        if message.response.code.isSuccess {
            var entries: [EventID: EventEntry] = [:]
            for response in message.eventResponses {
                let id = response.event.eventID
                let known = if let seen = entries[id] { Optional(seen) } else { try await entry(id) }
                guard let known else {
                    refusal = refusal ?? .unknown("eventID")
                    continue
                }
                var answers = EventAnswers(entry: known, now: now)
                do throws(Refusal) {
                    changes += try answers.receive(response)
                } catch {
                    refusal = refusal ?? error
                }
                entries[id] = answers.entry
            }
        }
        let response = EiResponse(
            code: refusal?.code ?? .success, description: refusal?.explanation,
            requestID: message.response.requestID)
        return Decision(answer: .response(Response(response: response, venID: ven.venID)), changes: changes)
    }

    private func reports(_ payload: Payload) async throws -> Decision {
        let requests = try await transaction.reportRequests(of: ven.venID)
        let desk = ReportDesk(ven: ven, configuration: configuration, now: now, requests: requests)
        switch payload {
        case .updateReport(let message):
            let offers = try await transaction.offers(of: ven.venID)
            let isCancelling = requests.contains { $0.state == .cancelling }
            let outbox = isCancelling ? try await transaction.outbox(of: ven.venID) : []
            return ReportIntake(ven: ven, now: now, offers: offers, requests: requests, outbox: outbox)
                .update(message, makeID: makeID)
        case .registerReport(let message):
            return try desk.register(
                message, known: try await transaction.offers(of: ven.venID),
                outbox: try await transaction.outbox(of: ven.venID), makeID: makeID)
        case .createdReport(let message):
            return try desk.created(message, outbox: try await transaction.outbox(of: ven.venID))
        case .canceledReport(let message):
            return desk.canceled(message, outbox: try await transaction.outbox(of: ven.venID))
        case .registeredReport(let message):
            return try desk.registered(message, outbox: try await transaction.outbox(of: ven.venID))
        case .createReport(let message):
            return try desk.create(message)
        case .cancelReport:
            throw Refusal.unknown("reportRequestID")
        default:
            return acknowledged(payload)
        }
    }

    private func opts(_ payload: Payload) async throws -> Decision {
        let desk = OptDesk(ven: ven, now: now)
        let schedules = try await transaction.optSchedules(of: ven.venID)
        switch payload {
        case .createOpt(let message):
            var known: EventEntry?
            if case .event(let qualified) = message.scope { known = try await entry(qualified.eventID) }
            return try desk.create(message, entry: known, schedules: schedules)
        case .cancelOpt(let message):
            return try desk.cancel(message, schedules: schedules)
        default:
            return acknowledged(payload)
        }
    }

    /// What the VEN has to be told next.
    func waiting() async throws -> Decision {
        let outbox = try await transaction.outbox(of: ven.venID)
        let requests = outbox.isEmpty ? [] : try await transaction.reportRequests(of: ven.venID)
        let queue = PollQueue(
            ven: ven, configuration: configuration, now: now, outbox: outbox, requests: requests)
        return queue.next(book: queue.needsEvents ? try await book() : nil, makeID: makeID)
    }

    private func book() async throws -> EventBook {
        let pairs = try await transaction.participations(of: ven.venID, endingAfter: now)
        return EventBook(
            ven: ven, entries: pairs.map { EventEntry(event: $0.event, participation: $0.participation) },
            configuration: configuration, now: now)
    }

    private func entry(_ id: EventID) async throws -> EventEntry? {
        guard let event = try await transaction.eventAsItIs(id),
            let participation = try await transaction.participation(of: ven.venID, in: id)
        else { return nil }
        return EventEntry(event: event, participation: participation)
    }
}
