/// Where a list goes on: the key of the last row that was given, and how many rows are wanted.
public struct PartRequest<Key: Sendable>: Sendable {
    public let after: Key?
    /// 1 to 200.
    public let limit: Int

    public init(after: Key? = nil, limit: Int = 50) {
        self.after = after
        self.limit = min(max(limit, 1), 200)
    }
}

/// A part of a list.
public struct Part<Row: Sendable>: Sendable {
    public let rows: [Row]
    /// Whether there are more.
    public let hasMore: Bool

    /// - Parameter rows: one more than the limit where there are more.
    init(_ rows: [Row], limit: Int) {
        hasMore = rows.count > limit
        self.rows = Array(rows.prefix(limit))
    }
}
