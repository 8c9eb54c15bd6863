/// How a client makes sure that it talks to the right server. The chain is verified against the trust roots in every
/// case.
public enum ServerVerification: Hashable, Sendable {
    /// The certificate names this DNS name or IP address.
    case name(String)
    /// The certificate has this OpenADR fingerprint. For certificates that carry a device name instead of a host name,
    /// as those of the OpenADR Alliance do.
    case fingerprint(String)
    /// Both.
    case nameAndFingerprint(name: String, fingerprint: String)

    var name: String? {
        switch self {
        case .name(let name), .nameAndFingerprint(let name, _): name
        case .fingerprint: nil
        }
    }

    /// As ``PeerCertificate/openADRFingerprint`` writes it, so that people may leave out colons and use any case.
    var fingerprint: String? {
        switch self {
        case .name: nil
        case .fingerprint(let text), .nameAndFingerprint(_, let text):
            Self.normalised(text)
        }
    }

    private static func normalised(_ text: String) -> String {
        let digits = text.uppercased().filter { $0 != ":" && !$0.isWhitespace }
        return stride(from: 0, to: digits.count, by: 2).map { String(digits.dropFirst($0).prefix(2)) }
            .joined(separator: ":")
    }
}
