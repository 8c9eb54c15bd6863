import MariaDB
import VirtualTopNode

/// Certificates as the parameters of a statement that takes one or sixty-four of them.
struct CertificateGroup {
    enum Size {
        case one
        case many
    }

    let size: Size
    let parameters: [MariaDBValue]

    /// As many as it takes for all of them.
    static func groups(of certificates: [CertificateDigest]) -> [CertificateGroup] {
        let values = certificates.map { MariaDBValue.bytes($0.bytes) }
        guard values.count > 1 else { return values.map { CertificateGroup(size: .one, parameters: [$0]) } }
        return values.groups(of: 64).map { CertificateGroup(size: .many, parameters: $0) }
    }
}
