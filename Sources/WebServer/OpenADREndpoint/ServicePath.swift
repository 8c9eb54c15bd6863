import OpenADR

extension ServiceName {
    /// The service that a request's path names, after normalisation by RFC 3986, 6.2.2 (rule 511): percent-encoded
    /// characters that need no encoding are decoded, and dot segments removed. Case counts in a path.
    init?(path: String) {
        // As nearly everybody writes it.
        if let service = Self.allCases.first(where: { $0.path == path }) {
            self = service
            return
        }
        // The longest path of a service has 37 characters; each may come as three, and some segments go up and down.
        guard path.utf8.count <= 512, let plain = Self.decodedUnreserved(path) else { return nil }
        let normal = Self.withoutDotSegments(plain)
        guard let service = Self.allCases.first(where: { $0.path == normal }) else { return nil }
        self = service
    }

    /// Decodes letters, digits and `-._~`; anything else stays as it is. Nil for a `%` that encodes nothing.
    private static func decodedUnreserved(_ path: String) -> String? {
        var result = ""
        var rest = path[...]
        while let character = rest.popFirst() {
            guard character == "%" else {
                result.append(character)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }),
                let byte = UInt8(digits, radix: 16)
            else { return nil }
            rest = rest.dropFirst(2)
            let decoded = Character(UnicodeScalar(byte))
            let isUnreserved = decoded.isASCII && (decoded.isLetter || decoded.isNumber || "-._~".contains(decoded))
            result += isUnreserved ? String(decoded) : "%\(digits)"
        }
        return result
    }

    /// RFC 3986, 5.2.4.
    private static func withoutDotSegments(_ path: String) -> String {
        var segments: [Substring] = []
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            let isLast = index == parts.count - 1
            switch part {
            case ".":
                if isLast { segments.append("") }
            case "..":
                if segments.count > 1 { segments.removeLast() }
                if isLast { segments.append("") }
            default:
                segments.append(part)
            }
        }
        return segments.joined(separator: "/")
    }
}
