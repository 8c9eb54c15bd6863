public import Measures

/// Writes a message as RFC 5322 and MIME say: `multipart/alternative`, both parts in base64, lines of at most 76
/// characters, encoded words (RFC 2047) in the subject.
public enum MIMEBuilder {
    /// - Parameter sender: an address, `portal@example.com`.
    public static func render(_ message: MailMessage, from sender: String, at instant: Instant) -> String {
        let boundary = "=_\(message.id.filter { $0.isASCII && ($0.isLetter || $0.isNumber) })_part"
        let domain = sender.split(separator: "@").last.map(String.init) ?? "localhost"
        return [
            "From: <\(sender)>", "To: <\(message.recipient)>", "Subject: \(encodedWords(message.subject))",
            "Date: \(date(instant))", "Message-ID: <\(message.id)@\(domain)>", "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0", "Content-Type: multipart/alternative; boundary=\"\(boundary)\"", "",
            "--\(boundary)", part("text/plain", message.text), "--\(boundary)", part("text/html", message.html),
            "--\(boundary)--", "",
        ].joined(separator: "\r\n")
    }

    private static func part(_ type: String, _ content: String) -> String {
        [
            "Content-Type: \(type); charset=utf-8", "Content-Transfer-Encoding: base64", "",
            lines(base64(Array(content.utf8))),
        ].joined(separator: "\r\n")
    }

    /// `Sat, 21 Nov 2026 15:04:05 +0000`
    static func date(_ instant: Instant) -> String {
        let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let midnight = instant.floored(to: .days(1))
        let civil = CivilDay(daysSinceEpoch: Int(midnight.secondsSinceEpoch / 86_400))
        let (year, month, day) = civil.components
        // `YYYY-MM-DDThh:mm:ssZ`
        let time = instant.description.dropLast().suffix(8)
        return "\(days[civil.weekday - 1]), \(day) \(months[month - 1]) \(year) \(time) +0000"
    }

    /// Printable ASCII stays; anything else becomes words of at most 75 characters, cut between characters.
    static func encodedWords(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 > 0x7E }) || text.contains("=?") else { return text }
        var words: [String] = []
        var current: [UInt8] = []
        for character in text {
            let bytes = Array(character.utf8)
            if current.count + bytes.count > 42, !current.isEmpty {
                words.append("=?utf-8?B?\(base64(current))?=")
                current = []
            }
            current += bytes
        }
        words.append("=?utf-8?B?\(base64(current))?=")
        return words.joined(separator: "\r\n ")
    }

    private static func lines(_ text: String) -> String {
        var lines: [Substring] = []
        var rest = text[...]
        while !rest.isEmpty {
            lines.append(rest.prefix(76))
            rest = rest.dropFirst(76)
        }
        return lines.joined(separator: "\r\n")
    }

    /// RFC 4648, with padding.
    static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var output: [UInt8] = []
        output.reserveCapacity((bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let group = bytes[index..<min(index + 3, bytes.count)]
            let word = group.enumerated().reduce(0) { $0 | Int($1.element) << (16 - 8 * $1.offset) }
            for place in 0..<4 {
                output.append(place <= group.count ? alphabet[word >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
            index += 3
        }
        return String(decoding: output, as: UTF8.self)
    }
}
