internal import Measures
internal import OpenADR

/// Sets right, in the tree of a document that was refused, what devices in the field get wrong and what can only mean one
/// thing. Afterwards the document passes the same schema and the same reader as any other, or it is refused as it was.
///
/// | what is tolerated | becomes |
/// |---|---|
/// | `schemaVersion`, `Id`, `id` without their namespace | attributes with it |
/// | a signature behind the message | before it |
/// | elements in another order | the schema's order |
/// | no `requestID`, no `venID` | an empty one: the certificate says who it is |
/// | a time with an offset, or without `Z` | the time in UTC |
/// | `PT0.5S`, `PTS` and the like | whole seconds |
/// | a time or duration without the element around its text | with it |
/// | `kWh`, `kw`, … | the unit and its scale code |
/// | a word in other case or with other blanks | the standard's |
/// | a word that is in no list, where the list is open | `x-` and the word |
/// | `True`, `yes`, … | a boolean |
struct Tolerance {
    /// One line each, in the order of the document.
    private(set) var warnings: [String] = []

    /// More than that are counted and not told one by one.
    private static let limit = 20
    private var more = 0

    /// - Parameter root: `oadrPayload`, or a bare message. Its document must be alive, and is changed.
    static func repair(_ root: Element) -> [String] {
        var tolerance = Tolerance()
        tolerance.visit(root)
        if tolerance.more > 0 { tolerance.warnings.append("and \(tolerance.more) more") }
        return tolerance.warnings
    }

    private mutating func warn(_ element: Element, _ text: String) {
        guard warnings.count < Self.limit else {
            more += 1
            return
        }
        warnings.append("line \(element.line): \(element.localName): \(String(text.prefix(160)))")
    }

    private mutating func visit(_ element: Element) {
        let name = element.localName
        qualifyAttributes(of: element)
        if Self.sort(element, name) { warn(element, "its elements are in another order") }
        // An id that is added goes to its place without a word about the order.
        if completeIDs(of: element, name) { _ = Self.sort(element, name) }
        let children = element.children
        if children.isEmpty { repairText(of: element, name) }
        for child in children { visit(child) }
    }

    // MARK: Attributes and order

    private mutating func qualifyAttributes(of element: Element) {
        for (plain, namespace) in [("schemaVersion", Namespace.ei), ("Id", .oadr), ("id", .gml)]
        where element.qualifyAttribute(plain, namespace) {
            warn(element, "the attribute \(plain) without its namespace")
        }
    }

    /// Whether one was missing.
    private mutating func completeIDs(of element: Element, _ name: String) -> Bool {
        var isChanged = false
        for (missing, parents) in SchemaOrder.requiredIDs where parents.contains(name) {
            let home: Name = missing == "requestID" ? .pyld("requestID") : .ei("venID")
            guard !element.children.contains(where: { $0.isNamed(home) }), element.appendEmpty(home) else { continue }
            warn(element, "no \(missing)")
            isChanged = true
        }
        return isChanged
    }

    /// Puts the children into the schema's order; false when they are in it.
    private static func sort(_ element: Element, _ name: String) -> Bool {
        guard let order = SchemaOrder.children[name] else { return false }
        let children = element.children
        let rest = order.firstIndex(of: "*") ?? order.count
        let ranked = children.enumerated().map { place, child in
            (rank: order.firstIndex(of: child.localName) ?? rest, place: place, child: child)
        }
        guard zip(ranked, ranked.dropFirst()).contains(where: { $0.rank > $1.rank }) else { return false }
        for (_, _, child) in ranked.sorted(by: { ($0.rank, $0.place) < ($1.rank, $1.place) }) {
            child.moveToEnd(of: element)
        }
        return true
    }

    // MARK: Texts

    private mutating func repairText(of element: Element, _ name: String) {
        let text = element.text.trimmed
        guard !text.isEmpty else { return }
        if let right = repaired(text, of: element, name), right != text {
            element.replaceText(right)
            warn(element, "'\(text.prefix(60))' taken as '\(right)'")
        }
    }

    private mutating func repaired(_ text: String, of element: Element, _ name: String) -> String? {
        switch name {
        case "date-time", "createdDateTime", "modificationDateTime":
            return Self.utc(text)
        case "dtstart":
            return wrapped(Self.utc(text) ?? text, in: .xcal("date-time"), element)
        case "duration" where SchemaOrder.wrapsDuration(element.parent?.localName), "startafter", "oadrMinPeriod",
            "oadrMaxPeriod":
            return Self.wholeDuration(text)
        case "duration", "granularity", "reportBackDuration", "x-eiNotification", "x-eiRampUp", "x-eiRecovery":
            return wrapped(Self.wholeDuration(text) ?? text, in: .xcal("duration"), element)
        case "oadrReportOnly", "oadrXmlSignature", "oadrHttpPullModel", "oadrOnChange", "oadrOnline",
            "oadrManualOverride", "reportToFollow", "ac":
            return Self.boolean(text)
        case "itemUnits":
            return unit(text, element)
        default:
            return SchemaOrder.words[name].flatMap { Self.word(text, among: $0.words, isOpen: $0.isOpen) }
        }
    }

    /// Puts the text into an element of its own; nil, as the text itself is gone then.
    private mutating func wrapped(_ text: String, in name: Name, _ element: Element) -> String? {
        let given = element.text.trimmed
        element.replaceText("")
        if element.appendEmpty(name), let inner = element.firstChild {
            inner.replaceText(text)
            warn(element, "'\(given.prefix(60))' without an element around it")
        }
        return nil
    }

    private static func utc(_ text: String) -> String? {
        let parts = text.utf8.count
        guard parts >= 19, Instant(utc: text) == nil else { return nil }
        let clock = text.prefix(19)
        var rest = text.dropFirst(19)
        if rest.first == "." { rest = rest.dropFirst().drop { $0.isNumber } }
        guard let local = Instant(utc: "\(clock)Z") else { return nil }
        if rest.isEmpty { return local.description }
        let digits = rest.dropFirst().filter { $0 != ":" }
        guard let sign = rest.first, "+-".contains(sign), digits.count == 4, let number = Int64(digits),
            number / 100 <= 14, number % 100 < 60
        else { return nil }
        let offset = TimeSpan.minutes(number / 100 * 60 + number % 100)
        return (sign == "+" ? local - offset : local + offset).description
    }

    /// Without the fractions and the letters that stand for nothing; nil for what is a duration, or none at all.
    private static func wholeDuration(_ text: String) -> String? {
        guard CalendarDuration(text) == nil, text.utf8.count <= 40, let start = text.firstIndex(of: "P") else {
            return nil
        }
        var result = String(text[..<start]) + "P"
        var digits = ""
        var isFraction = false
        for character in text[start...].dropFirst() {
            switch character {
            case "0"..."9": if !isFraction { digits.append(character) }
            case ".", ",": isFraction = true
            case "T": result.append("T")
            default:
                if !digits.isEmpty { result += digits + String(character) }
                (digits, isFraction) = ("", false)
            }
        }
        if result.hasSuffix("T") { result.removeLast() }
        if result.hasSuffix("P") { result += "T0S" }
        return CalendarDuration(result) == nil ? nil : result
    }

    private static func boolean(_ text: String) -> String? {
        switch text.lowercased() {
        case "true", "yes", "on": "true"
        case "false", "no", "off": "false"
        default: nil
        }
    }

    private static func word(_ text: String, among words: [String], isOpen: Bool) -> String? {
        func folded(_ text: String) -> String { text.lowercased().filter { !$0.isWhitespace && $0 != "_" } }
        guard !words.contains(text) else { return nil }
        if let known = words.first(where: { folded($0) == folded(text) }) { return known }
        let isExtension = text.hasPrefix("x-") && text.count > 2
        return isOpen && !isExtension && text.utf8.count <= 100 ? "x-\(text)" : nil
    }

    /// `kWh` is `Wh` with the scale code `k`; `w` is `W`.
    private mutating func unit(_ text: String, _ element: Element) -> String? {
        let units = ["Wh", "W", "VAh", "VA", "VARh", "VAR", "V", "A", "Hz", "J/s", "thm"]
        if let same = units.first(where: { $0.lowercased() == text.lowercased() }) { return same }
        guard let first = text.first,
            let unit = units.first(where: { $0.lowercased() == text.dropFirst().lowercased() }),
            let scale = ["k": "k", "K": "k", "M": "M", "G": "G", "m": "m"][first],
            let code = element.parent?.children.first(where: { $0.isNamed(.scale("siScaleCode")) }),
            code.text.trimmed == "none" || code.text.trimmed == scale
        else { return nil }
        code.replaceText(scale)
        return unit
    }
}
