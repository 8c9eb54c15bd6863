import Foundation
import Measures
import SwiftASN1
import Testing
@_spi(FixedExpiryValidationTime) import X509

@testable import Credentials

@Suite struct CertificateAuthorityTests {
    private static let start = Instant(year: 2026, month: 11, day: 20)
    private static let authority = Result { try makeAuthority() }
    private let authority: CertificateAuthority

    init() throws {
        authority = try Self.authority.get()
    }

    private static func makeAuthority(_ keyType: KeyType = .p256) throws -> CertificateAuthority {
        try CertificateAuthority(
            commonName: "Test root", keyType: keyType, serial: SerialNumber(randomBytes: Array(1...16)),
            notBefore: start, notAfter: start + .days(3_650))
    }

    private func request(
        _ profile: CertificateProfile, _ keyType: KeyType = .p256, days: Int64 = 365, from: Instant = start
    ) throws -> CertificateRequest {
        CertificateRequest(
            profile: profile, keyType: keyType, serial: try SerialNumber(randomBytes: Array(200...219)),
            notBefore: from,
            notAfter: from + .days(days))
    }

    @Test(arguments: KeyType.allCases, KeyType.allCases)
    func `rule 68: a VTN's certificate is server and client, with its names, under either kind of authority`(
        authorityKey: KeyType, leafKey: KeyType
    ) async throws {
        let authority = try Self.makeAuthority(authorityKey)
        let names = ["vtn.example.org", "127.0.0.1", "::1"]
        let issued = try authority.issue(request(.vtn(hostNames: names), leafKey))
        let certificate = try Certificate(pemEncoded: issued.certificatePEM)
        let extensions = certificate.extensions
        #expect(try extensions.extendedKeyUsage == ExtendedKeyUsage([.serverAuth, .clientAuth]))
        #expect(try extensions.basicConstraints == .notCertificateAuthority)
        #expect(
            try extensions.keyUsage == KeyUsage(digitalSignature: true, keyEncipherment: leafKey == .rsa2048))
        let expected: [GeneralName] = [
            .dnsName("vtn.example.org"), .ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 1])),
            .ipAddress(ASN1OctetString(contentBytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])),
        ]
        #expect(try extensions.subjectAlternativeNames.map(Array.init) == expected)
        #expect("\(certificate.subject)" == "CN=vtn.example.org")
        let root = try Certificate(pemEncoded: authority.certificatePEM)
        #expect(
            try extensions.authorityKeyIdentifier?.keyIdentifier == root.extensions.subjectKeyIdentifier?.keyIdentifier)
        #expect(try extensions.subjectKeyIdentifier != nil)
        try await expectValid(certificate, under: root)
        #expect(issued.chainPEM == issued.certificatePEM)
    }

    @Test func `A VEN's certificate is a client's, named as asked`() async throws {
        let issued = try authority.issue(request(.ven(commonName: "site-07 Kälte")))
        let certificate = try Certificate(pemEncoded: issued.certificatePEM)
        #expect(try certificate.extensions.extendedKeyUsage == ExtendedKeyUsage([.clientAuth]))
        #expect(try certificate.extensions.subjectAlternativeNames == nil)
        #expect("\(certificate.subject)" == "CN=site-07 Kälte")
        #expect(certificate.serialNumber.bytes.count == 20 && certificate.serialNumber.bytes.first == 0x48)
        #expect(certificate.notValidAfter == Date(timeIntervalSince1970: 1_826_668_800))
        try await expectValid(certificate, under: Certificate(pemEncoded: authority.certificatePEM))
    }

    private func expectValid(_ certificate: Certificate, under root: Certificate) async throws {
        var verifier = Verifier(rootCertificates: CertificateStore([root])) {
            RFC5280Policy(fixedExpiryValidationTime: Date(timeIntervalSince1970: 1_795_200_000))
        }
        let result = await verifier.validate(leaf: certificate, intermediates: CertificateStore())
        guard case .validCertificate(let chain) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(chain.count == 2)
    }

    @Test func `The lint refuses what must not be signed`() throws {
        let refused = [
            try request(.ven(commonName: "")), try request(.ven(commonName: String(repeating: "x", count: 65))),
            try request(.ven(commonName: "a\nb")), try request(.ven(commonName: "a\u{0}")),
            try request(.vtn(hostNames: [])), try request(.vtn(hostNames: ["bad host"])),
            try request(.vtn(hostNames: ["ok.example", "-x.example"])), try request(.vtn(hostNames: ["a..b"])),
            try request(.ven(commonName: "ven"), days: 399), try request(.ven(commonName: "ven"), days: 0),
            try request(.ven(commonName: "ven"), days: 300, from: Self.start + .days(3_500)),
        ]
        for request in refused {
            #expect {
                _ = try authority.issue(request)
            } throws: { error in
                if case .refused = error as? CredentialError { true } else { false }
            }
        }
        #expect(throws: Never.self) { try authority.issue(request(.ven(commonName: "ven"), days: 398)) }
        #expect(throws: CredentialError.self) { try SerialNumber(randomBytes: Array(1...8)) }
    }

    @Test func `An authority survives export and import, and only with its own key`() throws {
        let again = try CertificateAuthority(
            certificatePEM: authority.certificatePEM, privateKeyPEM: authority.privateKeyPEM)
        #expect(again.certificatePEM == authority.certificatePEM)
        let other = try Self.makeAuthority()
        #expect(throws: CredentialError.keyMismatch) {
            try CertificateAuthority(certificatePEM: authority.certificatePEM, privateKeyPEM: other.privateKeyPEM)
        }
        let leaf = try authority.issue(request(.ven(commonName: "ven")))
        #expect(throws: CredentialError.self) {
            try CertificateAuthority(certificatePEM: leaf.certificatePEM, privateKeyPEM: leaf.privateKeyPEM)
        }
        for text in ["", "x", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            #expect(throws: CredentialError.self) {
                try CertificateAuthority(certificatePEM: text, privateKeyPEM: authority.privateKeyPEM)
            }
            #expect(throws: CredentialError.self) {
                try CertificateAuthority(certificatePEM: authority.certificatePEM, privateKeyPEM: text)
            }
        }
    }

    @Test func `A folder keeps credentials, keys for the owner alone`() throws {
        let path = NSTemporaryDirectory() + "/curtail-credentials-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = try CredentialFolder(path: path)
        #expect(try folder.authority(name: "ca") == nil)
        try folder.write(authority, name: "ca")
        #expect(try folder.authority(name: "ca")?.certificatePEM == authority.certificatePEM)
        let (first, second) = (
            try authority.issue(request(.ven(commonName: "a"))), try authority.issue(request(.ven(commonName: "b")))
        )
        try folder.write(first, name: "ven")
        try folder.write(second, name: "ven")
        #expect(try String(contentsOfFile: folder.certificatePath("ven"), encoding: .utf8) == second.chainPEM)
        #expect(try String(contentsOfFile: folder.privateKeyPath("ven"), encoding: .utf8) == second.privateKeyPEM)
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.privateKeyPath("ven"))
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: path).sorted() == [
                "ca.crt", "ca.key", "ven.crt", "ven.key",
            ])
        #expect(throws: CredentialError.self) { try folder.write(first, name: "../ven") }
        #expect(throws: CredentialError.self) { try CredentialFolder(path: path + "/no/such") }
    }

    private static let openSSL = "/usr/bin/openssl"

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: openSSL)), arguments: KeyType.allCases)
    func `OpenSSL verifies the chain and prints the same fingerprint`(keyType: KeyType) throws {
        let path = NSTemporaryDirectory() + "/curtail-credentials-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = try CredentialFolder(path: path)
        try folder.write(authority, name: "ca")
        let issued = try authority.issue(request(.vtn(hostNames: ["vtn.example.org", "10.0.0.1"]), keyType))
        try folder.write(issued, name: "vtn")
        let (root, leaf) = (folder.certificatePath("ca"), folder.certificatePath("vtn"))
        let time = "\((Self.start + .days(10)).secondsSinceEpoch)"
        for arguments in [
            ["-purpose", "sslserver", "-verify_hostname", "vtn.example.org"], ["-purpose", "sslclient"],
            ["-verify_ip", "10.0.0.1"],
        ] {
            let verdict = try run(["verify", "-x509_strict", "-attime", time, "-CAfile", root] + arguments + [leaf])
            #expect(verdict == "\(leaf): OK\n")
        }
        let printed = try run(["x509", "-in", leaf, "-noout", "-fingerprint", "-sha256"])
        #expect(printed.hasSuffix(":\(issued.openADRFingerprint)\n"))
        #expect(Fingerprint(printed.split(separator: "=")[1]) == issued.openADRFingerprint)
    }

    private func run(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.openSSL)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text
    }
}
