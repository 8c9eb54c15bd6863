import Measures
import OpenADR
import VirtualTopNode

/// An event as the operator's commands print it.
struct EventLine: Encodable {
    struct Participant: Encodable {
        let venID: String
        /// `optIn`, `optOut`, or nil before the answer.
        let opt: String?
        let decidedAt: String?
        /// The response code with which the VEN refused the event.
        let errorCode: Int?
        /// Whether the VEN has answered the newest version.
        let isAcknowledged: Bool
    }

    let eventID: String
    let modificationNumber: UInt32
    let status: String
    let start: String
    let durationSeconds: Int64
    let participants: [Participant]

    init(_ event: EventRecord, _ participations: [EventParticipation], now: Instant) {
        eventID = event.eventID.rawValue
        modificationNumber = event.modificationNumber
        status = event.status(at: now).rawValue
        start = event.terms.start.description
        durationSeconds = event.terms.duration.seconds
        participants = participations.map { part in
            Participant(
                venID: part.venID.rawValue, opt: part.opt.type?.rawValue,
                decidedAt: part.opt.decidedAt?.description, errorCode: part.opt.errorCode?.rawValue,
                isAcknowledged: part.delivery.acknowledgedModification == event.modificationNumber)
        }
    }

    /// For a table: id, status, start, length, and what each VEN said.
    var columns: [String] {
        [
            eventID, status, start, SpanArgument(TimeSpan(seconds: durationSeconds)).description,
            participants.map { "\($0.venID) \($0.opt ?? "silent")" }.joined(separator: ", "),
        ]
    }
}
