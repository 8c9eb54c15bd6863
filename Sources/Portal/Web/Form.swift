/// The fields of a form or a query, `application/x-www-form-urlencoded`.
struct Form: Hashable, Sendable {
    private let fields: [String: [String]]

    static let empty = Form(fields: [:])

    private init(fields: [String: [String]]) {
        self.fields = fields
    }

    /// Nil for a broken percent sign, bytes that are no UTF-8, a NUL, or more than 500 fields.
    init?(encoded text: some StringProtocol) {
        var fields: [String: [String]] = [:]
        let pairs = text.utf8.split(separator: UInt8(ascii: "&"))
        guard pairs.count <= 500 else { return nil }
        for pair in pairs {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decode(parts[0]), let value = Self.decode(parts.count > 1 ? parts[1] : pair.prefix(0))
            else { return nil }
            fields[name, default: []].append(value)
        }
        self.fields = fields
    }

    var names: Dictionary<String, [String]>.Keys { fields.keys }

    /// The value without spaces around it, empty when the field is missing.
    func text(_ name: String) -> String {
        guard let value = fields[name]?.first else { return "" }
        var text = value[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    /// As it was typed: spaces belong to a password.
    func raw(_ name: String) -> String { fields[name]?.first ?? "" }

    func all(_ name: String) -> [String] { fields[name] ?? [] }

    /// Whether a box is ticked.
    func isOn(_ name: String) -> Bool { fields[name]?.contains("on") ?? false }

    func optional(_ name: String) -> String? {
        let value = text(name)
        return value.isEmpty ? nil : value
    }

    private static func decode(_ bytes: some Sequence<UInt8>) -> String? {
        var output: [UInt8] = []
        var iterator = bytes.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "+"): output.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = iterator.next().flatMap(digit), let low = iterator.next().flatMap(digit) else {
                    return nil
                }
                output.append(high << 4 | low)
            default: output.append(byte)
            }
        }
        guard !output.contains(0) else { return nil }
        return String(validating: output, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
