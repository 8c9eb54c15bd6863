import Glibc
public import Measures
import SwiftASN1
import X509

/// What a certificate is for; decides its subject, extensions and key usage.
public enum CertificateProfile: Hashable, Sendable {
    /// A VTN: server, and client when it pushes. The names, DNS names or IP addresses, become the subject alternative
    /// names, the first one also the common name.
    case vtn(hostNames: [String])
    /// A VEN: client, and server too when it has host names, under which its VTN pushes to it. Rule 515 wants the XMPP
    /// user name as common name; elsewhere any name does.
    case ven(commonName: String, hostNames: [String] = [])
}

/// One certificate to be issued.
public struct CertificateRequest: Hashable, Sendable {
    /// The longest life of a leaf certificate.
    public static let longestLife = TimeSpan.days(398)

    public var profile: CertificateProfile
    public var keyType: KeyType
    public var serial: SerialNumber
    public var notBefore: Instant
    public var notAfter: Instant

    public init(
        profile: CertificateProfile, keyType: KeyType, serial: SerialNumber, notBefore: Instant, notAfter: Instant
    ) {
        self.profile = profile
        self.keyType = keyType
        self.serial = serial
        self.notBefore = notBefore
        self.notAfter = notAfter
    }

    /// Refuses what must not be signed: the lint that runs before every signature.
    func check() throws(CredentialError) {
        guard notBefore < notAfter else { throw .refused("it would end before it begins") }
        guard notAfter - notBefore <= Self.longestLife else {
            throw .refused("a certificate may live for \(Self.longestLife.seconds / 86_400) days at most")
        }
        try Self.check(commonName: profile.commonName)
        if case .vtn(let hostNames) = profile, hostNames.isEmpty { throw .refused("a VTN needs a host name") }
        guard profile.hostNames.count <= 32 else { throw .refused("a certificate has 32 host names at most") }
        for name in profile.hostNames where HostName(name) == nil {
            throw .refused("\"\(name)\" is neither a DNS name nor an IP address")
        }
    }

    static func check(commonName: String) throws(CredentialError) {
        let isPlain = commonName.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) }
        guard (1...64).contains(commonName.unicodeScalars.count), isPlain else {
            throw .refused("a common name has 1 to 64 characters and no control characters")
        }
    }
}

extension CertificateProfile {
    var commonName: String {
        switch self {
        case .vtn(let hostNames): hostNames.first.map { String($0.prefix(64)) } ?? ""
        case .ven(let commonName, _): commonName
        }
    }

    var usages: [ExtendedKeyUsage.Usage] {
        switch self {
        case .vtn: [.serverAuth, .clientAuth]
        case .ven(_, let hostNames): hostNames.isEmpty ? [.clientAuth] : [.serverAuth, .clientAuth]
        }
    }

    var hostNames: [String] {
        switch self {
        case .vtn(let hostNames), .ven(_, let hostNames): hostNames
        }
    }

    var alternativeNames: [GeneralName] { hostNames.compactMap { HostName($0)?.generalName } }
}

/// A name under which a server is reached.
enum HostName: Hashable {
    case dns(String)
    case address([UInt8])

    /// Nil unless `text` is an IPv4 or IPv6 address or a DNS name; one wildcard label may lead.
    init?(_ text: String) {
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            self = .address(withUnsafeBytes(of: v4) { Array($0) })
        } else if inet_pton(AF_INET6, text, &v6) == 1 {
            self = .address(withUnsafeBytes(of: v6) { Array($0) })
        } else if Self.isDNSName(text) {
            self = .dns(text.lowercased())
        } else {
            return nil
        }
    }

    var generalName: GeneralName {
        switch self {
        case .dns(let name): .dnsName(name)
        case .address(let bytes): .ipAddress(ASN1OctetString(contentBytes: bytes[...]))
        }
    }

    private static func isDNSName(_ text: String) -> Bool {
        var labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)[...]
        if labels.count > 2, labels.first?.elementsEqual("*".utf8) == true { labels.removeFirst() }
        return text.utf8.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                    && label.allSatisfy { byte in
                        let character = Character(UnicodeScalar(byte))
                        return byte < 0x80 && (character.isLetter || character.isNumber || character == "-")
                    }
            }
    }
}
