import COpenSSL
import Glibc

extension PeerCertificate {
    /// Copies what is needed out of an `X509`; nil when that is damaged, which OpenSSL's own verification precludes.
    init?(_ certificate: OpaquePointer) {
        let length = i2d_X509(certificate, nil)
        guard length > 0 else { return nil }
        der = [UInt8](unsafeUninitializedCapacity: Int(length)) { bytes, count in
            var cursor = bytes.baseAddress
            count = max(0, Int(i2d_X509(certificate, &cursor)))
        }
        sha256 = [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { bytes, count in
            var written: UInt32 = 0
            count = X509_digest(certificate, EVP_sha256(), bytes.baseAddress, &written) == 1 ? Int(written) : 0
        }
        guard sha256.count == 32, let notAfter = Self.seconds(X509_get0_notAfter(certificate)) else { return nil }
        self.notAfter = notAfter
        commonName = Self.commonName(of: X509_get_subject_name(certificate))
    }

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64? {
        var fields = tm()
        guard let time, ASN1_TIME_to_tm(time, &fields) == 1 else { return nil }
        return Int64(timegm(&fields))
    }

    /// The last common name, the most specific one.
    private static func commonName(of name: OpaquePointer?) -> String? {
        var index: Int32 = -1
        while case let next = X509_NAME_get_index_by_NID(name, NID_commonName, index), next >= 0 { index = next }
        guard index >= 0, let value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)) else { return nil }
        var text: UnsafeMutablePointer<UInt8>?
        let length = ASN1_STRING_to_UTF8(&text, value)
        guard length >= 0, let text else { return nil }
        defer { CRYPTO_free(text, nil, 0) }
        return String(decoding: UnsafeBufferPointer(start: text, count: Int(length)), as: UTF8.self)
    }
}
