import FoundationEssentials
public import Measures
import SwiftASN1
import X509

/// A certificate authority: signs certificates for VTNs and VENs.
///
/// Dates and serial numbers are the caller's; keys come from the system's randomness.
public struct CertificateAuthority: Sendable {
    private let certificate: Certificate
    private let privateKey: Certificate.PrivateKey

    /// The authority's own certificate: what peers take as trust root.
    public let certificatePEM: String
    /// Not encrypted: only for a file that nobody else can read.
    public let privateKeyPEM: String

    /// Makes a new root.
    ///
    /// - Throws: ``CredentialError/refused(_:)`` for a bad name or a span of validity that ends before it begins.
    public init(commonName: String, keyType: KeyType, serial: SerialNumber, notBefore: Instant, notAfter: Instant)
        throws
    {
        try CertificateRequest.check(commonName: commonName)
        guard notBefore < notAfter else { throw CredentialError.refused("it would end before it begins") }
        let key = try keyType.makePrivateKey()
        let name = try DistinguishedName { CommonName(commonName) }
        let certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(bytes: serial.bytes), publicKey: key.publicKey,
            notValidBefore: Date(notBefore), notValidAfter: Date(notAfter), issuer: name, subject: name,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: key.publicKey)
            },
            issuerPrivateKey: key)
        try self.init(certificate: certificate, privateKey: key)
    }

    /// Takes an existing authority from PEM texts.
    ///
    /// - Throws: ``CredentialError/unreadable(_:)``, ``CredentialError/keyMismatch``, or
    ///   ``CredentialError/refused(_:)`` when the certificate is not an authority's.
    public init(certificatePEM: String, privateKeyPEM: String) throws {
        guard let certificate = try? Certificate(pemEncoded: certificatePEM) else {
            throw CredentialError.unreadable("the authority's certificate")
        }
        guard let key = try? Certificate.PrivateKey(pemEncoded: privateKeyPEM) else {
            throw CredentialError.unreadable("the authority's private key")
        }
        guard key.publicKey == certificate.publicKey else { throw CredentialError.keyMismatch }
        guard case .isCertificateAuthority = try? certificate.extensions.basicConstraints else {
            throw CredentialError.refused("the issuer's certificate is not an authority's (basicConstraints)")
        }
        try self.init(certificate: certificate, privateKey: key)
    }

    private init(certificate: Certificate, privateKey: Certificate.PrivateKey) throws {
        self.certificate = certificate
        self.privateKey = privateKey
        certificatePEM = try certificate.serializeAsPEM().pemString + "\n"
        privateKeyPEM = try privateKey.serializeAsPEM().pemString + "\n"
    }

    /// Makes a key and signs a certificate for it.
    ///
    /// - Throws: ``CredentialError/refused(_:)`` for a request that breaks a rule of its profile or outlives the
    ///   authority.
    public func issue(_ request: CertificateRequest) throws -> IssuedCertificate {
        let key = try request.keyType.makePrivateKey()
        return try IssuedCertificate(try sign(request, key: key.publicKey), privateKey: key)
    }

    /// Signs a certificate for the key of a signing request (PKCS #10, PEM): of what that says only the key is taken, once
    /// its signature shows that the sender has the private one. Names, life and usages are those of `request`, whose kind of
    /// key does not count.
    ///
    /// - Throws: ``CredentialError/unreadable(_:)``, or ``CredentialError/refused(_:)`` as for a key of our own, and for a
    ///   key that the profile does not allow.
    public func issue(_ request: CertificateRequest, for signingRequestPEM: String) throws -> SignedCertificate {
        guard let signingRequest = try? CertificateSigningRequest(pemEncoded: signingRequestPEM) else {
            throw CredentialError.unreadable(
                "the signing request (PKCS #10 in PEM form, of an EC P-256 key or an RSA key of at least 2048 bits)")
        }
        let key = signingRequest.publicKey
        guard key.isValidSignature(signingRequest.signature, for: signingRequest) else {
            throw CredentialError.refused("the signing request is not signed with its own key")
        }
        var request = request
        request.keyType = try KeyType(of: key)
        return try sign(request, key: key)
    }

    private func sign(_ request: CertificateRequest, key: Certificate.PublicKey) throws -> SignedCertificate {
        try request.check()
        guard Date(request.notAfter) <= certificate.notValidAfter else {
            throw CredentialError.refused("it would outlive the authority's own certificate")
        }
        let leaf = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(bytes: request.serial.bytes),
            publicKey: key, notValidBefore: Date(request.notBefore), notValidAfter: Date(request.notAfter),
            issuer: certificate.subject, subject: try DistinguishedName { CommonName(request.profile.commonName) },
            extensions: try leafExtensions(for: request, publicKey: key), issuerPrivateKey: privateKey)
        let isRoot = certificate.issuer == certificate.subject
        return try SignedCertificate(certificate: leaf, intermediatePEM: isRoot ? "" : certificatePEM)
    }

    private func leafExtensions(
        for request: CertificateRequest, publicKey: Certificate.PublicKey
    ) throws -> Certificate.Extensions {
        let names = request.profile.alternativeNames
        let issuerKey = try certificate.extensions.subjectKeyIdentifier?.keyIdentifier
        return try Certificate.Extensions {
            Critical(BasicConstraints.notCertificateAuthority)
            // The suite AES128-SHA256 encrypts the premaster secret with the RSA key.
            Critical(KeyUsage(digitalSignature: true, keyEncipherment: request.keyType == .rsa2048))
            try ExtendedKeyUsage(request.profile.usages)
            SubjectKeyIdentifier(hash: publicKey)
            AuthorityKeyIdentifier(keyIdentifier: issuerKey)
            if !names.isEmpty { SubjectAlternativeNames(names) }
        }
    }
}

extension Date {
    init(_ instant: Instant) {
        self.init(timeIntervalSince1970: Double(instant.secondsSinceEpoch))
    }
}
