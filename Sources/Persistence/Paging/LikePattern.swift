import MariaDB

/// A search text as a pattern of LIKE: what people type is found anywhere, and means only itself.
enum LikePattern {
    static func containing(_ text: String?) -> MariaDBValue {
        guard let text, !text.isEmpty else { return .null }
        let escaped = text.map { "\\%_".contains($0) ? "\\\($0)" : String($0) }.joined()
        return .text("%\(escaped)%")
    }
}
