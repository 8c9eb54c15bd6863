import MariaDB
import VirtualTopNode

/// Certificates as the parameters of a statement that takes one or sixty-four of them: a statement's text is fixed, so
/// the last one fills what is left.
struct CertificateGroup {
    enum Size {
        case one
        case many
    }

    private static let limit = 64

    let size: Size
    let parameters: [MariaDBValue]

    /// As many as it takes for all of them.
    static func groups(of certificates: [CertificateDigest]) -> [CertificateGroup] {
        stride(from: 0, to: certificates.count, by: limit).map { start in
            CertificateGroup(certificates[start..<min(start + limit, certificates.count)])
        }
    }

    private init(_ certificates: ArraySlice<CertificateDigest>) {
        let values = certificates.map { MariaDBValue.bytes($0.bytes) }
        size = values.count == 1 ? .one : .many
        parameters =
            size == .one
            ? values : values + Array(repeating: values.last ?? .null, count: max(0, Self.limit - values.count))
    }
}
