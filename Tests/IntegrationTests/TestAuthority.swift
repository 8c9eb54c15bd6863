import Credentials
import Glibc
import Measures
import MutualTLS
import VirtualTopNode

/// The utility's authority with the VTN's two certificates, and one under the same name that nobody trusts.
struct TestAuthority: Sendable {
    let authority: CertificateAuthority
    let foreign: CertificateAuthority
    let servers: [IssuedCertificate]
    let now = Instant(secondsSinceEpoch: Int64(time(nil)))

    init() throws {
        (authority, foreign) = (try Self.root(now), try Self.root(now))
        let (authority, now) = (authority, now)
        servers = try [KeyType.rsa2048, .p256].map {
            try Self.issue(
                authority, .vtn(hostNames: ["localhost", "127.0.0.1"]), $0, from: now - .days(1), to: now + .days(30))
        }
    }

    /// A VEN's certificate; days are counted from now.
    func ven(
        _ name: String, by issuer: CertificateAuthority? = nil, _ keyType: KeyType = .p256, from: Int64 = -1,
        to: Int64 = 30
    ) throws -> IssuedCertificate {
        try Self.issue(
            issuer ?? authority, .ven(commonName: name), keyType, from: now + .days(from), to: now + .days(to))
    }

    /// The certificate of a VEN that listens: a server too.
    func pushVEN() throws -> IssuedCertificate {
        try Self.issue(
            authority, .vtn(hostNames: ["localhost", "127.0.0.1"]), .p256, from: now - .days(1), to: now + .days(30))
    }

    var roots: TrustRoots {
        get throws { try TrustRoots(pem: authority.certificatePEM) }
    }

    func server() throws -> TLSServerContext {
        try TLSServerContext(identities: servers.map { try TLSIdentity($0) }, clients: .required(roots))
    }

    func client(_ identity: IssuedCertificate?) throws -> TLSClientContext {
        try TLSClientContext(identity: identity.map { try TLSIdentity($0) }, trustRoots: roots)
    }

    private static func root(_ now: Instant) throws -> CertificateAuthority {
        try CertificateAuthority(
            commonName: "Utility", keyType: .p256, serial: serial(), notBefore: now - .days(40),
            notAfter: now + .days(400))
    }

    private static func serial() -> SerialNumber {
        var generator = SystemRandomNumberGenerator()
        return SerialNumber(using: &generator)
    }

    private static func issue(
        _ authority: CertificateAuthority, _ profile: CertificateProfile, _ keyType: KeyType, from: Instant, to: Instant
    ) throws -> IssuedCertificate {
        try authority.issue(
            CertificateRequest(
                profile: profile, keyType: keyType, serial: serial(), notBefore: from, notAfter: to))
    }
}

extension TLSIdentity {
    init(_ issued: IssuedCertificate) throws {
        try self.init(chainPEM: issued.chainPEM, privateKeyPEM: issued.privateKeyPEM)
    }
}

extension IssuedCertificate {
    var digest: CertificateDigest {
        get throws {
            guard let digest = CertificateDigest(bytes: derSHA256) else { throw TestFailure("not 32 bytes") }
            return digest
        }
    }
}
