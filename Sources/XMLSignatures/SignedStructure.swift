internal import CXMLSec
internal import Measures

/// The parts of a signed payload, once their places are known to be right.
///
/// A signature says that some bytes are somebody's; it does not say that they are the bytes which a program then reads.
/// So the tree must have one shape only, and what is read must be what is signed, before any cryptography:
///
/// ```
/// oadrPayload
///   ds:Signature ── Reference "" or "#id of P", Reference "#id of O"
///     ds:Object O ── SignatureProperties/SignatureProperty/ReplayProtect
///   oadrSignedObject P
/// ```
struct SignedStructure {
    let signature: XMLNode
    let algorithm: SigningKey.Algorithm
    let stamp: ReplayStamp
    /// Of the sender, as the message gives it, in base64 without white space.
    let certificate: String?

    private static let inclusive = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
    private static let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
    private static let canonical = [inclusive, "\(inclusive)#WithComments", exclusive, "\(exclusive)WithComments"]
    private static let enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
    private static let sha256 = "http://www.w3.org/2001/04/xmlenc#sha256"

    /// Throws the first thing that is not right.
    init(_ tree: borrowing XMLTree) throws(SignatureFailure) {
        guard let root = tree.root else { throw SignatureFailure(.structure, "no element") }
        guard root.isNamed("oadrPayload", XMLNamespace.oadr) else { throw SignatureFailure(.missing, "not signed") }
        let signatures = root.children("Signature", XMLNamespace.ds)
        guard let signature = signatures.first else { throw SignatureFailure(.missing, "not signed") }
        guard signatures.count == 1, let payload = root.only("oadrSignedObject", XMLNamespace.oadr),
            root.children.count == 2
        else { throw SignatureFailure(.structure, "oadrPayload holds one Signature and one oadrSignedObject") }
        let ids = try Self.census(root)
        guard let object = signature.only("Object"), let info = signature.only("SignedInfo") else {
            throw SignatureFailure(.structure, "a Signature holds one SignedInfo and one Object")
        }
        self.signature = signature
        algorithm = try Self.algorithm(info)
        try Self.checkReferences(info, payload: ids.id(of: payload), object: ids.id(of: object))
        stamp = try Self.stamp(in: object)
        certificate = try Self.certificate(in: signature)
        try ids.register(payload, object, in: tree.pointer)
    }

    // MARK: Ids

    /// Every attribute that anything could take for an id.
    private struct Identities {
        var owners: [String: (node: XMLNode, attribute: xmlAttrPtr)] = [:]

        func id(of node: XMLNode) -> String? { owners.first { $0.value.node == node }?.key }

        /// Makes the two ids known to the library, and sees to it that it finds the same nodes by them.
        func register(_ nodes: XMLNode..., in document: xmlDocPtr) throws(SignatureFailure) {
            for node in nodes {
                guard let id = id(of: node), let owner = owners[id] else { continue }
                if xmlGetID(document, id) == nil { xmlAddID(nil, document, id, owner.attribute) }
                guard xmlGetID(document, id) == owner.attribute else {
                    throw SignatureFailure(.structure, "the id \(id.prefix(40)) is another element's")
                }
            }
        }
    }

    /// Counts what may be there once, and collects the ids, which are unique.
    private static func census(_ root: XMLNode) throws(SignatureFailure) -> Identities {
        var ids = Identities()
        var counts: [String: Int] = [:]
        let single = [
            ("Signature", XMLNamespace.ds), ("Object", XMLNamespace.ds), ("Manifest", XMLNamespace.ds),
            ("oadrSignedObject", XMLNamespace.oadr), ("oadrPayload", XMLNamespace.oadr),
            ("ReplayProtect", XMLNamespace.dsp),
        ]
        try root.forEach { node throws(SignatureFailure) in
            for (name, namespace) in single where node.isNamed(name, namespace) { counts[name, default: 0] += 1 }
            for attribute in node.attributes where attribute.name.lowercased() == "id" {
                guard isName(attribute.value) else { throw SignatureFailure(.structure, "an id that is no name") }
                guard ids.owners.updateValue((node, attribute.pointer), forKey: attribute.value) == nil else {
                    throw SignatureFailure(.structure, "two elements have the id \(attribute.value.prefix(40))")
                }
            }
        }
        guard counts["ReplayProtect"] == 1 else {
            throw SignatureFailure(.replayStructure, "\(counts["ReplayProtect"] ?? 0) ReplayProtect in one message")
        }
        for (name, _) in single where counts[name] != (name == "Manifest" ? nil : 1) {
            throw SignatureFailure(.structure, "\(counts[name] ?? 0) \(name) in one message")
        }
        return ids
    }

    /// So that no id can be read as an expression of XPointer.
    private static func isName(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                let character = Character(UnicodeScalar(byte))
                return byte < 0x80 && (character.isLetter || character.isNumber || "-_.".contains(character))
            }
    }

    // MARK: References

    private static func algorithm(_ info: XMLNode) throws(SignatureFailure) -> SigningKey.Algorithm {
        guard let method = info.only("CanonicalizationMethod")?.attribute("Algorithm"), canonical.contains(method),
            let algorithm = info.only("SignatureMethod")?.attribute("Algorithm").flatMap(SigningKey.Algorithm.init)
        else { throw SignatureFailure(.algorithm, "canonicalisation or signature method") }
        return algorithm
    }

    private static func checkReferences(
        _ info: XMLNode, payload: String?, object: String?
    ) throws(SignatureFailure) {
        let references = info.children("Reference", XMLNamespace.ds)
        guard references.count == 2 else {
            throw SignatureFailure(.structure, "\(references.count) references instead of two")
        }
        let uris = references.map { $0.attribute("URI") }
        guard let object, uris.filter({ $0 == "#\(object)" }).count == 1 else {
            throw SignatureFailure(.replayStructure, "the object with ReplayProtect is not signed")
        }
        for (reference, uri) in zip(references, uris) where uri != "#\(object)" {
            let isWhole = uri == ""
            guard isWhole || payload.map({ uri == "#\($0)" }) == true else {
                throw SignatureFailure(.structure, "the message is not signed")
            }
            try check(reference, isWhole: isWhole)
        }
        for (reference, uri) in zip(references, uris) where uri == "#\(object)" {
            try check(reference, isWhole: false)
        }
    }

    /// Whether a reference digests its node as it is: a transform may write it down, not change it.
    private static func check(_ reference: XMLNode, isWhole: Bool) throws(SignatureFailure) {
        let transforms = reference.children("Transforms", XMLNamespace.ds).flatMap { $0.children }
        let names = transforms.map { $0.attribute("Algorithm") ?? "" }
        let rest = isWhole && names.first == enveloped ? names.dropFirst() : names[...]
        guard names.count <= 2, rest.allSatisfy(canonical.contains), rest.count <= 1,
            !isWhole || names.first == enveloped, transforms.allSatisfy({ $0.children.isEmpty }),
            reference.only("DigestMethod")?.attribute("Algorithm") == sha256
        else { throw SignatureFailure(.algorithm, "transforms or digest of a reference") }
    }

    // MARK: What the signature carries

    private static func stamp(in object: XMLNode) throws(SignatureFailure) -> ReplayStamp {
        func inside(_ node: XMLNode?, _ local: String, _ namespace: String) -> XMLNode? {
            guard let node, node.children.count == 1 else { return nil }
            return node.only(local, namespace)
        }
        let properties = inside(object, "SignatureProperties", XMLNamespace.ds)
        let property = inside(properties, "SignatureProperty", XMLNamespace.ds)
        guard let protect = inside(property, "ReplayProtect", XMLNamespace.dsp), protect.children.count == 2,
            let time = protect.only("timestamp", XMLNamespace.dsp), let nonce = protect.only("nonce", XMLNamespace.dsp),
            time.children.isEmpty, nonce.children.isEmpty
        else { throw SignatureFailure(.replayStructure, "ReplayProtect has one timestamp and one nonce") }
        let words = nonce.text.split { $0.isWhitespace }
        guard let instant = Instant(utc: time.text.filter { !$0.isWhitespace }) else {
            throw SignatureFailure(.replayStructure, "the timestamp is no time in UTC")
        }
        guard words.count == 1, (1...128).contains(words[0].unicodeScalars.count) else {
            throw SignatureFailure(.replayStructure, "the nonce has 1 to 128 characters")
        }
        return ReplayStamp(timestamp: instant, nonce: String(words[0]))
    }

    /// Nil when the message brings none. What else KeyInfo says is not asked.
    private static func certificate(in signature: XMLNode) throws(SignatureFailure) -> String? {
        let infos = signature.children("KeyInfo", XMLNamespace.ds)
        guard infos.count <= 1 else { throw SignatureFailure(.structure, "more than one KeyInfo") }
        guard let info = infos.first else { return nil }
        let isPlain = info.children.allSatisfy {
            $0.isNamed("X509Data", XMLNamespace.ds) || $0.isNamed("KeyValue", XMLNamespace.ds)
                || $0.isNamed("KeyName", XMLNamespace.ds)
        }
        guard isPlain else { throw SignatureFailure(.algorithm, "KeyInfo refers to a key elsewhere") }
        let data = info.children("X509Data", XMLNamespace.ds)
        let certificates = data.flatMap { $0.children("X509Certificate", XMLNamespace.ds) }
        return certificates.first?.text.filter { !$0.isWhitespace }
    }
}
