/// A kind of copies, with how long one may live.
public struct CacheNamespace: Hashable, Sendable {
    /// Letters, digits and hyphens; part of every key. A new form of the values gets a new name.
    public let name: String
    /// Seconds, at least 1: the longest that a copy may outlive an invalidation that was lost with its server.
    public let lifetime: Int64

    public init(_ name: String, lifetime: Int64) {
        self.name = name
        self.lifetime = max(lifetime, 1)
    }
}
