import OpenADR
import Testing

/// Bytes on a connection that was opened as a VEN opens it, and what they may do.
struct HTTPAttack: Sendable, CustomTestStringConvertible {
    /// What the connection comes to.
    enum End: Sendable { case open, closed }

    let testDescription: String
    var bytes: [UInt8]
    /// Of HTTP, in the order of the answers.
    let statuses: [Int]
    let end: End
    /// What the log and `vtn_reject_total` say; nil for what is taken.
    let reason: String?
    /// Whether the client ends its side with the last byte.
    var endsInput = false

    init(
        _ name: String, _ bytes: [UInt8], _ statuses: [Int], _ end: End = .closed, _ reason: String? = "http",
        endsInput: Bool = false
    ) {
        testDescription = name
        self.bytes = bytes
        self.statuses = statuses
        self.end = end
        self.reason = reason
        self.endsInput = endsInput
    }

    /// A message that is taken, as often as given.
    static func taken(_ name: String, _ bytes: [UInt8], times: Int = 1) -> HTTPAttack {
        HTTPAttack(name, bytes, Array(repeating: 200, count: times), .open, nil)
    }

    static let venID = "VEN-HTTP"
    static let poll =
        #"<oadrPoll xmlns="http://openadr.org/oadr-2.0b/2012/07"><venID xmlns="http://docs.oasis-open.org/ns/energyinterop/201110">VEN-HTTP</venID></oadrPoll>"#
    /// What an attacker would like to smuggle in.
    static let line = "POST \(ServiceName.oadrPoll.path) HTTP/1.1"
    static let type = "Content-Type: application/xml"
    static let length = "Content-Length: \(poll.utf8.count)"

    /// A poll, but for what is given.
    static func request(
        _ line: String = line, fields: [String] = [type, length], body: String = poll, host: String? = "Host: vtn"
    ) -> [UInt8] {
        Array(((([line] + (host.map { [$0] } ?? []) + fields).joined(separator: "\r\n")) + "\r\n\r\n" + body).utf8)
    }

    static func to(_ path: String) -> [UInt8] { request("POST \(path) HTTP/1.1") }

    static func with(_ fields: String..., body: String = poll) -> [UInt8] {
        request(fields: [type, length] + fields, body: body)
    }

    /// The fields in the place of the length.
    static func framed(_ fields: String..., body: String) -> [UInt8] { request(fields: [type] + fields, body: body) }

    static func chunked(_ body: String) -> [UInt8] { framed("Transfer-Encoding: chunked", body: body) }

    static func typed(_ field: String) -> [UInt8] { request(fields: [field, length]) }

    static func many(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    static func raw(_ text: String) -> [UInt8] { Array(text.utf8) }
}
