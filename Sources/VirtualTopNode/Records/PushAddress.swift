/// Where a VEN takes pushes: an https URL without user, query or fragment (rule 511, clause 9.2).
public struct PushAddress: Hashable, Sendable {
    /// A DNS name, or an IP address without brackets.
    public let host: String
    public let port: Int
    /// What comes before `/OpenADR2/Simple/2.0b/…`: empty, or with a slash at its begin and none at its end.
    public let base: String

    /// Nil for anything else. A slash at the end does not matter, and neither does the part that every address of the
    /// profile has, which some VENs give along.
    public init?(_ text: String) {
        guard text.utf8.count <= 512, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
        guard text.lowercased().hasPrefix("https://") else { return nil }
        let rest = text.dropFirst(8)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash]
        guard !authority.contains("@"), !rest.contains("?"), !rest.contains("#"), !rest.contains("\\") else {
            return nil
        }
        var base = String(rest[slash...])
        while base.hasSuffix("/") { base.removeLast() }
        if base.hasSuffix(Self.profile) { base.removeLast(Self.profile.count) }
        guard !base.split(separator: "/").contains(where: { $0 == ".." || $0 == "." }), !base.contains("//") else {
            return nil
        }
        self.base = base
        let portText: Substring
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = String(authority[authority.index(after: authority.startIndex)..<end])
            portText = authority[authority.index(after: end)...]
            guard host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else { return nil }
        } else {
            let colon = authority.firstIndex(of: ":") ?? authority.endIndex
            host = String(authority[..<colon])
            portText = authority[colon...]
            guard host.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." }) else { return nil }
        }
        guard !host.isEmpty, host.count <= 253 else { return nil }
        if portText.isEmpty {
            port = 443
        } else {
            guard portText.hasPrefix(":"), let number = UInt16(portText.dropFirst()), number > 0 else { return nil }
            port = Int(number)
        }
    }

    private static let profile = "/OpenADR2/Simple/2.0b"
}
