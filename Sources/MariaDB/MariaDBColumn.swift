/// A column of a batch, for many rows of which nothing but a few numbers differ: nothing is boxed row by row.
public enum MariaDBColumn: Sendable, Hashable {
    case integers([Int64])
    /// All finite.
    case doubles([Double])
    /// Seconds since 1970-01-01T00:00:00Z, for DATETIME.
    case timestamps([Int64])
    /// The same value in every row.
    case constant(MariaDBValue)

    /// Nil for a constant, which fits any number of rows.
    var count: Int? {
        switch self {
        case .integers(let values): values.count
        case .doubles(let values): values.count
        case .timestamps(let values): values.count
        case .constant: nil
        }
    }
}
