import Measures
import OpenADR

/// EiOpt for one VEN.
struct OptDesk {
    let ven: VENRecord
    let now: Instant

    /// `entry` is the event that the message names, with this VEN's part in it; nil when there is none.
    func create(
        _ message: CreateOpt, entry: EventEntry?, schedules: [OptSchedule]
    ) throws(Refusal) -> Decision {
        let changes: [TopNodeChange]
        switch message.scope {
        case .event(let qualified):
            guard let entry else { throw .unknown("eventID") }
            let known = entry.participation.resources.isEmpty ? ven.resources : entry.participation.resources
            let resources = try resources(of: message, among: known)
            var answers = EventAnswers(entry: entry, now: now)
            changes = try answers.qualify(
                message, modificationNumber: qualified.modificationNumber, resources: resources,
                deviceClasses: message.deviceClasses.sorted { $0.rawValue < $1.rawValue })
        case .schedule(let windows, let marketContext):
            guard !windows.isEmpty else {
                throw Refusal(code: .complianceError, explanation: "a schedule without a window")
            }
            let schedule = OptSchedule(
                venID: ven.venID, optID: message.optID, type: message.optType, reason: message.reason,
                marketContext: marketContext, resources: try resources(of: message, among: ven.resources),
                deviceClasses: message.deviceClasses.sorted { $0.rawValue < $1.rawValue }, windows: windows,
                createdAt: message.createdDateTime, receivedAt: now)
            changes =
                schedules.filter { replaces($0, by: schedule) }.map { old in
                    var old = old
                    old.state = .superseded
                    return .saveSchedule(old)
                } + [.saveSchedule(schedule)]
        }
        return Decision(
            answer: .createdOpt(
                CreatedOpt(response: EiResponse(requestID: message.requestID), optID: message.optID)),
            changes: changes, references: [message.optID.rawValue])
    }

    /// Withdraws all schedules with the id (rule 204); a superseded one is no error (rule 211).
    func cancel(_ message: CancelOpt, schedules: [OptSchedule]) throws(Refusal) -> Decision {
        let named = schedules.filter { $0.optID == message.optID }
        guard !named.isEmpty else { throw .unknown("optID") }
        let changes: [TopNodeChange] = named.filter { $0.state == .inForce }.map { schedule in
            var schedule = schedule
            schedule.state = .cancelled
            return .saveSchedule(schedule)
        }
        return Decision(
            answer: .canceledOpt(
                CanceledOpt(response: EiResponse(requestID: message.requestID), optID: message.optID)),
            changes: changes, references: [message.optID.rawValue])
    }

    /// The resources that a message is limited to; none when it names only the VEN, or nothing (rule 202). Anything else
    /// is no target of ours.
    private func resources(of message: CreateOpt, among known: [ResourceID]) throws(Refusal) -> [ResourceID] {
        guard message.target.venIDs.allSatisfy({ $0 == ven.venID }) else { throw .unknown("venID") }
        let plain = Target(resourceIDs: message.target.resourceIDs, venIDs: message.target.venIDs)
        guard message.target == plain, message.target.resourceIDs.allSatisfy(known.contains)
        else {
            throw Refusal(code: .targetMismatch, explanation: "the target is not in the VEN's resources")
        }
        return message.target.resourceIDs
    }

    /// A schedule takes the place of older ones for the same thing (rule 203).
    private func replaces(_ old: OptSchedule, by new: OptSchedule) -> Bool {
        guard old.state == .inForce, old.type == new.type, old.key != new.key, old.createdAt <= new.createdAt,
            new.marketContext == nil || new.marketContext == old.marketContext
        else { return false }
        guard new.deviceClasses.isEmpty || new.deviceClasses == old.deviceClasses else { return false }
        return new.resources.isEmpty
            || (!old.resources.isEmpty && old.resources.allSatisfy(new.resources.contains))
    }
}
