/// The name of a resource (a site, or a device of a site) in plans and reports.
public struct ResourceName: RawRepresentable, Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public init(_ rawValue: String) { self.init(rawValue: rawValue) }

    public var description: String { rawValue }

    public static func < (left: ResourceName, right: ResourceName) -> Bool { left.rawValue < right.rawValue }
}

/// How much a site depends on a load.
public enum ResourceClass: String, Hashable, Codable, Sendable {
    /// Never called: the planner makes no column for it, whatever the price.
    case critical
    case semiCritical
    case nonCritical
    case deferrable
}
