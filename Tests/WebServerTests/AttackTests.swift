import HTTPCoding
import HTTPTypes
import Hummingbird
import NIOCore
import OpenADR
import OpenADRXML
import Testing
import VirtualTopNode

@testable import WebServer

/// The attacks of the reliability chapter at the VTN's door: exact status, reason in the log, and nothing decided.
@Suite struct AttackTests {
    struct Attack: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var method = HTTPRequest.Method.post
        var path = ServiceName.oadrPoll.path
        var contentType: String? = "application/xml"
        var headers: HTTPFields = [:]
        var body: [UInt8]
        let status: Int
        let reason: String

        init(_ name: String, _ body: [UInt8], _ status: Int, _ reason: String) {
            testDescription = name
            self.body = body
            self.status = status
            self.reason = reason
        }

        init(_ name: String, _ body: String, _ status: Int, _ reason: String) {
            self.init(name, Array(body.utf8), status, reason)
        }

        func with(_ change: (inout Attack) -> Void) -> Attack {
            var copy = self
            change(&copy)
            return copy
        }
    }

    private static let oadr = #"xmlns="http://openadr.org/oadr-2.0b/2012/07""#

    private static func poll(_ inside: String, root: String = "") -> String {
        #"<oadrPoll \#(oadr) \#(root)><venID xmlns="http://docs.oasis-open.org/ns/energyinterop/201110">\#(inside)</venID></oadrPoll>"#
    }

    private static func report(_ duration: String) -> String {
        #"<oadrUpdateReport \#(oadr)><requestID xmlns="http://docs.oasis-open.org/ns/energyinterop/201110/payloads">1</requestID><oadrReport><duration xmlns="urn:ietf:params:xml:ns:icalendar-2.0"><duration>\#(duration)</duration></duration></oadrReport></oadrUpdateReport>"#
    }

    private static func many(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    static let attacks: [Attack] = [
        Attack(
            "X1 entity bomb", "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]>\(poll("&b;"))", 406, "doctype"),
        Attack(
            "X1 external entity", "<!DOCTYPE l [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\(poll("&x;"))", 406,
            "doctype"),
        Attack(
            "X1 parameter entity", "<!DOCTYPE l [<!ENTITY % x SYSTEM \"http://127.0.0.1:1/\"> %x;]>\(poll("V"))", 406,
            "doctype"),
        Attack(
            "X1 external subset", "<!DOCTYPE oadrPoll SYSTEM \"http://127.0.0.1:1/x.dtd\">\(poll("V"))", 406, "doctype"),
        Attack("X2 200 deep", many("<p>", 200) + many("</p>", 200), 406, "depth"),
        Attack("X2 20,000 deep", many("<p>", 20_000), 406, "depth"),
        Attack("X3 attribute flood", "<p " + (0..<6_000).map { "a\($0)=''" }.joined(separator: " ") + "/>", 406, "tag"),
        Attack(
            "X3 namespace flood", "<p " + (0..<900).map { "xmlns:n\($0)='u'" }.joined(separator: " ") + "/>", 406, "tag"
        ),
        Attack("X3 giant name", "<" + many("p", 5_000) + "/>", 406, "tag"),
        Attack("X4 oversize", many(" ", 70_000), 413, "size"),
        Attack("X5 long text", "<p>" + many("t", 66_000) + "</p>", 406, "text").with {
            $0.path = ServiceName.eiReport.path
        },
        Attack("X5 long CDATA", "<p><![CDATA[" + many("t", 66_000) + "]]></p>", 406, "cdata")
            .with { $0.path = ServiceName.eiReport.path },
        Attack("X5 brackets in CDATA", "<p><![CDATA[" + many("]]", 40_000) + "]]></p>", 406, "cdata")
            .with { $0.path = ServiceName.eiReport.path },
        Attack("X5 a foreign text in CDATA", poll("<![CDATA[<oadrPoll/>]]>", root: "id='x'"), 406, "schema"),
        Attack("X7 a duration of 60,000 digits", report("PT" + many("9", 60_000) + "S"), 406, "schema")
            .with { $0.path = ServiceName.eiReport.path },
        Attack("X7 a duration of 900 KB", report("P" + many("1Y", 450_000)), 406, "text")
            .with { $0.path = ServiceName.eiReport.path },
        Attack(
            "X7 30,000 ids", "<oadrPoll \(oadr)>" + (0..<30_000).map { "<x Id='i\($0)'/>" }.joined() + "</oadrPoll>",
            406,
            "schema"
        ).with { $0.path = ServiceName.eiReport.path },
        Attack(
            "X7 8,000 references",
            "<oadrPayload \(oadr)><Signature xmlns='http://www.w3.org/2000/09/xmldsig#'><SignedInfo>"
                + many("<Reference URI='#a'/>", 8_000) + "</SignedInfo></Signature></oadrPayload>", 406, "message"
        ).with { $0.path = ServiceName.eiReport.path },
        Attack(
            "X8 xsi:schemaLocation",
            poll(
                "V",
                root:
                    "xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:schemaLocation='u http://127.0.0.1:1/x.xsd' x='1'"
            ),
            406, "schema"),
        Attack(
            "X8 xsi:noNamespaceSchemaLocation",
            poll(
                "V",
                root:
                    "xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:noNamespaceSchemaLocation='/etc/passwd' x='1'"
            ),
            406, "schema"),
        Attack("X5 long comment", "<p><!--" + many("c", 5_000) + "--></p>", 406, "comment"),
        Attack("X5 instruction", "<?x y?>\(poll("V"))", 406, "pi"),
        Attack("X5 elements", "<p>" + many("<a/>", 16_000) + "</p>", 406, "message"),
        Attack(
            "X6 UTF-16", Array("\u{FEFF}<p/>".utf16).flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }, 406, "encoding"),
        Attack("X6 Latin 1", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\(poll("V"))", 406, "encoding"),
        Attack("X6 NUL", poll("V\u{0}"), 406, "encoding"),
        Attack("X6 bad UTF-8", Array("<p>".utf8) + [0xC0, 0xAF] + Array("</p>".utf8), 406, "encoding"),
        Attack(
            "X8 schema location", poll("V", root: "xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:type='x'"),
            406, "schema"),
        Attack(
            "X8 XInclude",
            poll("V").replacing(
                "</oadrPoll>",
                with: "<i:include xmlns:i='http://www.w3.org/2001/XInclude' href='/etc/passwd'/></oadrPoll>"), 406,
            "schema"),
        Attack("no XML", "{\"a\":1}", 406, "malformed"),
        Attack("empty", "", 406, "malformed"),
        Attack("cut", "<oadrPoll", 406, "malformed"),
        Attack("2.0a", "<oadrRequestEvent xmlns=\"http://openadr.org/oadr-2.0a/2012/07\"/>", 406, "message"),
        Attack("another root", "<html/>", 406, "message"),
        Attack("H3 method", poll("V"), 501, "method").with { $0.method = .get },
        Attack("H3 path", poll("V"), 404, "path").with { $0.path = "/OpenADR2/Simple/2.0b/../../etc/passwd" },
        Attack("H3 type", poll("V"), 406, "content-type").with { $0.contentType = "text/html" },
        Attack("unknown coding", poll("V"), 406, "content-encoding").with { $0.headers[.contentEncoding] = "zstd" },
        Attack("no gzip", poll("V"), 406, "content-encoding").with { $0.headers[.contentEncoding] = "gzip" },
    ]

    @Test(arguments: attacks)
    func `an attack gets its status, its reason in the log, and no decision`(attack: Attack) async throws {
        let endpoint = try TestEndpoint()
        let answer = try await endpoint.send(
            method: attack.method, path: attack.path, contentType: attack.contentType, body: attack.body,
            headers: attack.headers)
        #expect(answer.status.code == attack.status, "\(answer.text)")
        #expect(endpoint.rejected(attack.reason) == 1, "\(answer.text)")
        #expect(endpoint.seen.isEmpty)
        #expect(endpoint.journal.map(\.reason) == [attack.reason, attack.reason])
        #expect(!answer.text.contains("/etc/") && answer.text.utf8.count < 500)
    }

    /// What a VEN may post, and where.
    static let messages: [(name: String, service: ServiceName)] = [
        ("oadrPoll", .oadrPoll), ("oadrQueryRegistration", .eiRegisterParty),
        ("oadrCreatePartyRegistration", .eiRegisterParty), ("oadrCancelPartyRegistration", .eiRegisterParty),
        ("oadrCanceledPartyRegistration", .eiRegisterParty), ("oadrRequestEvent", .eiEvent),
        ("oadrCreatedEvent", .eiEvent), ("oadrRegisterReport", .eiReport), ("oadrRegisteredReport", .eiReport),
        ("oadrCreateReport", .eiReport), ("oadrCreatedReport", .eiReport), ("oadrUpdateReport", .eiReport),
        ("oadrUpdatedReport", .eiReport), ("oadrCancelReport", .eiReport), ("oadrCanceledReport", .eiReport),
        ("oadrCreateOpt", .eiOpt), ("oadrCancelOpt", .eiOpt), ("oadrResponse", .eiReport),
    ]

    @Test(arguments: messages)
    func `X4 each message has its size, and not a byte more`(name: String, service: ServiceName) async throws {
        let limit = [.eiReport: 1 << 20, .eiEvent: 256 << 10][service] ?? 64 << 10
        let (head, tail) = (Array("<\(name) \(Self.oadr)>".utf8), Array("</\(name)>".utf8))
        func message(_ size: Int) -> [UInt8] {
            // Comments, as a text has a limit of its own.
            let comment = Array("<!--\(Self.many("c", 4_000))-->".utf8)
            var bytes = head
            while bytes.count + comment.count + tail.count <= size { bytes += comment }
            return bytes + [UInt8](repeating: 0x20, count: size - bytes.count - tail.count) + tail
        }
        let endpoint = try TestEndpoint()
        let fitting = try await endpoint.send(path: service.path, body: message(limit))
        #expect(fitting.status == .notAcceptable && endpoint.rejected("schema") == 1, "\(fitting.text)")
        let large = try await endpoint.send(path: service.path, body: message(limit + 1))
        #expect(large.status == .contentTooLarge && large.isClosed && endpoint.rejected("size") == 1)
        #expect(large.text == "size: at most \(limit) bytes\n" && endpoint.seen.isEmpty)
        #expect(endpoint.journal.map(\.reason) == ["schema", "schema", "size", "size"])
    }

    @Test func `X8 xsi:schemaLocation alone is passed over, and nothing is fetched`() async throws {
        let endpoint = try TestEndpoint()
        let root =
            "xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:schemaLocation='http://openadr.org/oadr-2.0b/2012/07 file:///etc/passwd'"
        let answer = try await endpoint.send(body: Array(Self.poll("V", root: root).utf8))
        #expect(answer.status == .ok && endpoint.messages == [.sound(.poll(Poll(venID: "V")))])
    }

    /// Valid by the schema, and still no sense: answered, with the code.
    @Test(arguments: [
        ("V\u{202E}1", 454), ("V&#10;1", 454), ("V&#x9F;1", 454), ("\u{2066}V", 454), (many("v", 129), 454),
        (many("🔌", 129), 454),
    ])
    func `X9 an id that deceives or does not end is bad data`(id: String, code: Int) async throws {
        let endpoint = try TestEndpoint()
        let answer = try await endpoint.send(body: Array(Self.poll(id).utf8))
        guard answer.status == .ok, case .faulty(let message) = endpoint.messages.first else {
            Issue.record("\(answer.status) \(endpoint.messages)")
            return
        }
        #expect(message.code.rawValue == code && message.elementName == "oadrPoll")
        #expect(endpoint.journal.compactMap(\.reason).isEmpty)
    }

    @Test func `X9 an id of 200 characters is bad data, not a bad document`() async throws {
        let endpoint = try TestEndpoint()
        let answer = try await endpoint.send(body: Array(Self.poll(Self.many("v", 200)).utf8))
        #expect(answer.status == .ok)
        guard case .faulty(let message) = endpoint.messages.first else {
            Issue.record("\(endpoint.messages)")
            return
        }
        #expect(message.code == .invalidData && message.elementName == "oadrPoll")
    }
}
