/// A part of a list, and where the next one begins.
public struct Page<Element: Sendable>: Sendable {
    public let items: [Element]
    /// Nil at the end of the list.
    public let next: PageCursor?

    public init(items: [Element], next: PageCursor?) {
        self.items = items
        self.next = next
    }

    /// One element more than fits was read: it says that there is a next page.
    init(_ found: [Element], _ request: PageRequest, key: (Element) -> String) {
        items = Array(found.prefix(request.limit))
        next = found.count > request.limit ? items.last.map { PageCursor(key($0)) } : nil
    }
}

extension Page: Equatable where Element: Equatable {}

/// Where a page ended: the key of its last element. Rows that come or go meanwhile neither repeat nor hide others.
public struct PageCursor: Hashable, Sendable {
    /// What a client gives back as it got it; any text is safe.
    public let text: String

    public init(_ text: String) {
        self.text = text
    }
}

/// Which page.
public struct PageRequest: Hashable, Sendable {
    public static let largest = 500

    /// Nil for the first one.
    public let after: PageCursor?
    /// 1 to `largest`; what is outside counts as the nearest.
    public let limit: Int

    public init(after: PageCursor? = nil, limit: Int = 50) {
        self.after = after
        self.limit = min(max(limit, 1), Self.largest)
    }
}
