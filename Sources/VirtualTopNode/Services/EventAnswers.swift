import Measures
import OpenADR

/// What `oadrCreatedEvent` and `oadrCreateOpt` do to one VEN's part in one event.
struct EventAnswers {
    var entry: EventEntry
    let now: Instant

    /// Stores an answer to the event's present version; a repeated one changes nothing. Late answers count (rule 17).
    mutating func receive(_ response: EventResponse) throws(Refusal) -> [TopNodeChange] {
        guard response.event.modificationNumber == entry.modificationNumber else {
            throw Refusal(code: .outOfSequence, explanation: "modificationNumber is not the event's")
        }
        let before = entry.participation
        entry.participation.delivery.acknowledgedModification = entry.modificationNumber
        let errorCode = response.code.isSuccess ? nil : response.code
        // An error is no consent (rule 48).
        let type = errorCode == nil ? response.optType : .optOut
        var changes: [TopNodeChange] = []
        let opt = entry.participation.opt
        let isNews = !(opt.source == .createdEvent && opt.type == type && opt.errorCode == errorCode)
        // About a cancelled event the VEN says whether it can stop (rule 36), not whether it takes part.
        if entry.isCancelled {
            if before.delivery.acknowledgedModification != entry.modificationNumber {
                changes.append(decision(type, .createdEvent, reason: "cancellation"))
            }
        } else if opt.source != .createOpt, isNews {
            entry.participation.opt.type = type
            entry.participation.opt.source = .createdEvent
            entry.participation.opt.decidedAt = now
            entry.participation.opt.errorCode = errorCode
            changes.append(decision(type, .createdEvent, reason: errorCode?.description))
        }
        if entry.participation != before { changes.append(.saveParticipation(entry.participation)) }
        let row = OutboxRow.Key(
            venID: before.venID, kind: .distributeEvent, subject: entry.event.eventID.rawValue)
        return changes + [.removeRow(row)]
    }

    /// Narrows or changes the answer, for all resources or some; from now on only its kind does (rule 206).
    mutating func qualify(
        _ message: CreateOpt, modificationNumber: UInt32, resources: [ResourceID], deviceClasses: [DeviceClass]
    ) throws(Refusal) -> [TopNodeChange] {
        guard modificationNumber == entry.modificationNumber else {
            throw Refusal(code: .outOfSequence, explanation: "modificationNumber is not the event's")
        }
        guard entry.event.terms.responseRequired == .always else {
            throw Refusal(code: .complianceError, explanation: "the event takes no answers")
        }
        guard ![.cancelled, .completed].contains(entry.status(at: now)) else {
            throw Refusal(code: .notAllowed, explanation: "the event is over")
        }
        let opt = entry.participation.opt
        if !deviceClasses.isEmpty {
            let news = DeviceOpt(deviceClasses: deviceClasses, resources: resources, type: message.optType)
            entry.participation.opt.devices.removeAll {
                $0.deviceClasses == news.deviceClasses && $0.resources == news.resources
            }
            entry.participation.opt.devices.append(news)
            guard !opt.devices.contains(news) else { return [] }
        } else if resources.isEmpty {
            let isNews = opt.source != .createOpt || opt.type != message.optType || !opt.resources.isEmpty
            guard isNews || !opt.devices.isEmpty else { return [] }
            entry.participation.opt = OptState(type: message.optType, source: .createOpt, decidedAt: now)
        } else {
            for resource in resources { entry.participation.opt.resources[resource] = message.optType }
            guard entry.participation.opt != opt else { return [] }
        }
        return [
            .saveParticipation(entry.participation),
            decision(message.optType, .createOpt, resources: resources, reason: message.reason.rawValue),
        ]
    }

    private func decision(
        _ type: OptType, _ source: OptState.Source, resources: [ResourceID] = [], reason: String?
    ) -> TopNodeChange {
        .appendDecision(
            OptDecision(
                eventID: entry.event.eventID, venID: entry.participation.venID,
                modificationNumber: entry.modificationNumber, type: type, source: source, decidedAt: now,
                resources: resources, reason: reason))
    }
}
