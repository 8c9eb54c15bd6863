import Mail
import Measures
import Testing

@Suite struct SMTPTransportTests {
    private static let time = AcceleratedTime(start: Instant(year: 2026, month: 7, day: 1), rate: 0)

    private func send(
        _ answers: [String: String] = [:], protection: SMTPTransport.Configuration.Protection = .none
    ) async throws -> (failure: MailError?, sink: SMTPSink) {
        let sink = try await SMTPSink(answers: answers)
        let transport = SMTPTransport(
            .init(host: "127.0.0.1", port: sink.port, protection: protection, sender: "portal@example.com", timeout: 5),
            time: Self.time)
        let message = try #require(
            MailMessage(
                recipient: "ann@example.org", subject: "Grüße", text: "Hello\n.\nBye", html: "<p>Hello</p>", id: "m7"))
        var failure: MailError?
        do throws(MailError) {
            try await transport.send(message)
        } catch {
            failure = error
        }
        await transport.close()
        try await sink.close()
        return (failure, sink)
    }

    @Test func `a message arrives whole, at its one recipient`() async throws {
        let (failure, sink) = try await send()
        #expect(failure == nil)
        #expect(sink.commands.contains { $0.hasPrefix("MAIL FROM:<portal@example.com>") })
        #expect(sink.commands.filter { $0.hasPrefix("RCPT") } == ["RCPT TO:<ann@example.org>"])
        let message = try #require(sink.messages.first)
        #expect(message.contains("Message-ID: <m7@example.com>\r\n"))
        #expect(message.hasSuffix("--=_m7_part--\r\n"))
    }

    @Test(arguments: [
        ("RCPT", "550 nobody here", true), ("RCPT", "451 later", false), ("MAIL", "421 too busy", false),
        ("MAIL", "553 not you", true),
    ])
    func `the server's word decides whether it is tried again`(
        _ command: String, _ answer: String, _ isFinal: Bool
    ) async throws {
        let (failure, sink) = try await send([command: answer])
        switch failure {
        case .refused?: #expect(isFinal)
        case .temporary?: #expect(!isFinal)
        case nil: Issue.record("it was taken")
        }
        #expect(sink.messages.isEmpty)
    }

    @Test func `nothing is sent in the clear where TLS is wanted`() async throws {
        let (failure, sink) = try await send(protection: .startTLS)
        guard case .temporary? = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(sink.messages.isEmpty && !sink.commands.contains { $0.hasPrefix("MAIL") })
    }

    @Test func `no server is a reason to try again`() async throws {
        let sink = try await SMTPSink()
        try await sink.close()
        let transport = SMTPTransport(
            .init(host: "127.0.0.1", port: sink.port, protection: .none, sender: "p@example.com", timeout: 5),
            time: Self.time)
        let message = try #require(MailMessage(recipient: "a@b.cd", subject: "s", text: "", html: "", id: "1"))
        await #expect(throws: MailError.self) { try await transport.send(message) }
        await transport.close()
    }
}
