/// Looks a document over before libxml2 does: linear, and without memory of its own.
///
/// It does not judge whether the document is well-formed; it makes sure that finding out is cheap. What is cheap for it
/// and dear for a parser ends here: entities (there is no document type declaration), giant tags (libxml2 checks
/// attributes for doubles pairwise), deep nesting, other encodings (which it could not read itself).
package struct Admission {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let limits: AdmissionLimits
    private var position = 0
    private var depth = 0
    private var elements = 0
    private var line = 1

    private init(_ bytes: UnsafeBufferPointer<UInt8>, limits: AdmissionLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    package static func check(
        _ bytes: UnsafeBufferPointer<UInt8>, limits: AdmissionLimits
    ) throws(DecodingFailure) {
        guard bytes.count <= limits.size else { throw .tooLarge(limit: limits.size) }
        do { _ = try UTF8Span(validating: bytes.span) } catch { throw .encoding }
        var admission = Admission(bytes, limits: limits)
        try admission.run()
    }

    private mutating func run() throws(DecodingFailure) {
        if starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        if starts(with: Self.declaration), position + 5 < bytes.count, isBlank(bytes[position + 5]) {
            try declaration()
        }
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "<") {
                try markup()
            } else {
                try text()
            }
        }
    }

    // MARK: Kinds of markup

    private mutating func markup() throws(DecodingFailure) {
        if starts(with: Self.comment) {
            try skip(4, past: Self.commentEnd, limit: limits.comment, or: .commentTooLong(limit: limits.comment))
        } else if starts(with: Self.cdata) {
            try skip(9, past: Self.cdataEnd, limit: limits.text, or: .sectionTooLong(limit: limits.text))
        } else if starts(with: [UInt8(ascii: "<"), UInt8(ascii: "!")]) {
            throw .doctype
        } else if starts(with: [UInt8(ascii: "<"), UInt8(ascii: "?")]) {
            throw .processingInstruction
        } else {
            try tag()
        }
    }

    private mutating func text() throws(DecodingFailure) {
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "<") {
            guard position - start < limits.text else { throw .textTooLong(limit: limits.text) }
            try pass(bytes[position])
        }
    }

    private mutating func tag() throws(DecodingFailure) {
        let start = position
        let closes = start + 1 < bytes.count && bytes[start + 1] == UInt8(ascii: "/")
        var quote: UInt8?
        var nameStart = start + 1
        var attributes = 0
        var namespaces = 0
        while position < bytes.count {
            let byte = bytes[position]
            guard position - start < limits.tag else { throw .tagTooLong(limit: limits.tag) }
            // Not even in an attribute's value (XML 1.0, 3.1): nothing that looks like a tag escapes the count.
            guard byte != UInt8(ascii: "<") || position == start else {
                throw .malformed(line: line, message: "'<' inside a tag")
            }
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                position += 1
                return try finish(closes: closes, empty: bytes[position - 2] == UInt8(ascii: "/"))
            } else if byte == UInt8(ascii: "=") {
                if matches(Self.xmlns, at: nameStart) { namespaces += 1 } else { attributes += 1 }
                guard namespaces <= limits.namespaces else { throw .tooManyNamespaces(limit: limits.namespaces) }
                guard attributes <= limits.attributes else { throw .tooManyAttributes(limit: limits.attributes) }
            } else if isBlank(byte) {
                nameStart = position + 1
            }
            try pass(byte)
        }
        throw .malformed(line: line, message: "the document ends inside a tag")
    }

    private mutating func finish(closes: Bool, empty: Bool) throws(DecodingFailure) {
        if closes {
            depth -= 1
            return
        }
        elements += 1
        guard elements <= limits.elements else { throw .tooManyElements(limit: limits.elements) }
        guard depth < limits.depth else { throw .tooDeep(limit: limits.depth) }
        if !empty { depth += 1 }
    }

    /// `<?xml …?>`, whose encoding, when it names one, is UTF-8.
    private mutating func declaration() throws(DecodingFailure) {
        let start = position
        try skip(5, past: Self.declarationEnd, limit: limits.tag, or: .processingInstruction)
        let declaration = UnsafeBufferPointer(rebasing: bytes[start..<position])
        // What most peers write, byte for byte.
        guard !declaration.elementsEqual(Self.commonDeclaration) else { return }
        guard !declaration.dropFirst().contains(UInt8(ascii: "<")) else {
            throw .malformed(line: line, message: "'<' inside the declaration")
        }
        let inside = String(decoding: declaration, as: UTF8.self)
        guard let name = inside.firstRange(of: "encoding") else { return }
        let value = inside[name.upperBound...].drop { $0 == " " || $0 == "=" || $0 == "\t" || $0 == "\n" || $0 == "\r" }
        let quoted = value.dropFirst().prefix { $0 != "\"" && $0 != "'" }
        guard quoted.lowercased() == "utf-8" else { throw .encoding }
    }

    // MARK: Bytes

    /// A NUL is in no XML document; it betrays UTF-16 and UTF-32.
    private mutating func pass(_ byte: UInt8) throws(DecodingFailure) {
        guard byte != 0 else { throw .encoding }
        if byte == UInt8(ascii: "\n") { line += 1 }
        position += 1
    }

    private mutating func skip(
        _ opening: Int, past end: [UInt8], limit: Int, or failure: DecodingFailure
    ) throws(DecodingFailure) {
        position += opening
        let start = position
        while position < bytes.count {
            if bytes[position] == end[0], starts(with: end) {
                position += end.count
                return
            }
            guard position - start < limit else { throw failure }
            try pass(bytes[position])
        }
        throw .malformed(line: line, message: "the document ends inside a comment or declaration")
    }

    private func starts(with prefix: [UInt8]) -> Bool { matches(prefix, at: position) }

    private func matches(_ prefix: [UInt8], at start: Int) -> Bool {
        guard start + prefix.count <= bytes.count else { return false }
        for index in prefix.indices where bytes[start + index] != prefix[index] { return false }
        return true
    }

    private func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    private static let commonDeclaration = Array("<?xml version=\"1.0\" encoding=\"UTF-8\"?>".utf8)
    private static let declaration = Array("<?xml".utf8)
    private static let declarationEnd = Array("?>".utf8)
    private static let comment = Array("<!--".utf8)
    private static let commentEnd = Array("-->".utf8)
    private static let cdata = Array("<![CDATA[".utf8)
    private static let cdataEnd = Array("]]>".utf8)
    private static let xmlns = Array("xmlns".utf8)
}
