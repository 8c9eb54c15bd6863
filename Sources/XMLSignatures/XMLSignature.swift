internal import CXMLSec

/// XML signatures of the profile's high security level (rule 514): RSA-SHA256 and ECDSA-SHA256 over the message and a
/// ReplayProtect.
///
/// Works on bytes. What comes from the network has been admitted and checked against the schema before: neither this
/// nor libxmlsec1 bounds the size or the depth of a document.
public enum XMLSignature {
    /// Whether a message that was admitted carries a signature, good or bad.
    public static func isPresent(in bytes: [UInt8]) throws(SignatureFailure) -> Bool {
        // No other encoding is admitted, and no entity, so that the element's name stands there as it is. Most messages have
        // none, and need not be parsed for it.
        guard contains(bytes, name: "Signature") else { return false }
        let tree = try XMLTree(bytes)
        guard let root = tree.root else { return false }
        return withExtendedLifetime(tree) { !root.children("Signature", XMLNamespace.ds).isEmpty }
    }

    private static func contains(_ bytes: [UInt8], name: StaticString) -> Bool {
        name.withUTF8Buffer { name in
            bytes.withUnsafeBufferPointer { bytes in
                bytes.indices.dropLast(name.count - 1).contains { start in
                    bytes[start] == name[0] && bytes[start..<start + name.count].elementsEqual(name)
                }
            }
        }
    }

    /// Checks the signature of a message.
    ///
    /// - Parameters:
    ///   - known: the sender's certificate in DER form, where the connection has shown it.
    ///   - isTrusted: whether a certificate (DER) that the message brings is the sender's. The key is taken from it only
    ///     after that; a message without a certificate is checked with `known`.
    public static func verify(
        _ bytes: [UInt8], known: [UInt8]? = nil, isTrusted: (_ certificate: [UInt8]) -> Bool
    ) throws(SignatureFailure) -> VerifiedSignature {
        let tree = try XMLTree(bytes)
        let structure = try SignedStructure(tree)
        let certificate: [UInt8]
        if let base64 = structure.certificate {
            guard let der = Base64.decode(base64), isTrusted(der) else {
                throw SignatureFailure(.certificate, "the message is signed with another certificate")
            }
            certificate = der
        } else if let known {
            certificate = known
        } else {
            throw SignatureFailure(.certificate, "the message brings no certificate")
        }
        let key = xmlSecOpenSSLAppKeyLoadMemory(
            certificate, UInt32(certificate.count), xmlSecKeyDataFormatCertDer, nil, nil, nil)
        guard let key else { throw SignatureFailure(.certificate, "the certificate cannot be read") }
        try XMLSec.withContext(key: key) { context throws(SignatureFailure) in
            let result = xmlSecDSigCtxVerify(context, structure.signature.pointer)
            guard result == 0, context.pointee.status == xmlSecDSigStatusSucceeded else {
                throw SignatureFailure(.invalid, "the signature does not fit the message")
            }
        }
        _ = consume tree
        return VerifiedSignature(
            stamp: structure.stamp, algorithm: structure.algorithm, certificate: certificate)
    }

    /// The message with a signature, in the form that openleadr sends: detached, before the signed object.
    ///
    /// - Parameter payload: an `oadrPayload` of our own codec.
    public static func sign(
        _ payload: [UInt8], with key: SigningKey, stamp: ReplayStamp
    ) throws(SignatureFailure) -> [UInt8] {
        let tree = try XMLTree(SignatureTemplate(key: key, stamp: stamp).placed(in: payload))
        // Puts the ids into the library's table, and would notice a template that we ourselves would not take.
        let structure = try SignedStructure(tree)
        try XMLSec.withContext(key: try key.duplicate()) { context throws(SignatureFailure) in
            guard xmlSecDSigCtxSign(context, structure.signature.pointer) == 0 else {
                throw SignatureFailure(.unavailable, "libxmlsec1 does not sign")
            }
        }
        return try tree.serialized()
    }
}
