import Credentials
import Glibc
import Measures
import MutualTLS

/// The utility's keys in a folder: its certificate authority, and the VTN's RSA and EC certificates (rule 67 wants both).
struct VTNCredentials {
    let folder: CredentialFolder
    let authority: CertificateAuthority

    private static let authorityName = "ca"
    private static let serverNames: [(name: String, key: KeyType)] = [("vtn-rsa", .rsa2048), ("vtn-ec", .p256)]

    /// The names of the VTN where nobody says otherwise.
    static let standardNames = ["localhost", "127.0.0.1"]
    /// A certificate with less time left is made anew.
    private static let renewalTime = TimeSpan.days(30)

    /// Makes the authority alone, before anything is served.
    ///
    /// - Returns: nil when the folder has one, which stays as it is.
    static func makeAuthority(
        path: String, commonName: String, keyType: KeyType, life: TimeSpan, now: Instant
    ) throws -> CertificateAuthority? {
        let folder = try CredentialFolder(path: path)
        guard try folder.authority(name: authorityName) == nil else { return nil }
        var random = SystemRandomNumberGenerator()
        let authority = try CertificateAuthority(
            commonName: commonName, keyType: keyType, serial: SerialNumber(using: &random),
            notBefore: now - .hours(1), notAfter: now + life)
        try folder.write(authority, name: authorityName)
        return authority
    }

    /// Reads what the folder holds, and makes what is missing, foreign, about to expire or for other hosts.
    ///
    /// - Parameters:
    ///   - hostNames: what the VTN's certificates shall name; nil leaves them as they are.
    ///   - now: real time: other programs check the certificates against the machine's clock.
    init(path: String, hostNames: [String]? = nil, now: Instant) throws {
        folder = try CredentialFolder(path: path)
        var random = SystemRandomNumberGenerator()
        if let existing = try folder.authority(name: Self.authorityName) {
            authority = existing
        } else {
            authority = try CertificateAuthority(
                commonName: "Curtail certificate authority", keyType: .p256, serial: SerialNumber(using: &random),
                notBefore: now - .hours(1), notAfter: now + .days(3_650))
            try folder.write(authority, name: Self.authorityName)
        }
        for server in Self.serverNames {
            let existing = try certificate(server.name)
            if let existing, isFit(existing, for: hostNames, now: now) { continue }
            let names = hostNames ?? existing?.hostNames ?? []
            try folder.write(
                try authority.issue(
                    CertificateRequest(
                        profile: .vtn(hostNames: names.isEmpty ? Self.standardNames : names), keyType: server.key,
                        serial: SerialNumber(using: &random), notBefore: now - .hours(1), notAfter: now + .days(397))),
                name: server.name)
        }
    }

    private func isFit(_ existing: CertificateSummary, for hostNames: [String]?, now: Instant) -> Bool {
        existing.notAfter - now > Self.renewalTime && existing.isIssued(by: authority)
            && (hostNames.map { existing.names(exactly: $0) } ?? true)
    }

    private func certificate(_ name: String) throws -> CertificateSummary? {
        let path = folder.certificatePath(name)
        return access(path, F_OK) == 0 ? try CertificateSummary(file: path) : nil
    }

    /// The authority's certificate and those of the VTN, under their names in the folder.
    func certificates() throws -> [(name: String, summary: CertificateSummary)] {
        try Self.certificates(in: folder.path)
    }

    static func certificates(in path: String) throws -> [(name: String, summary: CertificateSummary)] {
        let folder = try CredentialFolder(path: path)
        return try ([authorityName] + serverNames.map(\.name)).map {
            ($0, try CertificateSummary(file: folder.certificatePath($0)))
        }
    }

    /// The VTN's fingerprints, as VENs and their installers compare them.
    func fingerprints() throws -> VTNFingerprints {
        let (rsa, ec) = (Self.serverNames[0].name, Self.serverNames[1].name)
        return VTNFingerprints(
            rsa: try CertificateSummary(file: folder.certificatePath(rsa)).openADRFingerprint.description,
            ec: try CertificateSummary(file: folder.certificatePath(ec)).openADRFingerprint.description)
    }

    /// A key and a certificate for one VEN, kept nowhere.
    ///
    /// - Parameter hostNames: under which the VTN pushes to it, if it does.
    func makeClient(
        _ name: String, keyType: KeyType, hostNames: [String] = [], now: Instant
    ) throws -> IssuedCertificate {
        var random = SystemRandomNumberGenerator()
        return try authority.issue(
            CertificateRequest(
                profile: .ven(commonName: name, hostNames: hostNames), keyType: keyType,
                serial: SerialNumber(using: &random),
                notBefore: now - .hours(1), notAfter: now + .days(397)))
    }

    /// A certificate for the key of a VEN's signing request (PEM).
    func signClient(
        _ name: String, signingRequest: String, hostNames: [String] = [], now: Instant
    ) throws -> SignedCertificate {
        var random = SystemRandomNumberGenerator()
        return try authority.issue(
            CertificateRequest(
                profile: .ven(commonName: name, hostNames: hostNames), keyType: .p256,
                serial: SerialNumber(using: &random), notBefore: now - .hours(1), notAfter: now + .days(397)),
            for: signingRequest)
    }

    /// A key and a certificate for one VEN, also written to the folder under its name.
    func issueClient(_ name: String, keyType: KeyType, now: Instant) throws -> IssuedCertificate {
        let issued = try makeClient(name, keyType: keyType, now: now)
        try folder.write(issued, name: name)
        return issued
    }

    func identities() throws -> [TLSIdentity] {
        try Self.serverNames.map {
            try TLSIdentity(
                chainFile: folder.certificatePath($0.name), privateKeyFile: folder.privateKeyPath($0.name))
        }
    }

    /// The VTN's two certificates and their keys, as PEM texts.
    func serverTexts() throws -> [(certificatePEM: String, privateKeyPEM: String)] {
        try Self.serverNames.map { try folder.texts(of: $0.name) }
    }

    func serverContext(profile: TLSProfile) throws -> TLSServerContext {
        try TLSServerContext(
            profile: profile,
            identities: try identities(),
            clients: .required(try trustRoots()))
    }

    /// For pushes, in which the VTN is the client: with its EC certificate.
    func clientContext() throws -> TLSClientContext {
        try TLSClientContext(identity: try identities().last, trustRoots: try trustRoots())
    }

    func trustRoots() throws -> TrustRoots {
        try TrustRoots(pem: authority.certificatePEM)
    }
}

/// The OpenADR fingerprints of a VTN's two certificates.
struct VTNFingerprints: Codable, Hashable {
    let rsa: String
    let ec: String
}
