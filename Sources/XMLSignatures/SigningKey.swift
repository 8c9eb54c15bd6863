internal import CXMLSec

/// A private key with its certificate, for signing messages: RSA (rsa-sha256) or EC (ecdsa-sha256).
///
/// Sendable: the key is only read, and OpenSSL counts its references atomically; every signature works on a duplicate.
public final class SigningKey: @unchecked Sendable {
    /// The signature algorithms of the profile (rule 514).
    public enum Algorithm: String, Hashable, Sendable, CaseIterable {
        case rsaSHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
        case ecdsaSHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
    }

    public let algorithm: Algorithm
    /// Goes into every signature, in base64.
    let certificateBase64: String
    private let key: xmlSecKeyPtr

    /// Reads PEM texts: the certificate first in its own, and the key, without passphrase.
    public init(certificatePEM: String, privateKeyPEM: String) throws(SignatureFailure) {
        try XMLSec.prepare()
        guard let base64 = Self.firstCertificate(in: certificatePEM) else {
            throw SignatureFailure(.unavailable, "no certificate in PEM form")
        }
        let pem = Array(privateKeyPEM.utf8)
        let key = xmlSecOpenSSLAppKeyLoadMemory(pem, UInt32(pem.count), xmlSecKeyDataFormatPem, "", nil, nil)
        guard let key else { throw SignatureFailure(.unavailable, "the private key cannot be read") }
        guard let algorithm = Self.algorithm(of: key) else {
            xmlSecKeyDestroy(key)
            throw SignatureFailure(.unavailable, "the private key is neither RSA nor EC")
        }
        self.key = key
        self.algorithm = algorithm
        certificateBase64 = base64
    }

    deinit { xmlSecKeyDestroy(key) }

    /// A copy that its user destroys.
    func duplicate() throws(SignatureFailure) -> xmlSecKeyPtr {
        guard let copy = xmlSecKeyDuplicate(key) else { throw SignatureFailure(.unavailable, "out of memory") }
        return copy
    }

    static func algorithm(of key: xmlSecKeyPtr) -> Algorithm? {
        guard let value = xmlSecKeyGetValue(key), let id = value.pointee.id else { return nil }
        if id == xmlSecOpenSSLKeyDataRsaGetKlass() { return .rsaSHA256 }
        if id == xmlSecOpenSSLKeyDataEcdsaGetKlass() { return .ecdsaSHA256 }
        return nil
    }

    private static func firstCertificate(in pem: String) -> String? {
        let lines = pem.split(whereSeparator: \.isNewline)
        guard let start = lines.firstIndex(where: { $0 == "-----BEGIN CERTIFICATE-----" }),
            let end = lines[start...].firstIndex(where: { $0 == "-----END CERTIFICATE-----" })
        else { return nil }
        return lines[(start + 1)..<end].joined(separator: "\n")
    }
}
