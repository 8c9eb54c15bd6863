import Credentials
import Glibc
import Measures

@testable import MutualTLS

/// An authority, and certificates of it, made once per run: RSA keys take their time.
struct TestAuthority: Sendable {
    static let shared = TestAuthority(name: "Test root")
    /// One that nobody trusts, under the same name.
    static let foreign = TestAuthority(name: "Test root")

    let authority: CertificateAuthority
    let serverRSA: IssuedCertificate
    let serverEC: IssuedCertificate
    let ven: IssuedCertificate
    let now: Instant

    private init(name: String) {
        now = Instant(secondsSinceEpoch: Int64(time(nil)))
        do {
            authority = try CertificateAuthority(
                commonName: name, keyType: .p256, serial: Self.serial(), notBefore: now - .days(40),
                notAfter: now + .days(4_000))
            let vtn = CertificateProfile.vtn(hostNames: ["localhost", "127.0.0.1"])
            serverRSA = try Self.issue(authority, vtn, .rsa2048, from: now - .days(1), to: now + .days(90))
            serverEC = try Self.issue(authority, vtn, .p256, from: now - .days(1), to: now + .days(90))
            ven = try Self.issue(
                authority, .ven(commonName: "ven-1"), .p256, from: now - .days(1), to: now + .days(90))
        } catch {
            preconditionFailure("\(error)")
        }
    }

    func issue(_ profile: CertificateProfile, _ keyType: KeyType, from: TimeSpan, to: TimeSpan) throws
        -> IssuedCertificate
    {
        try Self.issue(authority, profile, keyType, from: now + from, to: now + to)
    }

    var roots: TrustRoots {
        get throws { try TrustRoots(pem: authority.certificatePEM) }
    }

    /// A listener's context with the RSA and the EC certificate.
    func server(_ profile: TLSProfile = .openadr) throws -> TLSServerContext {
        try TLSServerContext(
            profile: profile, identities: [TLSIdentity(serverRSA), TLSIdentity(serverEC)], clients: .required(roots))
    }

    func client(
        _ profile: TLSProfile = .openadr, as identity: IssuedCertificate? = TestAuthority.shared.ven,
        suites: String? = nil
    ) throws -> TLSClientContext {
        try TLSClientContext(
            profile: profile, suites: suites, identity: identity.map { try TLSIdentity($0) }, trustRoots: roots)
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
