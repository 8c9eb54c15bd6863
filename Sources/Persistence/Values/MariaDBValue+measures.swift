import DemandResponse
import MariaDB
import Measures

/// How the quantities of the field stand in a column: instants as DATETIME in UTC, spans in whole seconds, energy in Wh,
/// power in W.
extension MariaDBValue {
    static func instant(_ instant: Instant) -> MariaDBValue {
        .timestamp(secondsSinceEpoch: instant.secondsSinceEpoch)
    }

    static func span(_ span: TimeSpan) -> MariaDBValue { .integer(span.seconds) }
    static func count(_ count: some BinaryInteger) -> MariaDBValue { .integer(Int64(count)) }
    static func meter(_ id: MeterID) -> MariaDBValue { .integer(id.rawValue) }
}

extension MariaDBRow {
    func instant(_ column: String) throws(MariaDBError) -> Instant {
        Instant(secondsSinceEpoch: try timestamp(column))
    }

    func optionalInstant(_ column: String) throws(MariaDBError) -> Instant? {
        try optionalTimestamp(column).map { Instant(secondsSinceEpoch: $0) }
    }

    func span(_ column: String) throws(MariaDBError) -> TimeSpan {
        TimeSpan(seconds: try integer(column))
    }

    func optionalSpan(_ column: String) throws(MariaDBError) -> TimeSpan? {
        try optionalInteger(column).map { TimeSpan(seconds: $0) }
    }

    /// Of the columns `start_time` and `end_time`.
    func window() throws -> TimeWindow {
        guard let window = TimeWindow(start: try instant("start_time"), end: try instant("end_time")) else {
            throw StoredDataError(column: "end_time")
        }
        return window
    }

    func meter() throws(MariaDBError) -> MeterID { MeterID(try integer("meter_id")) }

    /// A word of a list, such as an ENUM.
    func word<Word: RawRepresentable<String>>(_ column: String, as type: Word.Type = Word.self) throws -> Word {
        guard let word = Word(rawValue: try text(column)) else { throw StoredDataError(column: column) }
        return word
    }

    func optionalWord<Word: RawRepresentable<String>>(
        _ column: String, as type: Word.Type = Word.self
    ) throws -> Word? {
        guard let text = try optionalText(column) else { return nil }
        guard let word = Word(rawValue: text) else { throw StoredDataError(column: column) }
        return word
    }

    func optionalUInt32(_ column: String) throws -> UInt32? {
        try optionalInteger(column).map { number in
            guard let value = UInt32(exactly: number) else { throw StoredDataError(column: column) }
            return value
        }
    }

    func uint32(_ column: String) throws -> UInt32 {
        guard let value = try optionalUInt32(column) else { throw StoredDataError(column: column) }
        return value
    }
}

/// A row holds what this program never writes.
public struct StoredDataError: Error, Hashable, Sendable, CustomStringConvertible {
    public let column: String

    public var description: String {
        "The database holds a value in column '\(column)' that this program cannot have written."
    }
}
