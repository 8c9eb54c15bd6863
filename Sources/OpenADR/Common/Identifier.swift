/// A name that one party of the protocol gave to something. Opaque and case-sensitive (rule 512).
///
/// Every kind of id is a type of its own, so that no call can mix them up.
public protocol Identifier: RawRepresentable<String>, Hashable, Comparable, Codable, Sendable,
    ExpressibleByStringLiteral, CustomStringConvertible
{
    init(_ text: String)
}

extension Identifier {
    public init(rawValue: String) { self.init(rawValue) }
    public init(stringLiteral value: String) { self.init(value) }
    public var description: String { rawValue }
    /// An element without text counts as an element that is not there (rule 46).
    public var isEmpty: Bool { rawValue.isEmpty }
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
