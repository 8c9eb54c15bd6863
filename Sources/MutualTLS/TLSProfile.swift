/// Which versions and cipher suites a listener or client speaks.
///
/// OpenADR 2.0b prescribes (rule 67) that a VTN server supports two suites and selects one of them whatever else a
/// client offers, with TLS 1.2, unless configured otherwise:
/// TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256 and TLS_RSA_WITH_AES_128_CBC_SHA256.
public enum TLSProfile: String, Hashable, Sendable, CaseIterable {
    /// TLS 1.2; the prescribed suites before everything else, AEAD suites for a client that offers neither.
    case openadr
    /// TLS 1.2 and exactly the two prescribed suites.
    case strict
    /// TLS 1.2 and 1.3, AEAD suites with forward secrecy only.
    case modern

    private static let prescribed = "ECDHE-ECDSA-AES128-SHA256:AES128-SHA256"
    private static let aead = """
        ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:\
        ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:\
        ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305
        """

    /// TLS 1.2 suites in OpenSSL's names, most preferred first.
    var cipherList: String {
        switch self {
        case .openadr: "\(Self.prescribed):\(Self.aead)"
        case .strict: Self.prescribed
        case .modern: Self.aead
        }
    }

    /// The highest version, in OpenSSL's names; the lowest is TLS 1.2 everywhere.
    var highestVersion: String {
        switch self {
        case .openadr, .strict: "TLSv1.2"
        case .modern: "TLSv1.3"
        }
    }
}
