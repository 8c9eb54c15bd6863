internal import Measures
internal import OpenADR

/// Something valid by the schema that makes no sense.
struct Problem: Error {
    let code: ResponseCode
    let line: Int
    let reason: String
}

/// Walks the children of an element in the schema's order, each of them once.
struct Cursor {
    private var current: Element?
    private let parent: Element

    init(_ parent: Element) {
        self.parent = parent
        current = parent.firstChild
    }

    /// The next child, when it has that name.
    mutating func optional(_ name: Name) -> Element? {
        guard let element = current, element.isNamed(name) else { return nil }
        current = element.next
        return element
    }

    mutating func required(_ name: Name) throws(Problem) -> Element {
        guard let element = optional(name) else {
            throw parent.problem(.complianceError, "\(name.local) is missing in \(parent.localName)")
        }
        return element
    }

    /// All next children with that name.
    mutating func all(_ name: Name) -> [Element] {
        var elements: [Element] = []
        while let element = optional(name) { elements.append(element) }
        return elements
    }

    /// The next child, whatever its name: the schema has several elements for one place.
    mutating func any() throws(Problem) -> Element {
        guard let element = current else { throw parent.problem(.complianceError, "\(parent.localName) is empty") }
        current = element.next
        return element
    }

    /// The next child, unless it has one of these names.
    mutating func any(unless names: Name...) -> Element? {
        guard let element = current, !names.contains(where: element.isNamed) else { return nil }
        current = element.next
        return element
    }
}

extension Element {
    func problem(_ code: ResponseCode, _ reason: String) -> Problem {
        Problem(code: code, line: line, reason: String(reason.prefix(200)))
    }

    private func invalid(_ expected: String) -> Problem {
        problem(.invalidData, "\(localName) is not \(expected)")
    }

    // MARK: Texts

    /// Blanks at the ends belong to no word, number or time.
    private var word: String { text.trimmed }

    /// The words of a list, with single blanks inside, as the schema collapses them.
    func listed<Value: RawRepresentable<String>>(_ type: Value.Type) throws(Problem) -> Value {
        let collapsed = text.split { $0.isWhitespace }.joined(separator: " ")
        guard let value = Value(rawValue: collapsed) else { throw invalid("a known word") }
        return value
    }

    /// The longest id that anything stores.
    private static var longestID: Int { 128 }
    /// Programmes are URIs.
    private static var longestURI: Int { 256 }

    func id<ID: Identifier>(_ type: ID.Type = ID.self) throws(Problem) -> ID {
        let id = ID(text)
        let limit = type == MarketContext.self ? Self.longestURI : Self.longestID
        guard id.rawValue.unicodeScalars.count <= limit else {
            throw problem(.invalidData, "\(localName) is longer than \(limit) characters")
        }
        guard !id.rawValue.unicodeScalars.contains(where: Self.isDeceptive) else {
            throw problem(.invalidData, "\(localName) has a control character")
        }
        return id
    }

    /// Steers a terminal, or shows people another id than the one that it is.
    private static func isDeceptive(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F, 0x61C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    // MARK: Numbers

    func boolean() throws(Problem) -> Bool {
        switch word {
        case "true", "1": return true
        case "false", "0": return false
        default: throw invalid("a boolean")
        }
    }

    func count() throws(Problem) -> UInt32 {
        guard let number = UInt32(word) else { throw invalid("a count") }
        return number
    }

    /// The schema takes infinities and NaN; a load or a price is neither, nor is there one of a million millions.
    func number() throws(Problem) -> Double {
        guard let number = Double(word), abs(number) <= 1e12 else { throw invalid("a finite number of at most 1e12") }
        return number
    }

    func responseCode() throws(Problem) -> ResponseCode {
        guard let code = ResponseCode(word) else { throw invalid("a response code") }
        return code
    }

    // MARK: Times

    private static let century = Instant(year: 2000, month: 1, day: 1)..<Instant(year: 2100, month: 1, day: 1)

    /// UTC, said with `Z` (rule 1), in this century.
    func instant() throws(Problem) -> Instant {
        guard let instant = Instant(utc: word) else { throw invalid("a time in UTC") }
        guard Self.century.contains(instant) else { throw invalid("between 2000 and 2099") }
        return instant
    }

    /// The text of an `xcal:date-time` inside.
    func wrappedInstant() throws(Problem) -> Instant {
        var cursor = Cursor(self)
        return try cursor.required(.xcal("date-time")).instant()
    }

    /// Months and years are counted in UTC from `anchor`. Nothing takes more than a year, but for the time that reports are
    /// asked for.
    func duration(from anchor: Instant? = nil, longest: TimeSpan? = .days(366)) throws(Problem) -> TimeSpan {
        guard let span = CalendarDuration(word)?.span(from: anchor) else { throw invalid("a sane duration") }
        if let longest, span > longest { throw invalid("at most \(longest.seconds) s") }
        return span
    }

    /// The text of an `xcal:duration` inside.
    func wrappedDuration(from anchor: Instant? = nil, longest: TimeSpan? = .days(366)) throws(Problem) -> TimeSpan {
        var cursor = Cursor(self)
        return try cursor.required(.xcal("duration")).duration(from: anchor, longest: longest)
    }
}

/// Typed throws through `Optional.map` and `Sequence.map`.
extension Optional where Wrapped == Element {
    func read<Value>(_ body: (Element) throws(Problem) -> Value) throws(Problem) -> Value? {
        guard let self else { return nil }
        return try body(self)
    }

    /// An element without text counts as absent (rule 46).
    func id<ID: Identifier>(_ type: ID.Type = ID.self) throws(Problem) -> ID? {
        guard let id = try self?.id(type), !id.isEmpty else { return nil }
        return id
    }

    /// An element without text counts as absent (rule 46).
    var text: String? {
        guard let text = self?.text, !text.isEmpty else { return nil }
        return text
    }
}

extension [Element] {
    func read<Value>(_ body: (Element) throws(Problem) -> Value) throws(Problem) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(count)
        for element in self { values.append(try body(element)) }
        return values
    }
}
