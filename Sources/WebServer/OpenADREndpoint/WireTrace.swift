import HTTPTypes
import Measures
import OpenADR
import VirtualTopNode

/// What is noted of one request on its way through, for the payload log.
struct WireTrace {
    let start = ContinuousClock.now
    var peer: PeerIdentity?
    var venID: VENID?
    /// The unpacked body; empty when it was not read.
    var received: [UInt8] = []
    var message: ReceivedMessage?
    var warnings: [String] = []
    var isSigned = false
    /// The answer before it is packed.
    var sent: [UInt8] = []
    var answer: Payload?

    /// From the head of the request until now.
    var microseconds: Int64 { start.microsecondsUntilNow }

    /// The request and its answer.
    func records(status: HTTPResponse.Status, reason: String?, at now: Instant) -> [WireRecord] {
        [
            WireRecord(
                at: now, direction: .received, venID: venID, certificate: peer?.certificate,
                message: message?.elementName, requestID: message?.requestID, code: message.flatMap(\.ownCode),
                reason: reason, bytes: received, warnings: warnings),
            WireRecord(
                at: now, direction: .sent, venID: venID, certificate: peer?.certificate, message: answer?.elementName,
                requestID: answer?.response?.requestID, status: status.code, code: answer?.response?.code,
                reason: reason, microseconds: microseconds, bytes: sent),
        ]
    }
}

extension ReceivedMessage {
    /// The code that the message itself brings, as an answer to something earlier does.
    fileprivate var ownCode: ResponseCode? {
        if case .sound(let payload) = self { payload.response?.code } else { nil }
    }
}

extension ContinuousClock.Instant {
    var microsecondsUntilNow: Int64 {
        let elapsed = duration(to: .now).components
        return elapsed.seconds * 1_000_000 + elapsed.attoseconds / 1_000_000_000_000
    }
}
