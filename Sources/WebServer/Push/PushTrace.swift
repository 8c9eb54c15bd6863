import Measures
import OpenADR
import VirtualTopNode

/// What is noted of one push, for the payload log.
struct PushTrace {
    let push: Push
    let sent: [UInt8]
    /// When it went out.
    let at: Instant
    let start = ContinuousClock.now
    /// Of HTTP; nil without an answer.
    var status: Int?
    var received: [UInt8] = []
    var reply: Payload?
    var warnings: [String] = []
    /// Why the push counts as lost.
    var reason: String?

    init(push: Push, sent: [UInt8], at: Instant) {
        self.push = push
        self.sent = sent
        self.at = at
    }

    /// The message, and the answer where there is one.
    func records(at end: Instant) -> [WireRecord] {
        let elapsed = start.duration(to: .now)
        let microseconds = elapsed.components.seconds * 1_000_000 + elapsed.components.attoseconds / 1_000_000_000_000
        let message = WireRecord(
            at: at, direction: .sent, venID: push.venID, certificate: push.certificate,
            message: push.payload.elementName, requestID: push.payload.requestID, code: push.payload.response?.code,
            reason: status == nil ? reason : nil, bytes: sent)
        guard let status else { return [message] }
        return [
            message,
            WireRecord(
                at: end, direction: .received, venID: push.venID, certificate: push.certificate,
                message: reply?.elementName, requestID: reply?.requestID, status: status, code: reply?.response?.code,
                reason: reason, microseconds: microseconds, bytes: received, warnings: warnings),
        ]
    }
}
