import FoundationEssentials
import Measures
import Testing

@testable import Mail

private let noon = Instant(year: 2026, month: 11, day: 21, hour: 15, minute: 4, second: 5)

@Suite struct MIMEBuilderTests {
    @Test func `a message has both parts, whole, and no line that SMTP would break`() throws {
        let text = "Grüße, " + String(repeating: "long ", count: 100) + "\n.\nend"
        let message = try #require(
            MailMessage(
                recipient: "a@b.example", subject: "Ihr Zählerstand für März", text: text, html: "<p>hi</p>", id: "m-1")
        )
        let source = MIMEBuilder.render(message, from: "portal@example.com", at: noon)
        let lines = source.components(separatedBy: "\r\n")
        #expect(lines.allSatisfy { $0.utf8.count <= 78 && !$0.contains("\n") })
        #expect(lines.contains("To: <a@b.example>"))
        #expect(lines.contains("Date: Sat, 21 Nov 2026 15:04:05 +0000"))
        #expect(lines.contains("Message-ID: <m-1@example.com>"))
        let parts = source.components(separatedBy: "--=_m1_part")
        #expect(parts.count == 4)
        let encoded = try #require(parts[1].components(separatedBy: "\r\n\r\n").last)
        let decoded = Data(base64Encoded: encoded.components(separatedBy: "\r\n").joined())
        #expect(decoded.map { String(decoding: $0, as: UTF8.self) } == text)
    }

    @Test(arguments: [[], [0], [0, 255], [1, 2, 3], Array(0...255)] as [[UInt8]])
    func `base64 is what the standard says`(_ bytes: [UInt8]) {
        #expect(MIMEBuilder.base64(bytes) == Data(bytes).base64EncodedString())
    }

    @Test func `a subject with other letters becomes short encoded words`() {
        #expect(MIMEBuilder.encodedWords("Plain subject") == "Plain subject")
        let words = MIMEBuilder.encodedWords(String(repeating: "Zähler ", count: 20))
        #expect(words.components(separatedBy: "\r\n ").allSatisfy { $0.hasPrefix("=?utf-8?B?") && $0.count <= 75 })
    }

    @Test(arguments: [
        "a@b\r\nBcc: x@y", "a b@c.example", "a@b@c", "@b", "a@", "<a@b>", "a@b,c@d", "ä@b.example", "a@.b",
    ])
    func `an address that would break a header or a command is refused`(_ address: String) {
        #expect(MailMessage(recipient: address, subject: "s", text: "", html: "", id: "1") == nil)
    }

    @Test func `a subject cannot add a header`() {
        #expect(MailMessage(recipient: "a@b", subject: "x\r\nBcc: y@z", text: "", html: "", id: "1") == nil)
    }

    @Test func `the address of a server says how it is protected`() throws {
        let start = try #require(SMTPTransport.Configuration(url: "smtp://me:p%40ss@mail.example", sender: "p@q"))
        #expect(start.protection == .startTLS && start.port == 587 && start.password == "p@ss")
        #expect(SMTPTransport.Configuration(url: "smtps://mail.example", sender: "p@q")?.port == 465)
        #expect(
            SMTPTransport.Configuration(url: "smtp://127.0.0.1:1025?protection=none", sender: "p@q")?.protection
                == SMTPTransport.Configuration.Protection.none)
        #expect(SMTPTransport.Configuration(url: "http://mail.example", sender: "p@q") == nil)
        #expect(SMTPTransport.Configuration(url: "smtp://mail.example", sender: "nobody") == nil)
    }
}
