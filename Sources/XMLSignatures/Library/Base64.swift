internal import FoundationEssentials

enum Base64 {
    /// Nil for text that is no base64, or too long for a certificate.
    static func decode(_ text: String) -> [UInt8]? {
        guard (4...16_384).contains(text.utf8.count) else { return nil }
        return Data(base64Encoded: text).map { Array($0) }
    }
}
