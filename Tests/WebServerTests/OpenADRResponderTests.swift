import HTTPCoding
import HTTPTypes
import Hummingbird
import Logging
import Measures
import NIOCore
import OpenADR
import OpenADRXML
import Testing
import VirtualTopNode

@testable import WebServer

/// The rules of HTTP, checked without a socket.
@Suite struct OpenADRResponderTests {
    private let endpoint: TestEndpoint

    init() throws { endpoint = try TestEndpoint() }

    @Test(arguments: [HTTPRequest.Method.get, .head, .put, .delete, .options, .patch, .connect, .trace])
    func `any method but POST is not implemented`(method: HTTPRequest.Method) async throws {
        let answer = try await endpoint.send(method: method)
        #expect(answer.status == .notImplemented)
        #expect(answer.text == (method == .head ? "" : "method: only POST is served\n"))
        #expect(endpoint.rejected("method") == 1 && endpoint.seen.isEmpty)
    }

    @Test(arguments: [
        "/", "", "/OpenADR2/Simple/2.0b", "/OpenADR2/Simple/2.0b/", "/OpenADR2/Simple/2.0b/oadrPoll",
        "/OpenADR2/Simple/2.0b/OadrPoll/", "/OpenADR2/Simple/2.0a/EiEvent", "/openadr2/simple/2.0b/EiEvent",
        "/x/OpenADR2/Simple/2.0b/EiEvent", "/metrics", "/OpenADR2/Simple/2.0b/EiEvent%",
        "/OpenADR2/Simple/2.0b/EiEvent%2",
        "/OpenADR2/Simple/2.0b/EiEvent%zz", "/OpenADR2/Simple%2F2.0b/EiEvent", "/OpenADR2/Simple/2.0b/../EiEvent",
        "/OpenADR2/Simple/2.0b/EiEvent/.", "/OpenADR2/Simple/2.0b/EiEvent/..", "//OpenADR2/Simple/2.0b/EiEvent",
        "/OpenADR2/Simple/2.0b/EiEvent%00",
        "/" + String(repeating: "x/../", count: 500) + "OpenADR2/Simple/2.0b/EiEvent",
    ])
    func `a path that is no service is not found`(path: String) async throws {
        let answer = try await endpoint.send(path: path)
        #expect(answer.status == .notFound)
        #expect(endpoint.rejected("path") == 1 && endpoint.seen.isEmpty)
    }

    @Test(arguments: [
        "/OpenADR2/Simple/2.0b/EiEvent", "/OpenADR2/Simple/2.0b/%45i%45vent", "/OpenADR2/Simple/2%2e0b/EiEvent",
        "/OpenADR2/./Simple/2.0b/EiEvent", "/x/../OpenADR2/Simple/2.0b/EiEvent", "/../OpenADR2/Simple/2.0b/EiEvent",
        "/OpenADR2/Simple/2.0b/x/%2E%2e/EiEvent", "/OpenADR2/Simple/2.0b/EiEvent?x=1",
    ])
    func `rule 511: paths that are equal by RFC 3986 name the same service`(path: String) async throws {
        #expect(try await endpoint.send(path: path).status == .ok)
        #expect(endpoint.seen == [.eiEvent])
    }

    @Test(arguments: [nil, "", "application/json", "text/plain", "application/xmlx", "application/soap+xml", "xml"])
    func `a body that is not called XML is not acceptable`(type: String?) async throws {
        let answer = try await endpoint.send(contentType: type)
        #expect(answer.status == .notAcceptable)
        #expect(answer.text == "content-type: send application/xml\n")
        #expect(endpoint.rejected("content-type") == 1 && endpoint.seen.isEmpty)
    }

    @Test(arguments: [
        "application/xml", "application/xml; charset=utf-8", "application/xml;charset=\"UTF-8\"", "Application/XML",
        "text/xml", "text/xml ; charset=utf-8",
    ])
    func `either name of XML will do`(type: String) async throws {
        #expect(try await endpoint.send(contentType: type).status == .ok)
        #expect(endpoint.seen == [.oadrPoll])
    }

    @Test func `rule 53: a good poll is answered with XML of exactly the length that is announced`() async throws {
        let answer = try await endpoint.send()
        #expect(answer.status == .ok)
        #expect(answer.headers[.contentType] == "application/xml; charset=utf-8")
        #expect(answer.headers[.contentLength] == String(answer.bytes.count))
        #expect(answer.announced == answer.bytes.count && !answer.isClosed)
        #expect(try endpoint.codec.decode(answer.bytes) == TestEndpoint.answer)
        #expect(endpoint.metrics.value("oadr_messages_total", labels: ["message": "oadrPoll", "code": "200"]) == 1)
    }

    @Test(arguments: ServiceName.allCases)
    func `rule 511: every service has its path`(service: ServiceName) async throws {
        #expect(try await endpoint.send(path: "/OpenADR2/Simple/2.0b/\(service.rawValue)").status == .ok)
        #expect(endpoint.seen == [service])
    }

    @Test(arguments: [
        ("", "malformed: "), ("hello", "malformed: "), ("<a/>", "no message of OpenADR 2.0b"),
        ("<oadrPoll", "not well-formed"),
        ("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "a document type declaration"),
        (
            "<p:oadrPoll xmlns:p=\"http://openadr.org/oadr-2.0b/2012/07\"><p:unknown/></p:oadrPoll>",
            "against the schema"
        ),
    ])
    func `a body against the schema is not acceptable, and its sender is told why`(
        body: String, reason: String
    ) async throws {
        let answer = try await endpoint.send(body: Array(body.utf8))
        #expect(answer.status == .notAcceptable)
        #expect(answer.text.contains(reason), "\(answer.text)")
        #expect(answer.headers[.contentType] == "text/plain; charset=utf-8")
        #expect(answer.headers[.contentLength] == String(answer.bytes.count))
        let word = String(answer.text.prefix { $0 != ":" })
        #expect(endpoint.rejected(word) == 1 && endpoint.seen.isEmpty)
    }

    @Test(arguments: ["application/xml; charset=iso-8859-1", "text/xml;charset=utf-16"])
    func `a charset that is not UTF-8 is not acceptable`(type: String) async throws {
        let answer = try await endpoint.send(contentType: type)
        #expect(answer.status == .notAcceptable && answer.text == "content-type: send charset=utf-8\n")
        #expect(endpoint.rejected("content-type") == 1 && endpoint.seen.isEmpty)
    }

    @Test func `what cannot be used is handed on with all that is known of it`() async throws {
        let bytes = endpoint.codec.encode(.poll(Poll(venID: VENID(String(repeating: "v", count: 300)))))
        let answer = try await endpoint.send(body: bytes)
        #expect(answer.status == .ok && answer.headers[.contentType] == "application/xml; charset=utf-8")
        guard case .faulty(let message) = endpoint.messages.first else {
            Issue.record("\(endpoint.messages)")
            return
        }
        #expect(message.elementName == "oadrPoll" && message.code == .invalidData && !message.reason.isEmpty)
        #expect(message.venID == nil && endpoint.seen == [.oadrPoll])
    }

    @Test(arguments: ContentCoding.allCases)
    func `a squeezed request is read like a plain one`(coding: ContentCoding) async throws {
        let body = try coding.encode(endpoint.codec.encode(TestEndpoint.poll))
        #expect(try await endpoint.send(body: body, headers: [.contentEncoding: coding.rawValue]).status == .ok)
        #expect(endpoint.messages == [.sound(TestEndpoint.poll)])
        let bomb = try coding.encode([UInt8](repeating: 0x20, count: 5_000_000))
        let answer = try await endpoint.send(body: bomb, headers: [.contentEncoding: coding.rawValue])
        #expect(answer.status == .contentTooLarge && answer.isClosed && endpoint.rejected("size") == 1)
        let cut = Array(body.dropLast(3))
        #expect(
            try await endpoint.send(body: cut, headers: [.contentEncoding: coding.rawValue]).status == .notAcceptable)
        #expect(try await endpoint.send(body: body, headers: [.contentEncoding: "br"]).status == .notAcceptable)
        #expect(endpoint.rejected("content-encoding") == 2 && endpoint.seen.count == 1)
    }

    @Test(arguments: [("gzip", ContentCoding.gzip), ("deflate;q=1, gzip;q=0.5", .deflate), ("br", nil)])
    func `an answer is squeezed as the request wants it, with its length`(
        accepted: String, coding: ContentCoding?
    ) async throws {
        let answer = try await endpoint.send(headers: [.acceptEncoding: accepted])
        #expect(answer.status == .ok && answer.headers[.contentEncoding] == coding?.rawValue)
        #expect(answer.headers[.contentLength] == String(answer.bytes.count))
        #expect(answer.headers[.transferEncoding] == nil)
        let plain = try coding?.decode(answer.bytes, limit: 10_000) ?? answer.bytes
        #expect(try endpoint.codec.decode(plain) == TestEndpoint.answer)
    }

    @Test func `a failing store asks the sender to come again`() async throws {
        let endpoint = try TestEndpoint { _, _, _, _ in throw TestFailure() }
        let answer = try await endpoint.send()
        #expect(answer.status == .serviceUnavailable)
        let pause = try #require(answer.headers[.retryAfter].flatMap { Int($0) })
        #expect((1...30).contains(pause))
        #expect(!answer.text.contains("secret"))
        #expect(endpoint.rejected("store") == 1)
    }

    @Test func `a VEN that polls too often is asked to wait, and only that VEN`() async throws {
        // One more per quarter of an hour: no test is so slow.
        let standing = PeerStanding(venID: "VEN-1", pollFrequency: .hours(1))
        let endpoint = try TestEndpoint(standing: standing, rates: PeerRates())
        for _ in 0..<PeerRates.pollBurst { #expect(try await endpoint.send().status == .ok) }
        let answer = try await endpoint.send()
        #expect(answer.status == .serviceUnavailable && answer.text == "rate_ven: too many requests of this VEN\n")
        #expect((1...900).contains(answer.headers[.retryAfter].flatMap { Int($0) } ?? 0))
        #expect(endpoint.rejected("rate_ven") == 1 && endpoint.seen.count == PeerRates.pollBurst)
    }

    @Test func `rule 500: polls that bring something are never too many`() async throws {
        let event = Payload.distributeEvent(DistributeEvent(requestID: "d", vtnID: "VTN_1"))
        let endpoint = try TestEndpoint(rates: PeerRates()) { _, _, _, _ in event }
        for _ in 0..<30 { #expect(try await endpoint.send().status == .ok) }
    }

    @Test func `too much to do refuses polls, but never what a VEN decided`() async throws {
        let gate = LoadGate(capacity: 100)
        for _ in 0..<99 { gate.enter() }
        let endpoint = try TestEndpoint(gate: gate)
        let answer = try await endpoint.send()
        #expect(answer.status == .serviceUnavailable && endpoint.rejected("overload") == 1)
        #expect((1...30).contains(answer.headers[.retryAfter].flatMap { Int($0) } ?? 0))
        let opt = Payload.createdEvent(
            CreatedEvent(response: EiResponse(code: .invalidID), eventResponses: [], venID: "VEN-1"))
        #expect(
            try await endpoint.send(path: ServiceName.eiEvent.path, body: endpoint.codec.encode(opt)).status == .ok)
        #expect(endpoint.metrics.value("vtn_load_state") == 3 && gate.count == 99)
    }

    @Test func `a revoked certificate is refused on an open connection, which ends`() async throws {
        let table = ConnectionTable()
        let endpoint = try TestEndpoint(connections: table)
        #expect(try await endpoint.send().status == .ok)
        table.revoke([try #require(TestEndpoint.identity).certificate])
        let answer = try await endpoint.send()
        #expect(answer.status == .forbidden && answer.isClosed && endpoint.rejected("revoked") == 1)
        #expect(endpoint.seen.count == 1)
    }

    @Test func `the certificate, not the message, says who is there`() async throws {
        _ = try await endpoint.send()
        #expect(endpoint.peers == [TestEndpoint.identity])
        let stranger = try TestEndpoint(identity: nil)
        let answer = try await stranger.send()
        #expect(answer.status == .forbidden && stranger.seen.isEmpty)
        #expect(stranger.rejected("certificate") == 1)
    }

    @Test func `the first rule that is broken decides`() async throws {
        let long = [UInt8](repeating: 0x20, count: 64 << 10 + 1)
        let anonymous = try TestEndpoint(identity: nil)
        #expect(
            try await anonymous.send(method: .get, path: "/x", contentType: nil, body: long).status == .forbidden)
        #expect(
            try await endpoint.send(method: .get, path: "/x", contentType: nil, body: long).status == .notImplemented)
        #expect(try await endpoint.send(path: "/x", contentType: nil, body: long).status == .notFound)
        #expect(try await endpoint.send(contentType: nil, body: long).status == .notAcceptable)
        #expect(endpoint.rejected("content-type") == 1)
        #expect(try await endpoint.send(body: long).status == .contentTooLarge)
        #expect(try await endpoint.send(body: Array(long.dropLast())).status == .notAcceptable)
        #expect(endpoint.rejected("malformed") == 1)
        #expect(endpoint.seen.isEmpty)
    }
}
