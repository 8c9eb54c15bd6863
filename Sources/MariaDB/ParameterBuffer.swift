internal import CMariaDB

/// The memory that libmariadb reads the parameters of one statement from.
///
/// Every pointer lives until `deinit`; the statement is executed before.
final class ParameterBuffer {
    let binds: UnsafeMutableBufferPointer<MYSQL_BIND>
    private var owned: [UnsafeMutableRawPointer] = []

    init(_ values: [MariaDBValue]) throws(MariaDBError) {
        binds = .allocate(capacity: max(values.count, 1))
        binds.initialize(repeating: MYSQL_BIND())
        for (index, value) in values.enumerated() {
            switch value {
            case .null:
                binds[index].buffer_type = MYSQL_TYPE_NULL
            case .integer(let integer):
                bind(index, MYSQL_TYPE_LONGLONG, integer)
            case .double(let double):
                bind(index, MYSQL_TYPE_DOUBLE, try double.checkedFinite())
            case .text(let text):
                bind(index, MYSQL_TYPE_STRING, bytes: Array(text.utf8))
            case .bytes(let bytes):
                bind(index, MYSQL_TYPE_BLOB, bytes: bytes)
            case .timestamp(let seconds):
                bind(index, MYSQL_TYPE_DATETIME, try CivilTime.encode(seconds))
            }
        }
    }

    deinit {
        for pointer in owned { pointer.deallocate() }
        binds.deallocate()
    }

    private func bind<Value: BitwiseCopyable>(_ index: Int, _ type: enum_field_types, _ value: Value) {
        let pointer = UnsafeMutableRawPointer.allocate(
            byteCount: MemoryLayout<Value>.size, alignment: MemoryLayout<Value>.alignment)
        pointer.storeBytes(of: value, as: Value.self)
        owned.append(pointer)
        binds[index].buffer_type = type
        binds[index].buffer = pointer
    }

    /// libmariadb takes `buffer_length` as the length when `length` is nil.
    private func bind(_ index: Int, _ type: enum_field_types, bytes: [UInt8]) {
        let pointer = UnsafeMutableRawPointer.allocate(byteCount: max(bytes.count, 1), alignment: 1)
        UnsafeMutableRawBufferPointer(start: pointer, count: bytes.count).copyBytes(from: bytes)
        owned.append(pointer)
        binds[index].buffer_type = type
        binds[index].buffer = pointer
        binds[index].buffer_length = UInt(bytes.count)
    }
}

extension Double {
    /// The server has no NaN and no infinity.
    func checkedFinite() throws(MariaDBError) -> Double {
        guard isFinite else { throw .unexpectedData("A parameter is not a finite number.") }
        return self
    }
}
