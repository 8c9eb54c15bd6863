import Foundation
import Measures
import OpenADR
import OpenADRXML
import Testing
import XMLSignatures

/// Our signatures by `xmlsec1`, its signatures by us, and every way in which a signed message may be no such thing.
@Suite(.enabled(if: Tool.path("openssl") != nil, "openssl is not installed")) struct XMLSignatureTests {
    private static let kinds = ["rsa", "ec"]
    private static let stamp = ReplayStamp(
        timestamp: Instant(year: 2026, month: 7, day: 1, hour: 12), nonce: "7d7e6d40-1")
    private static let poll = Payload.response(
        OpenADR.Response(response: EiResponse(description: "grün & <gut>", requestID: "r-1"), venID: "VEN_1"))

    private let codec: OpenADRCodec

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        codec = try OpenADRCodec(schemas: SchemaSet(folder: root.appending(path: "Schemas").path))
    }

    private static let made = Result {
        try [
            "rsa": TestKeys("rsa", name: "a"), "ec": TestKeys("ec", name: "b"), "other rsa": TestKeys("rsa", name: "c"),
        ]
    }

    private func keys(_ kind: String) throws -> TestKeys {
        try #require(try Self.made.get()[kind] ?? nil)
    }

    private func signed(_ keys: TestKeys, _ payload: Payload = poll) throws -> String {
        let key = try SigningKey(certificatePEM: keys.certificatePEM, privateKeyPEM: keys.privateKeyPEM)
        return String(
            decoding: try XMLSignature.sign(codec.encode(payload), with: key, stamp: Self.stamp), as: UTF8.self)
    }

    /// Why it is refused; nil when it is taken.
    private func refusal(_ text: String, _ keys: TestKeys) -> SignatureFailure.Reason? {
        do {
            let proof = try XMLSignature.verify(Array(text.utf8), known: keys.der) { $0 == keys.der }
            #expect(proof.certificate == keys.der)
            return nil
        } catch {
            return error.reason
        }
    }

    // MARK: Good ones

    @Test(arguments: kinds)
    func `rule 514: what is signed is taken, decodes to the same message, and fits the schema`(kind: String) throws {
        let keys = try keys(kind)
        let text = try signed(keys)
        let proof = try XMLSignature.verify(Array(text.utf8)) { $0 == keys.der }
        #expect(proof.stamp == Self.stamp && proof.certificate == keys.der)
        #expect(try codec.decode(Array(text.utf8)) == Self.poll)
        #expect(text.contains(kind == "rsa" ? "xmldsig-more#rsa-sha256" : "xmldsig-more#ecdsa-sha256"))
        #expect(try XMLSignature.isPresent(in: Array(text.utf8)))
        #expect(try !XMLSignature.isPresent(in: codec.encode(Self.poll)))
    }

    @Test(.enabled(if: Tool.path("xmlsec1") != nil, "xmlsec1 is not installed"), arguments: kinds)
    func `xmlsec1 accepts ours and refuses a changed one`(kind: String) throws {
        let keys = try keys(kind)
        let text = try signed(keys)
        #expect(try xmlsec1Verifies(text, keys) == "")
        #expect(try xmlsec1Verifies(text.replacingOccurrences(of: "VEN_1", with: "VEN_2"), keys) != "")
        #expect(try xmlsec1Verifies(text.replacingOccurrences(of: "7d7e6d40-1", with: "7d7e6d40-2"), keys) != "")
    }

    /// Empty when it verifies, else what it printed.
    private func xmlsec1Verifies(_ text: String, _ keys: TestKeys) throws -> String {
        let file = keys.path("\(UUID().uuidString).xml")
        try Data(text.utf8).write(to: URL(filePath: file))
        let (status, output) = try Tool.run(
            try #require(Tool.path("xmlsec1")),
            [
                "--verify", "--trusted-pem", keys.path("c.pem"), "--enabled-key-data", "x509", "--id-attr:Id",
                "http://openadr.org/oadr-2.0b/2012/07:oadrSignedObject", file,
            ])
        return status == 0 ? "" : output
    }

    @Test(.enabled(if: Tool.path("xmlsec1") != nil, "xmlsec1 is not installed"), arguments: kinds, Style.allCases)
    func `we accept what xmlsec1 signed, in either style`(kind: String, style: Style) throws {
        let keys = try keys(kind)
        let template = style.template(kind, String(decoding: codec.encode(Self.poll), as: UTF8.self))
        try Data(template.utf8).write(to: URL(filePath: keys.path("t-\(style).xml")))
        let (status, output) = try Tool.run(
            try #require(Tool.path("xmlsec1")),
            [
                "--sign", "--privkey-pem", "\(keys.path("k.pem")),\(keys.path("c.pem"))", "--id-attr:Id",
                "http://openadr.org/oadr-2.0b/2012/07:oadrSignedObject", "--output", keys.path("s-\(style).xml"),
                keys.path("t-\(style).xml"),
            ])
        #expect(status == 0, "\(output)")
        let text = try String(contentsOfFile: keys.path("s-\(style).xml"), encoding: .utf8)
        #expect(refusal(text, keys) == nil)
        #expect(refusal(text.replacingOccurrences(of: "VEN_1", with: "VEN_2"), keys) == .invalid)
        #expect(refusal(text.replacingOccurrences(of: "nonce-1", with: "nonce-2"), keys) == .invalid)
    }

    // MARK: Bad ones

    private static let edits: [(what: String, old: String, new: String, reason: SignatureFailure.Reason)] = [
        ("another venID", "VEN_1", "VEN_2", .invalid),
        ("another nonce", "7d7e6d40-1", "7d7e6d40-2", .invalid),
        ("another time", "12:00:00Z", "12:00:01Z", .invalid),
        ("white space", "<ei:venID>", "\n<ei:venID>", .invalid),
        ("no nonce", "<dsp:nonce>7d7e6d40-1</dsp:nonce>", "", .replayStructure),
        ("empty nonce", "7d7e6d40-1</dsp:nonce>", "</dsp:nonce>", .replayStructure),
        ("no zone", "12:00:00Z", "12:00:00", .replayStructure),
        ("two nonces", "<dsp:nonce>", "<dsp:nonce>x</dsp:nonce><dsp:nonce>", .replayStructure),
        ("sha1 digest", "2001/04/xmlenc#sha256", "2000/09/xmldsig#sha1", .algorithm),
        ("another method", "#rsa-sha256", "#rsa-sha1", .algorithm),
        (
            "hmac", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
            .algorithm
        ),
        (
            "xslt", "<ds:Transform Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"/>",
            "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"/>", .algorithm
        ),
        (
            "xpath", "<ds:Transforms>",
            "<ds:Transforms><ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><ds:XPath>1</ds:XPath></ds:Transform>",
            .algorithm
        ),
        ("external reference", "URI=\"#oadrSignedObject\"", "URI=\"http://example.com/\"", .structure),
        ("file reference", "URI=\"#oadrSignedObject\"", "URI=\"file:///etc/passwd\"", .structure),
        ("xpointer", "URI=\"#oadrSignedObject\"", "URI=\"#xpointer(/)\"", .structure),
        ("unsigned message", "URI=\"#oadrSignedObject\"", "URI=\"#prop2\"", .structure),
        ("unsigned object", "URI=\"#prop\"", "URI=\"#oadrSignedObject\"", .replayStructure),
        ("whole but not enveloped", "URI=\"#oadrSignedObject\"", "URI=\"\"", .algorithm),
        ("object without id", "<ds:Object Id=\"prop\">", "<ds:Object>", .replayStructure),
        (
            "message without id", "<oadr:oadrSignedObject oadr:Id=\"oadrSignedObject\">", "<oadr:oadrSignedObject>",
            .structure
        ),
        ("retrieval method", "<ds:KeyInfo>", "<ds:KeyInfo><ds:RetrievalMethod URI=\"#prop\"/>", .algorithm),
        ("manifest", "<ds:SignatureProperties>", "<ds:Manifest/><ds:SignatureProperties>", .structure),
        ("second object", "</ds:Signature>", "<ds:Object Id=\"o2\"/></ds:Signature>", .structure),
    ]

    @Test(arguments: edits)
    func `a changed message is refused, and the reason says why`(
        what: String, old: String, new: String, reason: SignatureFailure.Reason
    ) throws {
        let keys = try keys("rsa")
        let text = try signed(keys)
        #expect(text.contains(old), "\(what)")
        #expect(refusal(text.replacingOccurrences(of: old, with: new), keys) == reason, "\(what)")
    }

    @Test func `a signature that is wrapped around another message is refused before any cryptography`() throws {
        let keys = try keys("ec")
        let text = try signed(keys)
        let open = try #require(text.range(of: "<oadr:oadrSignedObject"))
        let close = try #require(text.range(of: "</oadr:oadrSignedObject>"))
        let signature = try #require(text.range(of: "<ds:Signature "))
        let message = String(text[open.lowerBound..<close.upperBound])
        let forged = message.replacingOccurrences(of: "VEN_1", with: "VEN_2")
            .replacingOccurrences(of: " oadr:Id=\"oadrSignedObject\"", with: "")
        let wrapped: [(String, String)] = [
            (
                "in an object",
                text.replacingOccurrences(of: message, with: forged)
                    .replacingOccurrences(
                        of: "</ds:Signature>", with: "<ds:Object>\(message)</ds:Object></ds:Signature>")
            ),
            ("beside", text.replacingOccurrences(of: message, with: forged + message)),
            ("before", text.replacingOccurrences(of: message, with: message + forged)),
            (
                "inside",
                text.replacingOccurrences(
                    of: message,
                    with:
                        forged
                        .replacingOccurrences(
                            of: "</oadr:oadrSignedObject>", with: "\(message)</oadr:oadrSignedObject>"))
            ),
            (
                "same id",
                text.replacingOccurrences(
                    of: "<ds:SignatureProperties>", with: "<ds:SignatureProperties Id=\"oadrSignedObject\">")
            ),
            (
                "xml:id",
                text.replacingOccurrences(
                    of: "<ds:SignatureProperties>", with: "<ds:SignatureProperties xml:id=\"oadrSignedObject\">")
            ),
            (
                "two signatures",
                text.replacingOccurrences(
                    of: message, with: String(text[signature.lowerBound..<open.lowerBound]) + message)
            ),
        ]
        for (what, forgery) in wrapped { #expect(refusal(forgery, keys) == .structure, "\(what)") }
    }

    @Test func `a stale stamp is not freshened by an unsigned one`() throws {
        let keys = try keys("rsa")
        let text = try signed(keys)
        let range = try #require(text.range(of: "<dsp:ReplayProtect"))
        let end = try #require(text.range(of: "</dsp:ReplayProtect>"))
        let stamp = String(text[range.lowerBound..<end.upperBound])
        #expect(refusal(text.replacingOccurrences(of: stamp, with: stamp + stamp), keys) == .replayStructure)
    }

    @Test func `only the sender's certificate counts, three by three`() throws {
        let all = try [keys("rsa"), keys("ec"), keys("other rsa")]
        for signer in all {
            let text = try signed(signer)
            for expected in all {
                #expect(refusal(text, expected) == (signer.der == expected.der ? nil : .certificate))
            }
            // The right certificate with another's signature.
            let other = all[signer.der == all[0].der ? 2 : 0]
            let base64 = { (keys: TestKeys) in
                keys.certificatePEM.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined(separator: "\n")
            }
            let swapped = text.replacingOccurrences(of: base64(signer), with: base64(other))
            #expect(swapped != text && refusal(swapped, other) == .invalid)
        }
    }

    @Test func `a message without signature is missing one`() throws {
        let keys = try keys("ec")
        #expect(refusal(String(decoding: codec.encode(Self.poll), as: UTF8.self), keys) == .missing)
        #expect(refusal("<oadrPoll xmlns=\"http://openadr.org/oadr-2.0b/2012/07\"/>", keys) == .missing)
        #expect(refusal("no xml", keys) == .structure)
    }

    @Test func `a key and a certificate that cannot be used are said so`() throws {
        let keys = try keys("ec")
        #expect(throws: SignatureFailure.self) { try SigningKey(certificatePEM: "", privateKeyPEM: keys.privateKeyPEM) }
        #expect(throws: SignatureFailure.self) {
            try SigningKey(certificatePEM: keys.certificatePEM, privateKeyPEM: "x")
        }
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["CURTAIL_SHARED"] != nil, "no CURTAIL_SHARED"))
    func `what openleadr signed is taken`() throws {
        let shared = try #require(ProcessInfo.processInfo.environment["CURTAIL_SHARED"])
        let folder = URL(filePath: shared).appending(path: "openadr/payloads/openleadr-0.5.36")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("tls_") }
        #expect(files.count == 14)
        for file in files {
            let bytes = Array(try Data(contentsOf: folder.appending(path: file)))
            _ = try codec.decode(bytes)
            let proof = try XMLSignature.verify(bytes) { !$0.isEmpty }
            #expect(proof.stamp.timestamp > Instant(year: 2026, month: 11, day: 20), "\(file)")
        }
    }
}

/// How others lay a signature out.
enum Style: CaseIterable {
    /// As openleadr does: two ids, the signature first.
    case detached
    /// As avob does: the whole document without the signature.
    case enveloped
    /// Exclusive canonicalisation.
    case exclusive

    func template(_ kind: String, _ payload: String) -> String {
        let canonical =
            self == .exclusive
            ? "http://www.w3.org/2001/10/xml-exc-c14n#" : "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
        func reference(_ uri: String, _ transform: String) -> String {
            """
            <Reference URI="\(uri)"><Transforms><Transform Algorithm="\(transform)"/></Transforms><DigestMethod \
            Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/></Reference>
            """
        }
        let first =
            self == .enveloped
            ? reference("", "http://www.w3.org/2000/09/xmldsig#enveloped-signature")
            : reference("#signedObject", canonical)
        let signature = """
            <Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo><CanonicalizationMethod \
            Algorithm="\(canonical)"/><SignatureMethod \
            Algorithm="http://www.w3.org/2001/04/xmldsig-more#\(kind == "rsa" ? "rsa" : "ecdsa")-sha256"/>\(first)\
            \(reference("#prop", canonical))</SignedInfo><SignatureValue/><KeyInfo><X509Data/></KeyInfo>
            <Object Id="prop"><SignatureProperties><SignatureProperty Target=""><dsp:ReplayProtect \
            xmlns:dsp="http://openadr.org/oadr-2.0b/2012/07/xmldsig-properties">
            <dsp:timestamp>2026-07-01T12:00:00.123456Z</dsp:timestamp><dsp:nonce>nonce-1</dsp:nonce></dsp:ReplayProtect>\
            </SignatureProperty></SignatureProperties></Object></Signature>
            """
        return payload.replacingOccurrences(
            of: "<oadr:oadrSignedObject>", with: "\(signature)<oadr:oadrSignedObject oadr:Id=\"signedObject\">")
    }
}
