import MariaDB
import VirtualTopNode

/// Certificates as the parameters of a statement that takes one or sixty-four of them: a statement's text is fixed, so
/// the last one fills what is left.
struct CertificateGroup {
    enum Size {
        case one
        case many
    }

    static let limit = 64

    let size: Size
    let parameters: [MariaDBValue]

    /// - Parameter certificates: 1 to 64.
    init(_ certificates: [CertificateDigest]) {
        let values = certificates.map { MariaDBValue.bytes($0.bytes) }
        size = values.count == 1 ? .one : .many
        parameters =
            size == .one
            ? values : values + Array(repeating: values.last ?? .null, count: max(0, Self.limit - values.count))
    }
}
