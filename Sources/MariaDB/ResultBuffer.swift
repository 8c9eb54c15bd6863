internal import CMariaDB

/// The memory that libmariadb writes one row of a result to, and how to read it.
///
/// Every pointer lives until `deinit`; the statement's result is freed before.
final class ResultBuffer {
    private enum Reading {
        case integer(isUnsigned: Bool)
        case double
        case text
        case bytes
        case time
    }

    /// Most columns fit; `mysql_stmt_fetch_column` reads the rest of longer ones.
    private static let inlineBytes = 512

    let columns: [String]
    let binds: UnsafeMutableBufferPointer<MYSQL_BIND>
    private let readings: [Reading]
    private let lengths: UnsafeMutablePointer<UInt>
    private let nulls: UnsafeMutablePointer<my_bool>
    private let errors: UnsafeMutablePointer<my_bool>
    private let block: UnsafeMutableRawPointer

    init(_ fields: UnsafeBufferPointer<MYSQL_FIELD>) {
        let count = fields.count
        columns = fields.map { field in
            String(
                decoding: UnsafeRawBufferPointer(start: field.name, count: Int(field.name_length)), as: UTF8.self)
        }
        readings = fields.map(Self.reading)
        binds = .allocate(capacity: count)
        binds.initialize(repeating: MYSQL_BIND())
        lengths = .allocate(capacity: count)
        lengths.initialize(repeating: 0, count: count)
        nulls = .allocate(capacity: count)
        nulls.initialize(repeating: 0, count: count)
        errors = .allocate(capacity: count)
        errors.initialize(repeating: 0, count: count)
        block = .allocate(byteCount: max(count, 1) * Self.inlineBytes, alignment: 16)
        for index in 0..<count {
            binds[index].buffer = block + index * Self.inlineBytes
            binds[index].buffer_length = UInt(Self.inlineBytes)
            binds[index].length = lengths + index
            binds[index].is_null = nulls + index
            binds[index].error = errors + index
            prepare(&binds[index], readings[index])
        }
    }

    deinit {
        binds.deallocate()
        lengths.deallocate()
        nulls.deallocate()
        errors.deallocate()
        block.deallocate()
    }

    private func prepare(_ bind: inout MYSQL_BIND, _ reading: Reading) {
        switch reading {
        case .integer(let isUnsigned):
            bind.buffer_type = MYSQL_TYPE_LONGLONG
            bind.is_unsigned = isUnsigned ? 1 : 0
        case .double: bind.buffer_type = MYSQL_TYPE_DOUBLE
        case .text: bind.buffer_type = MYSQL_TYPE_STRING
        case .bytes: bind.buffer_type = MYSQL_TYPE_BLOB
        case .time: bind.buffer_type = MYSQL_TYPE_DATETIME
        }
    }

    private static func reading(_ field: MYSQL_FIELD) -> Reading {
        let binaryCharacterSet: UInt32 = 63
        switch field.type {
        case MYSQL_TYPE_TINY, MYSQL_TYPE_SHORT, MYSQL_TYPE_INT24, MYSQL_TYPE_LONG, MYSQL_TYPE_LONGLONG,
            MYSQL_TYPE_YEAR, MYSQL_TYPE_NULL:
            return .integer(isUnsigned: field.flags & UInt32(UNSIGNED_FLAG) != 0)
        case MYSQL_TYPE_FLOAT, MYSQL_TYPE_DOUBLE:
            return .double
        case MYSQL_TYPE_DATETIME, MYSQL_TYPE_TIMESTAMP:
            return .time
        case MYSQL_TYPE_DECIMAL, MYSQL_TYPE_NEWDECIMAL, MYSQL_TYPE_DATE, MYSQL_TYPE_NEWDATE, MYSQL_TYPE_TIME:
            return .text
        case MYSQL_TYPE_BIT, MYSQL_TYPE_GEOMETRY:
            return .bytes
        default:
            return field.charsetnr == binaryCharacterSet ? .bytes : .text
        }
    }

    /// The row that was just fetched with `statement`.
    func row(_ statement: UnsafeMutablePointer<MYSQL_STMT>) throws(MariaDBError) -> MariaDBRow {
        var values: [MariaDBValue] = []
        values.reserveCapacity(columns.count)
        for index in columns.indices {
            values.append(try value(index, statement))
        }
        return MariaDBRow(columns: columns, values: values)
    }

    private func value(
        _ index: Int, _ statement: UnsafeMutablePointer<MYSQL_STMT>
    ) throws(MariaDBError) -> MariaDBValue {
        guard nulls[index] == 0 else { return .null }
        let buffer = block + index * Self.inlineBytes
        switch readings[index] {
        case .integer(let isUnsigned):
            let value = buffer.load(as: Int64.self)
            guard !isUnsigned || value >= 0 else {
                throw .unexpectedData("Column '\(columns[index])' is larger than a signed 64-bit integer.")
            }
            return .integer(value)
        case .double:
            return .double(buffer.load(as: Double.self))
        case .time:
            return .timestamp(secondsSinceEpoch: try CivilTime.decode(buffer.load(as: MYSQL_TIME.self)))
        case .bytes:
            return .bytes(try bytes(index, statement))
        case .text:
            guard let text = String(validating: try bytes(index, statement), as: UTF8.self) else {
                throw .unexpectedData("Column '\(columns[index])' is not UTF-8.")
            }
            return .text(text)
        }
    }

    private func bytes(
        _ index: Int, _ statement: UnsafeMutablePointer<MYSQL_STMT>
    ) throws(MariaDBError) -> [UInt8] {
        let length = Int(lengths[index])
        if length <= Self.inlineBytes {
            return Array(
                UnsafeRawBufferPointer(start: block + index * Self.inlineBytes, count: length))
        }
        var failure: Int32 = 0
        let whole = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            var bind = MYSQL_BIND()
            prepare(&bind, readings[index])
            bind.buffer = UnsafeMutableRawPointer(buffer.baseAddress)
            bind.buffer_length = UInt(length)
            failure = mysql_stmt_fetch_column(statement, &bind, UInt32(index), 0)
            count = failure == 0 ? length : 0
        }
        guard failure == 0 else { throw Session.failure(of: statement) }
        return whole
    }
}
