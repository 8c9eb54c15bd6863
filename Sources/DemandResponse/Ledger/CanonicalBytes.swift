/// A byte form with one spelling for each value, for hashing: numbers in 8 bytes, most significant first, and
/// everything of variable length after its length.
struct CanonicalBytes {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ number: Int64) {
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    /// The bit pattern; a replay must give the same bits.
    mutating func append(_ number: Double) {
        append(Int64(bitPattern: number.bitPattern))
    }

    mutating func append(_ text: String) {
        append([UInt8](text.utf8))
    }

    mutating func append(_ content: [UInt8]) {
        append(Int64(content.count))
        bytes += content
    }

    /// A byte that tells whether a value follows.
    mutating func append<Value>(_ value: Value?, _ write: (inout Self, Value) -> Void) {
        bytes.append(value == nil ? 0 : 1)
        if let value { write(&self, value) }
    }

    mutating func append<Element>(_ elements: [Element], _ write: (inout Self, Element) -> Void) {
        append(Int64(elements.count))
        for element in elements { write(&self, element) }
    }
}
