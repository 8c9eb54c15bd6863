/// What a transaction sees of others.
public enum MariaDBIsolation: Sendable, Hashable {
    /// For ingest: each statement sees what is committed; no gap locks, so few deadlocks.
    case readCommitted
    /// A snapshot for the whole transaction; writing to a row that changed since fails with 1020 and is retried.
    case repeatableRead
    case serializable

    var statement: String {
        switch self {
        case .readCommitted: "SET TRANSACTION ISOLATION LEVEL READ COMMITTED"
        case .repeatableRead: "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
        case .serializable: "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"
        }
    }
}
