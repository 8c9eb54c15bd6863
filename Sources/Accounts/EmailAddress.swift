/// An e-mail address as it is kept: lower case, printable ASCII, `someone@somewhere`.
public struct EmailAddress: Hashable, Sendable {
    public let text: String

    /// Nil unless it has one `@` with something on both sides, no spaces, quotes, brackets or control characters, and at
    /// most 190 characters.
    public init?(_ text: some StringProtocol) {
        let lowered = text.lowercased()
        let parts = lowered.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, parts[1].utf8.count >= 3, lowered.utf8.count <= 190,
            parts[1].contains("."), parts[1].first != ".", parts[1].last != "."
        else { return nil }
        let special = Array("<>(),;:\\\"[]".utf8)
        guard lowered.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !special.contains($0) }) else { return nil }
        self.text = lowered
    }
}
