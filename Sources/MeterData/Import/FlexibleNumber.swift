/// Reads numbers as the world writes them, once the decimal mark is known: `1,234.5`, `1.234,5`, `1 234,5`, `-3`.
struct FlexibleNumber {
    let decimalComma: Bool

    /// Finite and below 1e15; nil for anything else.
    func value(_ cell: ArraySlice<UInt8>) -> Double? {
        let point = decimalComma ? UInt8(ascii: ",") : UInt8(ascii: ".")
        let group = decimalComma ? UInt8(ascii: ".") : UInt8(ascii: ",")
        var plain = cell
        if cell.contains(group) || cell.contains(UInt8(ascii: " ")) || cell.contains(UInt8(ascii: "'")) {
            guard let joined = Self.ungrouped(cell, point: point, group: group) else { return nil }
            plain = joined[...]
        }
        guard let value = Cell.decimal(plain, decimalComma: decimalComma), value.magnitude < 1e15 else { return nil }
        return value
    }

    /// Without the marks between groups of three digits; nil where they stand elsewhere.
    private static func ungrouped(_ cell: ArraySlice<UInt8>, point: UInt8, group: UInt8) -> [UInt8]? {
        let marks = Set([group, UInt8(ascii: " "), UInt8(ascii: "'")])
        let whole = cell.prefix { $0 != point }
        let rest = cell.dropFirst(whole.count)
        guard !rest.contains(where: marks.contains) else { return nil }
        let groups = whole.split(omittingEmptySubsequences: false) { marks.contains($0) }
        let first = groups[0].drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
        guard (1...3).contains(first.count), groups.dropFirst().allSatisfy({ $0.count == 3 }) else { return nil }
        return groups.flatMap { $0 } + rest
    }
}
