/// One row of a result.
public struct MariaDBRow: Sendable, Hashable {
    /// The names in the order of the SELECT.
    public let columns: [String]
    public let values: [MariaDBValue]

    /// The value of a column; the first one when two have the same name.
    public func value(_ column: String) throws(MariaDBError) -> MariaDBValue {
        guard let index = columns.firstIndex(of: column) else {
            throw .unexpectedData(
                "The result has no column '\(column)'; it has \(columns.joined(separator: ", ")).")
        }
        return values[index]
    }

    public func integer(_ column: String) throws(MariaDBError) -> Int64 {
        try required(optionalInteger(column), "an integer", column)
    }

    public func optionalInteger(_ column: String) throws(MariaDBError) -> Int64? {
        switch try value(column) {
        case .null: return nil
        case .integer(let value): return value
        // SUM() and ROUND() of integers are DECIMAL.
        case .text(let text):
            guard let value = Int64(text) else { throw mismatch(column, "an integer") }
            return value
        default: throw mismatch(column, "an integer")
        }
    }

    /// True for everything but 0.
    public func boolean(_ column: String) throws(MariaDBError) -> Bool {
        try integer(column) != 0
    }

    public func optionalBoolean(_ column: String) throws(MariaDBError) -> Bool? {
        try optionalInteger(column).map { $0 != 0 }
    }

    /// A DOUBLE, an integer or a DECIMAL.
    public func double(_ column: String) throws(MariaDBError) -> Double {
        try required(optionalDouble(column), "a number", column)
    }

    public func optionalDouble(_ column: String) throws(MariaDBError) -> Double? {
        switch try value(column) {
        case .null: return nil
        case .integer(let value): return Double(value)
        case .double(let value): return value
        case .text(let text):
            guard let value = Double(text) else { throw mismatch(column, "a number") }
            return value
        default: throw mismatch(column, "a number")
        }
    }

    public func text(_ column: String) throws(MariaDBError) -> String {
        try required(optionalText(column), "text", column)
    }

    public func optionalText(_ column: String) throws(MariaDBError) -> String? {
        switch try value(column) {
        case .null: return nil
        case .text(let text): return text
        default: throw mismatch(column, "text")
        }
    }

    public func bytes(_ column: String) throws(MariaDBError) -> [UInt8] {
        try required(optionalBytes(column), "bytes", column)
    }

    public func optionalBytes(_ column: String) throws(MariaDBError) -> [UInt8]? {
        switch try value(column) {
        case .null: return nil
        case .bytes(let bytes): return bytes
        case .text(let text): return Array(text.utf8)
        default: throw mismatch(column, "bytes")
        }
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    public func timestamp(_ column: String) throws(MariaDBError) -> Int64 {
        try required(optionalTimestamp(column), "a timestamp", column)
    }

    public func optionalTimestamp(_ column: String) throws(MariaDBError) -> Int64? {
        switch try value(column) {
        case .null: return nil
        case .timestamp(let seconds): return seconds
        default: throw mismatch(column, "a timestamp")
        }
    }

    private func required<Value>(
        _ value: Value?, _ expected: String, _ column: String
    ) throws(MariaDBError) -> Value {
        guard let value else {
            throw .unexpectedData("Column '\(column)' is NULL where \(expected) is expected.")
        }
        return value
    }

    private func mismatch(_ column: String, _ expected: String) -> MariaDBError {
        let found = (try? value(column).typeName) ?? "nothing"
        return .unexpectedData("Column '\(column)' holds \(found) that is not \(expected).")
    }
}
