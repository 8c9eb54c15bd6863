import HTTPTypes
import OpenADR
import OpenADRXML
import Testing
import VirtualTopNode

@testable import WebServer

/// What the payload log hears of a request.
@Suite struct WireTraceTests {
    @Test func `a message and its answer are two records, one after the other`() async throws {
        let endpoint = try TestEndpoint()
        _ = try await endpoint.send()
        let (received, sent) = (try #require(endpoint.journal.first), try #require(endpoint.journal.last))
        #expect(endpoint.journal.count == 2)
        #expect(received.direction == .received && received.message == "oadrPoll" && received.venID == "VEN-1")
        #expect(received.text.contains("<oadr:oadrPoll") && received.status == nil && received.microseconds == nil)
        #expect(received.certificate == TestEndpoint.identity?.certificate)
        #expect(sent.direction == .sent && sent.message == "oadrResponse" && sent.status == 200)
        #expect(sent.code == .success && sent.requestID == "grün" && sent.size == sent.text.utf8.count)
        #expect((sent.microseconds ?? -1) >= 0)
    }

    @Test func `a refusal is there with its reason, and what was read of it`() async throws {
        let endpoint = try TestEndpoint(standing: PeerStanding())
        _ = try await endpoint.send(path: "/x")
        _ = try await endpoint.send(body: Array("<a/>".utf8))
        let records = endpoint.journal
        #expect(records.map(\.direction) == [.received, .sent, .received, .sent])
        #expect(records.map(\.reason) == ["path", "path", "message", "message"])
        #expect(records.map(\.status) == [nil, 404, nil, 406] && records.allSatisfy { $0.venID == nil })
        #expect(records[0].size == 0 && records[2].text == "<a/>" && records[3].text.hasPrefix("message: "))
    }

    @Test func `a packed message is kept unpacked`() async throws {
        let endpoint = try TestEndpoint()
        _ = try await endpoint.send(headers: [.acceptEncoding: "gzip"])
        #expect(endpoint.journal.last?.text.contains("<oadr:oadrResponse") == true)
    }
}
