internal import CMariaDB

/// The memory of array binding (`STMT_ATTR_ARRAY_SIZE`): one bind per column, one element per row.
///
/// Numbers are contiguous arrays; text, bytes and times are arrays of pointers, which is what libmariadb reads when
/// `STMT_ATTR_ROW_SIZE` is 0. Every pointer lives until `deinit`; the statement is executed before.
final class BatchBuffer {
    let binds: UnsafeMutableBufferPointer<MYSQL_BIND>
    let rowCount: Int
    private var owned: [UnsafeMutableRawPointer] = []

    /// `rows` all have `columnCount` values.
    init(_ rows: ArraySlice<[MariaDBValue]>, columnCount: Int) throws(MariaDBError) {
        rowCount = rows.count
        binds = .allocate(capacity: max(columnCount, 1))
        binds.initialize(repeating: MYSQL_BIND())
        for column in 0..<columnCount {
            try bind(column, rows)
        }
    }

    /// A part of columns, which all have a row for each of its numbers.
    init(_ columns: [MariaDBColumn], rows: Range<Int>) throws(MariaDBError) {
        rowCount = rows.count
        binds = .allocate(capacity: max(columns.count, 1))
        binds.initialize(repeating: MYSQL_BIND())
        for (index, column) in columns.enumerated() {
            switch column {
            case .integers(let values): bind(index, MYSQL_TYPE_LONGLONG, copied(values[rows]))
            case .doubles(let values):
                for value in values[rows] { _ = try value.checkedFinite() }
                bind(index, MYSQL_TYPE_DOUBLE, copied(values[rows]))
            case .timestamps(let values): bind(index, MYSQL_TYPE_DATETIME, try times(values[rows]))
            case .constant(let value): try bindConstant(index, value)
            }
        }
    }

    deinit {
        for pointer in owned { pointer.deallocate() }
        binds.deallocate()
    }

    private func bind(_ column: Int, _ rows: ArraySlice<[MariaDBValue]>) throws(MariaDBError) {
        let indicators = allocate(CChar.self, rowCount)
        binds[column].u.indicator = indicators
        for (offset, row) in rows.enumerated() where row[column] == .null {
            indicators[offset] = CChar(STMT_INDICATOR_NULL.rawValue)
        }
        switch rows.first(where: { $0[column] != .null })?[column] ?? .integer(0) {
        case .null, .integer:
            binds[column].buffer_type = MYSQL_TYPE_LONGLONG
            binds[column].buffer = UnsafeMutableRawPointer(try integers(column, rows))
        case .double:
            binds[column].buffer_type = MYSQL_TYPE_DOUBLE
            binds[column].buffer = UnsafeMutableRawPointer(try doubles(column, rows))
        case .text:
            binds[column].buffer_type = MYSQL_TYPE_STRING
            try bindStrings(column, rows)
        case .bytes:
            binds[column].buffer_type = MYSQL_TYPE_BLOB
            try bindStrings(column, rows)
        case .timestamp:
            binds[column].buffer_type = MYSQL_TYPE_DATETIME
            binds[column].buffer = UnsafeMutableRawPointer(try times(column, rows))
        }
    }

    private func integers(
        _ column: Int, _ rows: ArraySlice<[MariaDBValue]>
    ) throws(MariaDBError) -> UnsafeMutablePointer<Int64> {
        let pointer = allocate(Int64.self, rowCount)
        for (offset, row) in rows.enumerated() {
            switch row[column] {
            case .null: continue
            case .integer(let value): pointer[offset] = value
            case let other: throw .mixedColumn(column, "an integer", other)
            }
        }
        return pointer
    }

    private func doubles(
        _ column: Int, _ rows: ArraySlice<[MariaDBValue]>
    ) throws(MariaDBError) -> UnsafeMutablePointer<Double> {
        let pointer = allocate(Double.self, rowCount)
        for (offset, row) in rows.enumerated() {
            switch row[column] {
            case .null: continue
            case .double(let value): pointer[offset] = try value.checkedFinite()
            case let other: throw .mixedColumn(column, "a double", other)
            }
        }
        return pointer
    }

    /// One block for the bytes of the whole column.
    private func bindStrings(_ column: Int, _ rows: ArraySlice<[MariaDBValue]>) throws(MariaDBError) {
        var bytes: [UInt8] = []
        let lengths = allocate(UInt.self, rowCount)
        let isText = binds[column].buffer_type == MYSQL_TYPE_STRING
        for (offset, row) in rows.enumerated() {
            let start = bytes.count
            switch (row[column], isText) {
            case (.null, _): continue
            case (.text(let text), true): bytes.append(contentsOf: text.utf8)
            case (.bytes(let value), false): bytes.append(contentsOf: value)
            case (let other, _): throw .mixedColumn(column, isText ? "text" : "bytes", other)
            }
            lengths[offset] = UInt(bytes.count - start)
        }
        let block = allocate(UInt8.self, max(bytes.count, 1))
        UnsafeMutableRawBufferPointer(start: block, count: bytes.count).copyBytes(from: bytes)
        let pointers = allocate(UnsafeMutableRawPointer?.self, rowCount)
        var start = 0
        for offset in 0..<rowCount {
            pointers[offset] = UnsafeMutableRawPointer(block + start)
            start += Int(lengths[offset])
        }
        binds[column].buffer = UnsafeMutableRawPointer(pointers)
        binds[column].length = lengths
    }

    private func times(
        _ column: Int, _ rows: ArraySlice<[MariaDBValue]>
    ) throws(MariaDBError) -> UnsafeMutablePointer<UnsafeMutableRawPointer?> {
        let block = allocate(MYSQL_TIME.self, rowCount)
        let pointers = allocate(UnsafeMutableRawPointer?.self, rowCount)
        for (offset, row) in rows.enumerated() {
            pointers[offset] = UnsafeMutableRawPointer(block + offset)
            switch row[column] {
            case .null: continue
            case .timestamp(let seconds): block[offset] = try CivilTime.encode(seconds)
            case let other: throw .mixedColumn(column, "a timestamp", other)
            }
        }
        return pointers
    }

    // MARK: Columns

    private func bind<Element>(
        _ column: Int, _ type: enum_field_types, _ buffer: UnsafeMutablePointer<Element>
    ) {
        binds[column].buffer_type = type
        binds[column].buffer = UnsafeMutableRawPointer(buffer)
    }

    private func copied<Element: BitwiseCopyable>(_ values: ArraySlice<Element>) -> UnsafeMutablePointer<Element> {
        let pointer = allocate(Element.self, values.count)
        _ = UnsafeMutableBufferPointer(start: pointer, count: values.count).update(from: values)
        return pointer
    }

    private func times(
        _ values: ArraySlice<Int64>
    ) throws(MariaDBError) -> UnsafeMutablePointer<UnsafeMutableRawPointer?> {
        let block = allocate(MYSQL_TIME.self, values.count)
        let pointers = allocate(UnsafeMutableRawPointer?.self, values.count)
        for (offset, seconds) in values.enumerated() {
            block[offset] = try CivilTime.encode(seconds)
            pointers[offset] = UnsafeMutableRawPointer(block + offset)
        }
        return pointers
    }

    /// A column of one value: numbers are repeated, and of text, bytes and times the pointers.
    private func bindConstant(_ column: Int, _ value: MariaDBValue) throws(MariaDBError) {
        switch value {
        case .integer(let number): bind(column, MYSQL_TYPE_LONGLONG, repeated(number))
        case .double(let number): bind(column, MYSQL_TYPE_DOUBLE, repeated(try number.checkedFinite()))
        case .text(let text): bindConstant(column, MYSQL_TYPE_STRING, Array(text.utf8))
        case .bytes(let bytes): bindConstant(column, MYSQL_TYPE_BLOB, bytes)
        case .timestamp(let seconds):
            let time = allocate(MYSQL_TIME.self, 1)
            time.pointee = try CivilTime.encode(seconds)
            bind(column, MYSQL_TYPE_DATETIME, repeated(UnsafeMutableRawPointer?(UnsafeMutableRawPointer(time))))
        case .null:
            bind(column, MYSQL_TYPE_LONGLONG, repeated(Int64(0)))
            binds[column].u.indicator = repeated(CChar(STMT_INDICATOR_NULL.rawValue))
        }
    }

    private func bindConstant(_ column: Int, _ type: enum_field_types, _ bytes: [UInt8]) {
        let block = allocate(UInt8.self, max(bytes.count, 1))
        UnsafeMutableRawBufferPointer(start: block, count: bytes.count).copyBytes(from: bytes)
        bind(column, type, repeated(UnsafeMutableRawPointer?(UnsafeMutableRawPointer(block))))
        binds[column].length = repeated(UInt(bytes.count))
    }

    private func repeated<Element: BitwiseCopyable>(_ value: Element) -> UnsafeMutablePointer<Element> {
        let pointer = allocate(Element.self, rowCount)
        pointer.update(repeating: value, count: rowCount)
        return pointer
    }

    /// Zeroed memory that lives as long as this object.
    private func allocate<Element: BitwiseCopyable>(
        _ type: Element.Type, _ count: Int
    ) -> UnsafeMutablePointer<Element> {
        let byteCount = MemoryLayout<Element>.stride * count
        let pointer = UnsafeMutableRawPointer.allocate(
            byteCount: byteCount, alignment: MemoryLayout<Element>.alignment)
        pointer.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        owned.append(pointer)
        return pointer.bindMemory(to: type, capacity: count)
    }
}

extension MariaDBError {
    fileprivate static func mixedColumn(_ column: Int, _ expected: String, _ found: MariaDBValue) -> MariaDBError {
        .unexpectedData("Column \(column + 1) of a batch mixes \(expected) with \(found.typeName).")
    }
}
