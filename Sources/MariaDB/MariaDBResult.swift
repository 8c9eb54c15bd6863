/// What a statement without rows did.
public struct MariaDBResult: Sendable, Hashable {
    /// Rows that were inserted, changed or deleted. An UPDATE that finds a row but changes nothing counts as 0;
    /// INSERT ... ON DUPLICATE KEY UPDATE counts 1 for an insert and 2 for a change.
    public var affectedRows: Int

    /// The AUTO_INCREMENT value of the (first) inserted row, 0 without one.
    public var lastInsertID: Int64
}
