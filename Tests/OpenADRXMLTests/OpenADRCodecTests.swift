import MessageAudit
import OpenADR
import OpenADRXML
import Testing

@Suite struct OpenADRCodecTests {
    let codec: OpenADRCodec

    init() throws { codec = try makeCodec() }

    @Test func `every message survives the wire, valid by the schema`() throws {
        for payload in Samples.all {
            let bytes = codec.encode(payload)
            guard let decoded = codec.accepted(bytes, payload.elementName) else { continue }
            #expect(decoded == payload)
            #expect(codec.encode(decoded) == bytes)
            try MessageAudit.check(payload) { Issue.record("\($0)") }
        }
        #expect(Set(Samples.all.map(\.elementName)).count == 23)
    }

    @Test func `a poll looks as the standard says`() {
        let text = String(decoding: codec.encode(.poll(Poll(venID: "VEN_1"))), as: UTF8.self)
        #expect(
            text.hasPrefix(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<oadr:oadrPayload xmlns:oadr=\"http://openadr.org/oadr-2.0b/2012/07\""
            ))
        #expect(
            text.contains(
                "<oadr:oadrSignedObject><oadr:oadrPoll ei:schemaVersion=\"2.0b\"><ei:venID>VEN_1</ei:venID></oadr:oadrPoll></oadr:oadrSignedObject>"
            ))
    }

    @Test(arguments: [
        ("a\u{0}b\u{1B}c\u{FFFF}d\r\n\te", "a\u{FFFD}b\u{FFFD}c\u{FFFD}d\r\n\te"), ("a\u{1F}", "a\u{FFFD}"),
        ("a\u{FFFE}", "a\u{FFFD}"), ("a\u{D7FF}é\u{E000}", "a\u{D7FF}é\u{E000}"),
    ])
    func `what XML cannot carry becomes a replacement character`(text: String, read: String) throws {
        let payload = Payload.response(Response(response: EiResponse(description: text, requestID: "1")))
        guard case .response(let message) = try codec.decode(codec.encode(payload)) else {
            Issue.record("another message")
            return
        }
        #expect(message.response.description == read)
    }

    @Test func `prefixes, the wrapper, blanks and comments do not matter`() throws {
        let expected = Payload.poll(Poll(venID: "VEN_1"))
        let documents = [
            #"<oadrPoll xmlns="http://openadr.org/oadr-2.0b/2012/07" xmlns:x="http://docs.oasis-open.org/ns/energyinterop/201110" x:schemaVersion="2.0b"><x:venID>VEN_1</x:venID></oadrPoll>"#,
            #"<a:oadrPayload xmlns:a="http://openadr.org/oadr-2.0b/2012/07"><a:oadrSignedObject a:Id="i"> <!-- n --><a:oadrPoll> <venID xmlns="http://docs.oasis-open.org/ns/energyinterop/201110">VEN<![CDATA[_]]>1</venID></a:oadrPoll></a:oadrSignedObject></a:oadrPayload>"#,
            "\u{FEFF}<?xml version='1.0' encoding='utf-8' standalone='yes'?>\n<oadr:oadrPoll xmlns:oadr=\"http://openadr.org/oadr-2.0b/2012/07\" xmlns:oadr2=\"http://docs.oasis-open.org/ns/energyinterop/201110\"><oadr2:venID>VEN&#95;1</oadr2:venID></oadr:oadrPoll>",
        ]
        for document in documents { #expect(try codec.decode(Array(document.utf8)) == expected) }
    }

    @Test func `an unknown root is named`() {
        for (document, name) in [
            (
                #"<oadrPoll xmlns="http://openadr.org/oadr-2.0a/2012/07"/>"#,
                "{http://openadr.org/oadr-2.0a/2012/07}oadrPoll"
            ),
            ("<html/>", "{}html"),
            (
                #"<venID xmlns="http://docs.oasis-open.org/ns/energyinterop/201110">V</venID>"#,
                "{http://docs.oasis-open.org/ns/energyinterop/201110}venID"
            ),
        ] {
            #expect(throws: DecodingFailure.unknownMessage(name: name)) { try codec.decode(Array(document.utf8)) }
        }
    }

    @Test func `a breach of the schema tells its line and element`() {
        let document = """
            <oadrCancelOpt xmlns="http://openadr.org/oadr-2.0b/2012/07">
              <venID xmlns="http://docs.oasis-open.org/ns/energyinterop/201110">V</venID>
            </oadrCancelOpt>
            """
        #expect {
            try codec.decode(Array(document.utf8))
        } throws: { error in
            guard case DecodingFailure.schema(let line, let message) = error else { return false }
            return line == 2 && message.contains("venID") && message.contains("requestID")
        }
    }
}

@Suite(.enabled(if: SharedPayloads.areThere)) struct SharedPayloadTests {
    @Test func `golden payloads survive decoding and encoding`() throws {
        let codec = try makeCodec()
        let files = try SharedPayloads.files(in: "golden")
        #expect(files.count >= 54)
        for (name, bytes) in files {
            guard let payload = codec.accepted(bytes, name) else { continue }
            #expect(codec.accepted(codec.encode(payload), name) == payload)
            #expect(name.hasPrefix(payload.elementName), "\(name)")
        }
    }

    @Test func `payloads recorded from a peer survive too`() throws {
        let codec = try makeCodec()
        let files = try SharedPayloads.files(in: "openleadr-0.5.36")
        #expect(files.count >= 30)
        for (name, bytes) in files {
            guard let payload = codec.accepted(bytes, name) else { continue }
            #expect(codec.accepted(codec.encode(payload), name) == payload)
        }
    }
}
