/// How a client makes sure that it talks to the right server. The chain is verified against the trust roots in every
/// case.
public enum ServerVerification: Hashable, Sendable {
    /// The certificate names this DNS name or IP address.
    case name(String)
    /// The certificate has this OpenADR fingerprint. For certificates that carry a device name instead of a host name,
    /// as those of the OpenADR Alliance do.
    case fingerprint(String)
    /// The certificate has one of these OpenADR fingerprints: a VTN has an RSA and an EC certificate (rule 67).
    case fingerprints([String])
    /// Both.
    case nameAndFingerprint(name: String, fingerprint: String)
    case nameAndFingerprints(name: String, fingerprints: [String])

    var name: String? {
        switch self {
        case .name(let name), .nameAndFingerprint(let name, _), .nameAndFingerprints(let name, _): name
        case .fingerprint, .fingerprints: nil
        }
    }

    /// As ``PeerCertificate/openADRFingerprint`` writes them, so that people may leave out colons and use any case.
    var fingerprints: Set<String>? {
        switch self {
        case .name: nil
        case .fingerprint(let text), .nameAndFingerprint(_, let text): [Self.normalised(text)]
        case .fingerprints(let texts), .nameAndFingerprints(_, let texts): Set(texts.map(Self.normalised))
        }
    }

    private static func normalised(_ text: String) -> String {
        let digits = text.uppercased().filter { $0 != ":" && !$0.isWhitespace }
        return stride(from: 0, to: digits.count, by: 2).map { String(digits.dropFirst($0).prefix(2)) }
            .joined(separator: ":")
    }
}
