import OpenADR

/// A write that a decision asks for.
enum TopNodeChange: Hashable, Sendable {
    case saveVEN(VENRecord)
    case saveEvent(EventRecord)
    case saveParticipation(EventParticipation)
    case appendDecision(OptDecision)
    case saveSchedule(OptSchedule)
    case removeSchedules(VENID)
    case saveRow(OutboxRow)
    case removeRow(OutboxRow.Key)
    case removeOutbox(VENID)
    case savePush(PushState)
    case replaceOffers(VENID, [ReportOffer])
    case saveRequest(ReportRequestRecord)
    case record([Measurement])
    case removeAnswers(CertificateDigest)
}

/// What a service decided: the answer, and what must be durable before it is given.
struct Decision: Sendable {
    var answer: Payload
    var changes: [TopNodeChange] = []
    /// The ids by which the answer can be made again.
    var references: [String] = []
}

extension TopNodeTransaction {
    func apply(_ changes: [TopNodeChange]) async throws {
        for change in changes {
            switch change {
            case .saveVEN(let ven): try await save(ven)
            case .saveEvent(let event): try await save(event)
            case .saveParticipation(let participation): try await save(participation)
            case .appendDecision(let decision): try await append(decision)
            case .saveSchedule(let schedule): try await save(schedule)
            case .removeSchedules(let ven): try await removeOptSchedules(of: ven)
            case .saveRow(let row): try await save(row)
            case .removeRow(let key): try await remove(key)
            case .savePush(let state): try await save(state)
            case .removeOutbox(let ven): try await removeOutbox(of: ven)
            case .replaceOffers(let ven, let offers): try await replaceOffers(of: ven, with: offers)
            case .saveRequest(let request): try await save(request)
            case .record(let measurements): try await record(measurements)
            case .removeAnswers(let certificate): try await removeAnswers(of: certificate)
            }
        }
    }
}
