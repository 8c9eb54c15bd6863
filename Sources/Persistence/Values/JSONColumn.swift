import FoundationEssentials
import MariaDB

/// Lists that are read and written as a whole stand in JSON columns. Keys are sorted: equal values are equal text.
enum JSONColumn {
    static func value(_ value: some Encodable) throws -> MariaDBValue {
        .text(String(decoding: try bytes(value), as: UTF8.self))
    }

    /// The same text as bytes, for hashing.
    static func bytes(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }
}

extension MariaDBRow {
    func json<Value: Decodable>(_ column: String, as type: Value.Type = Value.self) throws -> Value {
        let text = try text(column)
        do {
            return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
        } catch {
            throw StoredDataError(column: column)
        }
    }
}
