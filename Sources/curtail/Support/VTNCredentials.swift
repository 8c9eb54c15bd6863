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

    /// Reads what the folder holds, and makes what is missing.
    ///
    /// - Parameter now: real time: other programs check the certificates against the machine's clock.
    init(path: String, hostNames: [String], now: Instant) throws {
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
        for server in Self.serverNames where access(folder.certificatePath(server.name), F_OK) != 0 {
            try folder.write(
                try authority.issue(
                    CertificateRequest(
                        profile: .vtn(hostNames: hostNames), keyType: server.key, serial: SerialNumber(using: &random),
                        notBefore: now - .hours(1), notAfter: now + .days(397))),
                name: server.name)
        }
    }

    /// A key and a certificate for one VEN, also written to the folder under its name.
    func issueClient(_ name: String, keyType: KeyType, now: Instant) throws -> IssuedCertificate {
        var random = SystemRandomNumberGenerator()
        let issued = try authority.issue(
            CertificateRequest(
                profile: .ven(commonName: name), keyType: keyType, serial: SerialNumber(using: &random),
                notBefore: now - .hours(1), notAfter: now + .days(397)))
        try folder.write(issued, name: name)
        return issued
    }

    func serverContext(profile: TLSProfile) throws -> TLSServerContext {
        try TLSServerContext(
            profile: profile,
            identities: Self.serverNames.map {
                try TLSIdentity(
                    chainFile: folder.certificatePath($0.name), privateKeyFile: folder.privateKeyPath($0.name))
            },
            clients: .required(try trustRoots()))
    }

    func trustRoots() throws -> TrustRoots {
        try TrustRoots(pem: authority.certificatePEM)
    }
}
