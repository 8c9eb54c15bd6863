/// Why a statement, a connection or a pool failed. Safe to log: it carries no parameter and no password.
public struct MariaDBError: Error, Hashable, Sendable {
    /// What a caller can do about it.
    public enum Kind: Hashable, Sendable {
        /// Deadlock, lock wait, changed snapshot (1213, 1205, 1020), or the victim of a deadlock while it waited for the next
        /// number of a key (1467): roll back and run the transaction again.
        case retryable
        /// The connection broke (2006, 2013, 1927, 1053) or the cluster refused at commit (1180): the statement
        /// may or may not have been executed. Reconnect and look.
        case outcomeUnknown
        /// A Galera node without a quorum (1047): use another node or wait.
        case nodeNotReady
        /// A rule of the schema: the name of the key or constraint where the server tells it, the message of a
        /// SIGNAL (1644).
        case constraint(name: String?)
        /// No server answered, or it refused the login or the database.
        case unreachable
        /// The URL or a setting of the server is not usable.
        case configuration
        /// All connections of the pool stayed busy for longer than a caller may wait.
        case poolExhausted
        case closed
        /// A result or a parameter is not of the type that the code expects.
        case unexpectedData
        case other
    }

    /// The server's or libmariadb's number; 0 for an error found here.
    public let code: Int
    public let sqlState: String
    public let message: String
    public let kind: Kind

    /// A row with this primary or unique key exists already.
    public var isDuplicateKey: Bool { code == 1062 }
}

extension MariaDBError: CustomStringConvertible {
    public var description: String {
        code == 0 ? message : "\(message) (\(code), \(sqlState))"
    }
}

extension MariaDBError {
    /// An error as libmariadb reports it.
    init(code: Int, sqlState: String, serverMessage: String) {
        self.code = code
        self.sqlState = sqlState
        message = Self.withoutValues(code, serverMessage)
        kind = Self.kind(code, serverMessage)
    }

    private init(_ kind: Kind, _ message: String) {
        code = 0
        sqlState = "HY000"
        self.message = message
        self.kind = kind
    }

    static func unexpectedData(_ message: String) -> MariaDBError { .init(.unexpectedData, message) }
    static func configuration(_ message: String) -> MariaDBError { .init(.configuration, message) }
    static func poolExhausted(_ message: String) -> MariaDBError { .init(.poolExhausted, message) }
    static func closed(_ message: String) -> MariaDBError { .init(.closed, message) }
    static func other(_ message: String) -> MariaDBError { .init(.other, message) }

    /// The connection cannot be used after this error.
    var breaksConnection: Bool {
        switch code {
        case 1053, 1080, 1927, 2000..<3000, 4031, 5000..<5100: true
        default: false
        }
    }

    private static func kind(_ code: Int, _ message: String) -> Kind {
        switch code {
        case 1020, 1205, 1213, 1467: .retryable
        case 1053, 1080, 1180, 1927, 2006, 2013, 2055, 4031, 5000..<5100: .outcomeUnknown
        case 1047: .nodeNotReady
        case 1062: .constraint(name: duplicateKeyName(message))
        case 1451, 1452: .constraint(name: text(in: message, between: "CONSTRAINT `", and: "`"))
        case 4025: .constraint(name: text(in: message, between: "CONSTRAINT `", and: "`"))
        case 1048: .constraint(name: text(in: message, between: "Column '", and: "'"))
        case 1644: .constraint(name: message)
        case 1044, 1045, 1049, 1698, 2002, 2003, 2005, 2026: .unreachable
        default: .other
        }
    }

    /// `Duplicate entry 'a@b.c' for key 'email'` is about a person; the key's name is enough.
    private static func withoutValues(_ code: Int, _ message: String) -> String {
        switch code {
        case 1062:
            return "Duplicate entry for key '\(duplicateKeyName(message) ?? "unknown")'"
        // "Incorrect integer value: 'x' for column `d`.`t`.`c` at row 1" and its relatives.
        case 1292, 1366, 1367, 1411, 1525, 1690:
            guard let first = message.firstIndex(of: "'"), let last = message.lastIndex(of: "'"), first < last
            else { return message }
            return "\(message[..<first])'...'\(message[message.index(after: last)...])"
        default:
            return message
        }
    }

    /// The last quoted word: the entry before it can hold anything, quotes too.
    private static func duplicateKeyName(_ message: String) -> String? {
        let parts = message.split(separator: "'", omittingEmptySubsequences: false)
        return parts.count >= 3 ? String(parts[parts.count - 2]) : nil
    }

    private static func text(in message: String, between start: String, and end: Character) -> String? {
        guard let from = message.firstRange(of: start) else { return nil }
        return String(message[from.upperBound...].prefix { $0 != end })
    }
}
