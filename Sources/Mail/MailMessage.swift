/// A message to one person, in plain text and in HTML.
public struct MailMessage: Hashable, Sendable {
    public let recipient: String
    public let subject: String
    public let text: String
    public let html: String
    /// Unique and stable: the same message sent twice, after an unclear answer of the server, is recognised by it.
    public let id: String

    /// Nil for a recipient that is no address of the form `someone@somewhere` in printable ASCII, and for an empty or
    /// broken (line ends, control characters) subject or id: they stand in header lines.
    public init?(recipient: String, subject: String, text: String, html: String, id: String) {
        guard Self.isAddress(recipient), !subject.isEmpty, subject.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }),
            !id.isEmpty,
            id.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") })
        else { return nil }
        self.recipient = recipient
        self.subject = subject
        self.text = text
        self.html = html
        self.id = id
    }

    /// What an SMTP command can carry between angle brackets (RFC 5321, without quoted local parts).
    public static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, text.utf8.count <= 190 else { return false }
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","),
                UInt8(ascii: ";"), UInt8(ascii: ":"), UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "["),
                UInt8(ascii: "]"):
                false
            default: byte > 0x20 && byte < 0x7F
            }
        }
        return isPlain && parts[1].first != "." && parts[1].last != "."
    }
}

/// Takes a message over, for good: who returns without an error answers for it.
public protocol MailTransport: Sendable {
    func send(_ message: MailMessage) async throws(MailError)
}

/// Why a message was not taken over. No text holds a password.
public enum MailError: Error, Hashable, Sendable {
    /// Try again later: no connection, or the server said so (4yz).
    case temporary(String)
    /// The server will never take this message (5yz).
    case refused(String)

    public var reason: String {
        switch self {
        case .temporary(let reason), .refused(let reason): reason
        }
    }
}
