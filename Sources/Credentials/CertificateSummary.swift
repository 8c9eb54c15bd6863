import Crypto
import FoundationEssentials
import Glibc
public import Measures
import SwiftASN1
import X509

/// What people and programs want to know of a certificate.
public struct CertificateSummary: Hashable, Sendable {
    /// The subject's common name; empty when it has none.
    public let commonName: String
    /// The DNS names and IP addresses it stands for, as text.
    public let hostNames: [String]
    public let notBefore: Instant
    /// The last moment of validity.
    public let notAfter: Instant
    /// SHA-256 over the DER form, 32 bytes.
    public let derSHA256: [UInt8]
    public let openADRFingerprint: Fingerprint

    private let certificate: Certificate

    /// Reads the first certificate of a PEM text. Throws ``CredentialError/unreadable(_:)``.
    public init(pem: String) throws(CredentialError) {
        guard let document = try? PEMDocument.parseMultiple(pemString: pem).first(where: { $0.isCertificate }) else {
            throw .unreadable("no certificate in PEM form")
        }
        try self.init(der: document.derBytes)
    }

    /// Reads a certificate in DER form. Throws ``CredentialError/unreadable(_:)``.
    public init(der: [UInt8]) throws(CredentialError) {
        guard let certificate = try? Certificate(derEncoded: der) else { throw .unreadable("no certificate") }
        self.certificate = certificate
        commonName = Self.commonName(of: certificate)
        hostNames = (try? certificate.extensions.subjectAlternativeNames)?.compactMap(Self.text) ?? []
        notBefore = Instant(certificate.notValidBefore)
        notAfter = Instant(certificate.notValidAfter)
        derSHA256 = Array(SHA256.hash(data: der))
        openADRFingerprint = Fingerprint(certificateDER: der)
    }

    /// Reads the first certificate of a PEM file.
    public init(file: String) throws(CredentialError) {
        try self.init(pem: try CredentialFolder.text(at: file))
    }

    /// Whether the signature is that of `authority`.
    public func isIssued(by authority: CertificateAuthority) -> Bool {
        isIssued(byAuthority: authority.certificatePEM)
    }

    /// Whether the signature is that of the authority with this certificate (PEM).
    public func isIssued(byAuthority pem: String) -> Bool {
        guard let issuer = try? Certificate(pemEncoded: pem) else { return false }
        return issuer.publicKey.isValidSignature(certificate.signature, for: certificate)
    }

    /// Whether it names exactly these hosts, in any order and case.
    public func names(exactly hosts: [String]) -> Bool {
        Set(hostNames.compactMap { HostName($0) }) == Set(hosts.compactMap { HostName($0) })
    }

    /// Whether it stands for this host, among others maybe; a wildcard stands for one label.
    public func names(_ host: String) -> Bool {
        guard let wanted = HostName(host) else { return false }
        return hostNames.contains { name in
            guard HostName(name) != wanted else { return true }
            guard name.hasPrefix("*."), case .dns(let text) = wanted else { return false }
            return text.drop { $0 != "." } == name.lowercased().dropFirst()
        }
    }

    private static func commonName(of certificate: Certificate) -> String {
        for name in certificate.subject {
            for attribute in name where attribute.type == .RDNAttributeType.commonName {
                return String(describing: attribute.value)
            }
        }
        return ""
    }

    private static func text(_ name: GeneralName) -> String? {
        switch name {
        case .dnsName(let text): text
        case .ipAddress(let octets): address(Array(octets.bytes))
        default: nil
        }
    }

    private static func address(_ bytes: [UInt8]) -> String? {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension PEMDocument {
    fileprivate var isCertificate: Bool { discriminator == "CERTIFICATE" }
}

extension Instant {
    fileprivate init(_ date: Date) {
        self.init(secondsSinceEpoch: Int64(date.timeIntervalSince1970.rounded(.down)))
    }
}
