import Credentials
import Foundation
import Measures
import VirtualEndNode
import XMLSignatures

extension VENSettings {
    /// Signs with the VEN's own key, and trusts the VTN's certificates: those whose fingerprints are set, and later ones
    /// of the same authority that name the VTN's host. Nil at the standard security level.
    func signing() throws -> MessageSigning? {
        guard signs else { return nil }
        let authorityPEM = try CredentialFolder.text(at: authority)
        return MessageSigning(
            key: try SigningKey(
                certificatePEM: CredentialFolder.text(at: certificate),
                privateKeyPEM: CredentialFolder.text(at: privateKey)),
            time: SystemTime(), makeNonce: { UUID().uuidString }
        ) { [fingerprints, host = endpoint.host] der in
            guard let shown = try? CertificateSummary(der: der) else { return false }
            let now = SystemTime().now()
            guard shown.notBefore <= now, now <= shown.notAfter else { return false }
            return fingerprints.contains(shown.openADRFingerprint.description)
                || shown.isIssued(byAuthority: authorityPEM) && shown.names(host)
        }
    }
}
