/// A signature without its values, as text inside a message.
struct SignatureTemplate {
    let key: SigningKey
    let stamp: ReplayStamp

    private static let signedObject = "<oadr:oadrSignedObject>"
    private static let objectID = "oadrSignedObject"
    private static let propertiesID = "prop"
    private static let canonical = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"

    /// The message with the signature before the signed object, which gets an id.
    func placed(in payload: [UInt8]) throws(SignatureFailure) -> [UInt8] {
        let text = String(decoding: payload, as: UTF8.self)
        guard let range = text.firstRange(of: Self.signedObject) else {
            throw SignatureFailure(.unavailable, "not a message of our own making")
        }
        let tag = "<oadr:oadrSignedObject oadr:Id=\"\(Self.objectID)\">"
        return Array("\(text[..<range.lowerBound])\(signature)\(tag)\(text[range.upperBound...])".utf8)
    }

    private var signature: String {
        """
        <ds:Signature xmlns:ds="\(XMLNamespace.ds)"><ds:SignedInfo>\
        <ds:CanonicalizationMethod Algorithm="\(Self.canonical)"/>\
        <ds:SignatureMethod Algorithm="\(key.algorithm.rawValue)"/>\
        \(Self.reference(Self.objectID))\(Self.reference(Self.propertiesID))</ds:SignedInfo><ds:SignatureValue/>\
        <ds:KeyInfo><ds:X509Data><ds:X509Certificate>\(key.certificateBase64)</ds:X509Certificate></ds:X509Data>\
        </ds:KeyInfo><ds:Object Id="\(Self.propertiesID)"><ds:SignatureProperties>\
        <ds:SignatureProperty Target="#\(Self.objectID)"><dsp:ReplayProtect xmlns:dsp="\(XMLNamespace.dsp)">\
        <dsp:timestamp>\(stamp.timestamp)</dsp:timestamp><dsp:nonce>\(stamp.nonce)</dsp:nonce></dsp:ReplayProtect>\
        </ds:SignatureProperty></ds:SignatureProperties></ds:Object></ds:Signature>
        """
    }

    private static func reference(_ id: String) -> String {
        """
        <ds:Reference URI="#\(id)"><ds:Transforms><ds:Transform Algorithm="\(canonical)"/></ds:Transforms>\
        <ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference>
        """
    }
}
