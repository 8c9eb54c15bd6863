/// A value that goes to the server or comes from it.
public enum MariaDBValue: Sendable, Hashable {
    case null
    /// Every integer type; BOOLEAN is 0 or 1.
    case integer(Int64)
    /// FLOAT and DOUBLE; always finite.
    case double(Double)
    /// Character types, and what has no exact number in Swift: DECIMAL ("12.50"), DATE ("2026-11-20"), TIME.
    case text(String)
    /// BINARY, VARBINARY, BLOB and BIT.
    case bytes([UInt8])
    /// DATETIME and TIMESTAMP, always UTC. Fractions of a second in the database are dropped.
    case timestamp(secondsSinceEpoch: Int64)

    /// BOOLEAN as the server stores it.
    public static func boolean(_ value: Bool) -> MariaDBValue {
        .integer(value ? 1 : 0)
    }

    /// `transform` of the value, or NULL.
    public static func optional<Wrapped>(
        _ value: Wrapped?, _ transform: (Wrapped) -> MariaDBValue
    ) -> MariaDBValue {
        value.map(transform) ?? .null
    }

    /// What the value is, for error messages; never the value itself.
    var typeName: String {
        switch self {
        case .null: "NULL"
        case .integer: "an integer"
        case .double: "a double"
        case .text: "text"
        case .bytes: "bytes"
        case .timestamp: "a timestamp"
        }
    }
}

extension MariaDBValue: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByNilLiteral {
    public init(integerLiteral value: Int64) {
        self = .integer(value)
    }

    public init(stringLiteral value: String) {
        self = .text(value)
    }

    public init(nilLiteral: ()) {
        self = .null
    }
}
