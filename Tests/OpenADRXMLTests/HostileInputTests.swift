import OpenADR
import OpenADRXML
import Testing

/// What a document does wrong, and what the log says about it.
struct Attack: Sendable, CustomTestStringConvertible {
    let name: String
    let document: [UInt8]
    let isExpected: @Sendable (DecodingFailure) -> Bool

    init(_ name: String, _ document: [UInt8], _ isExpected: @escaping @Sendable (DecodingFailure) -> Bool) {
        self.name = name
        self.document = document
        self.isExpected = isExpected
    }

    init(_ name: String, _ document: String, _ expected: DecodingFailure) {
        self.init(name, Array(document.utf8)) { $0 == expected }
    }

    var testDescription: String { name }
}

private let oadr = #"xmlns="http://openadr.org/oadr-2.0b/2012/07""#

private func poll(_ venID: String, root: String = "") -> String {
    #"<oadrPoll \#(oadr) \#(root)><venID xmlns="http://docs.oasis-open.org/ns/energyinterop/201110">\#(venID)</venID></oadrPoll>"#
}

private func isMalformed(_ failure: DecodingFailure) -> Bool {
    if case .malformed = failure { true } else { false }
}

private func isSchema(_ failure: DecodingFailure) -> Bool {
    if case .schema = failure { true } else { false }
}

let attacks: [Attack] = [
    Attack(
        "billion laughs",
        #"<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><oadrPoll \#(oadr)>&b;</oadrPoll>"#,
        .doctype),
    Attack("external entity", #"<!DOCTYPE p SYSTEM "file:///etc/passwd"><p/>"#, .doctype),
    Attack("declaration inside", "<p><!ENTITY a 'b'></p>", .doctype),
    Attack("undefined entity", Array(poll("&xxe;").utf8), isMalformed),
    Attack("NUL by reference", Array(poll("&#0;").utf8), isMalformed),
    Attack("NUL", Array(poll("VEN\u{0}1").utf8)) { $0 == .encoding },
    Attack("UTF-16", Array("\u{FEFF}<p/>".utf16).flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }) { $0 == .encoding },
    Attack("UTF-16 without a mark", Array("<p/>".utf16).flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }) {
        $0 == .encoding
    },
    Attack("Latin 1 said", #"<?xml version="1.0" encoding="ISO-8859-1"?><p/>"#, .encoding),
    Attack("UTF-7 said", #"<?xml version="1.0" encoding='UTF-7'?><p/>"#, .encoding),
    Attack("broken UTF-8", Array(poll("").utf8.prefix(60)) + [0xC3, 0x28] + Array("'/>".utf8)) { $0 == .encoding },
    Attack("broken UTF-8 in text", Array("<p>".utf8) + [0xFF, 0xFE, 0x80] + Array("</p>".utf8)) { $0 == .encoding },
    Attack("overlong UTF-8", Array("<p>".utf8) + [0xC0, 0xAF] + Array("</p>".utf8)) { $0 == .encoding },
    Attack("style sheet", #"<?xml-stylesheet href="http://example.org/a.xsl"?>"# + poll("V"), .processingInstruction),
    Attack("instruction at the end", poll("V") + "<?php x ?>", .processingInstruction),
    Attack("late declaration", " <?xml version=\"1.0\"?><p/>", .processingInstruction),
    Attack("41 deep", String(repeating: "<p>", count: 41), .tooDeep(limit: 40)),
    Attack("a million deep", String(repeating: "<p>", count: 300_000), .tooDeep(limit: 40)),
    Attack(
        "60,000 attributes", "<p " + (0..<60_000).map { "a\($0)=''" }.joined(separator: " ") + "/>",
        .tooManyAttributes(limit: 16)),
    Attack(
        "33 namespaces", "<p " + (0..<33).map { "xmlns:n\($0)=\"u\($0)\"" }.joined(separator: " ") + "/>",
        .tooManyNamespaces(limit: 32)),
    Attack("long name", "<" + String(repeating: "p", count: 5_000) + "/>", .tagTooLong(limit: 4_096)),
    Attack("long attribute", "<p a='" + String(repeating: ">", count: 5_000) + "'/>", .tagTooLong(limit: 4_096)),
    Attack(
        "tags that hide in an attribute", "<p a='" + String(repeating: "<a/>", count: 1_000) + "'/>",
        .malformed(line: 1, message: "'<' inside a tag")),
    Attack(
        "tags that hide in the declaration", "<?xml version='1.0'" + String(repeating: "<a/>", count: 1_000) + "?><p/>",
        .malformed(line: 1, message: "'<' inside the declaration")),
    Attack("big text", poll(String(repeating: "v", count: 70_000)), .textTooLong(limit: 65_536)),
    Attack(
        "big CDATA", "<p><![CDATA[" + String(repeating: "]]", count: 40_000) + "]]></p>", .sectionTooLong(limit: 65_536)
    ),
    Attack("big comment", "<p><!--" + String(repeating: "-", count: 5_000) + "--></p>", .commentTooLong(limit: 4_096)),
    Attack("too large", "<p>" + String(repeating: "<a/>", count: 300_000), .tooLarge(limit: 1 << 20)),
    Attack("too many elements", "<p>" + String(repeating: "<a/>", count: 70_000), .tooManyElements(limit: 65_536)),
    Attack("empty", [], isMalformed),
    Attack("blank", Array("  \n".utf8), isMalformed),
    Attack("cut tag", Array("<oadrPoll".utf8), isMalformed),
    Attack("cut comment", Array("<p><!-- ".utf8), isMalformed),
    Attack("cut CDATA", Array("<p><![CDATA[ ]".utf8), isMalformed),
    Attack("cut declaration", Array("<?xml version='1.0'".utf8), isMalformed),
    Attack("cut end tag", Array(poll("V").utf8.dropLast()), isMalformed),
    Attack("no end tag", Array(poll("V").utf8.dropLast(11)), isMalformed),
    Attack("two roots", Array((poll("V") + poll("V")).utf8), isMalformed),
    Attack("wrong end tag", Array("<p></q>".utf8), isMalformed),
    Attack("end without start", Array("</p></p></p>".utf8), isMalformed),
    Attack("unknown prefix", Array("<ei:p/>".utf8)) { isMalformed($0) || $0 == .unknownMessage(name: "{}ei:p") },
    Attack("same attribute twice", Array("<p a='1' a='2'/>".utf8), isMalformed),
    Attack("brackets", Array(String(repeating: "<", count: 1_000).utf8)) {
        isMalformed($0) || $0 == .tooDeep(limit: 40)
    },
    Attack("JSON", Array(#"{"venID": "V"}"#.utf8), isMalformed),
    Attack("foreign attribute", Array(poll("V", root: #"onclick="x""#).utf8), isSchema),
    Attack(
        "own schema location",
        Array(
            poll(
                "V",
                root:
                    #"xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="x" i:schemaLocation="u http://127.0.0.1:1/x""#
            ).utf8), isSchema),
    Attack("foreign element", Array("<oadrPoll \(oadr)><x/></oadrPoll>".utf8), isSchema),
    Attack("empty wrapper", Array("<oadrPayload \(oadr)/>".utf8)) {
        $0 == .unknownMessage(name: "{http://openadr.org/oadr-2.0b/2012/07}oadrPayload")
    },
]

@Suite struct HostileInputTests {
    @Test(arguments: attacks)
    func `an attack is refused for its own reason`(attack: Attack) throws {
        let codec = try makeCodec()
        do {
            let payload = try codec.decode(attack.document)
            Issue.record("taken as \(payload.elementName)")
        } catch {
            #expect(attack.isExpected(error), "\(error)")
            #expect(!error.description.contains("\n") && error.description.count < 500)
        }
    }

    @Test func `limits hold to the byte`() throws {
        let codec = try makeCodec()
        let open = "<p "
        #expect(throws: DecodingFailure.unknownMessage(name: "{}p")) {
            try codec.decode(Array(((0..<16).reduce(open) { "\($0)a\($1)='' " } + "/>").utf8))
        }
        #expect(throws: DecodingFailure.tooManyAttributes(limit: 16)) {
            try codec.decode(Array(((0..<17).reduce(open) { "\($0)a\($1)='' " } + "/>").utf8))
        }
        let deep = { (depth: Int) in
            Array((String(repeating: "<p>", count: depth) + String(repeating: "</p>", count: depth)).utf8)
        }
        #expect(throws: DecodingFailure.unknownMessage(name: "{}p")) { try codec.decode(deep(40)) }
        #expect(throws: DecodingFailure.tooDeep(limit: 40)) { try codec.decode(deep(41)) }
    }

    @Test func `random bytes are refused`() throws {
        let codec = try makeCodec()
        var random = SeededGenerator(state: 1)
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0..<200, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            #expect(throws: DecodingFailure.self) { try codec.decode(bytes) }
        }
    }

    /// Whatever is taken must also survive being written.
    @Test func `random changes never crash, and what is taken is written back`() throws {
        let codec = try makeCodec()
        let documents = Samples.all.map(codec.encode) + (try SharedPayloads.files(in: "golden").map(\.bytes))
        let interesting = Array("<>&'\"=/! \n0-".utf8) + [0, 0x80, 0xFF]
        var random = SeededGenerator(state: 2)
        var taken = 0
        for _ in 0..<10_000 {
            guard var bytes = documents.randomElement(using: &random) else { return }
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes[place] = interesting.randomElement(using: &random) ?? 0
                case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...40, using: &random)))
                case 3: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 40)], at: place)
                default: bytes[place] = UInt8.random(in: UInt8(ascii: "0")...UInt8(ascii: "z"), using: &random)
                }
                if bytes.isEmpty { bytes = [0x20] }
            }
            guard let payload = try? codec.decode(bytes) else { continue }
            taken += 1
            #expect(codec.accepted(codec.encode(payload), "written back") == payload)
        }
        #expect(taken > 300, "\(taken)")
    }
}
