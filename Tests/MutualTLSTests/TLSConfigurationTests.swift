import Credentials
import Testing

@testable import MutualTLS

@Suite struct TLSConfigurationTests {
    private let pki = TestAuthority.shared

    private func reason(_ body: () throws -> Void) -> TLSConfigurationError? {
        do {
            try body()
            return nil
        } catch {
            return error as? TLSConfigurationError
        }
    }

    @Test(arguments: ["", "nothing", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
    func `A text without certificate is refused`(text: String) {
        let error = reason { _ = try TLSIdentity(chainPEM: text, privateKeyPEM: pki.ven.privateKeyPEM) }
        guard case .noCertificate = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `A damaged second certificate is not passed over`() {
        let text = pki.ven.certificatePEM + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
        #expect(reason { _ = try TrustRoots(pem: text) } != nil)
    }

    /// An RSA key of PKCS #8 under a passphrase begins so; nobody may be asked for it on the terminal.
    @Test func `An encrypted or missing key is refused without asking`() {
        let encrypted = """
            -----BEGIN RSA PRIVATE KEY-----
            Proc-Type: 4,ENCRYPTED
            DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF

            AAAAAAAAAAAAAAAAAAAAAA==
            -----END RSA PRIVATE KEY-----

            """
        for text in [encrypted, "", pki.ven.certificatePEM] {
            let error = reason { _ = try TLSIdentity(chainPEM: pki.ven.chainPEM, privateKeyPEM: text) }
            guard case .noPrivateKey = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
    }

    @Test func `A key of another certificate is refused`() throws {
        let pair = try TLSIdentity(chainPEM: pki.serverEC.chainPEM, privateKeyPEM: pki.ven.privateKeyPEM)
        let error = reason { _ = try TLSServerContext(identities: [pair], clients: .required(pki.roots)) }
        guard case .identityRefused = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `A file that is not there is named`() {
        let error = reason { _ = try TrustRoots(file: "/no/such/file.crt") }
        #expect(error == .file(path: "/no/such/file.crt", reason: "No such file or directory"))
        #expect("\(TLSConfigurationError.file(path: "a", reason: "b"))" == "a: b.")
    }

    @Test func `A server without certificate and an empty server name are refused`() throws {
        #expect(reason { _ = try TLSServerContext(identities: [], clients: .none) } != nil)
        for name in ["", "a\u{0}b"] {
            #expect(reason { _ = try pki.client().makeHandler(verification: .name(name)) } == .badServerName(name))
        }
    }
}
