/// Cuts bytes into the records and cells of RFC 4180, one byte at a time and in one pass.
///
/// Lines end with LF or CRLF; a byte order mark, blank lines and a missing line end at the end are accepted; a quote
/// inside an unquoted cell, text after a closing quote, a lone CR, a NUL and bytes that are not UTF-8 are not.
///
/// ```
///            ┌──── delimiter, line end ────┐
///            ▼                             │
///   ──▶  cellStart ──── other ────▶ plain ─┤
///            │  quote                      │
///            ▼                             │
///         quoted ◀──▶ quoteInQuoted ───────┘
/// ```
public struct CSVTokenizer: Sendable {
    private enum State {
        case cellStart, plain, quoted, quoteInQuoted, carriageReturn
    }

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// The last complete record: valid after `push` or `finish` said so, until the next call.
    public private(set) var row = CSVRow()

    private let delimiter: UInt8
    private let limits: CSVLimits
    private var state = State.cellStart
    private var line = 1
    private var cellBegin = 0
    private var cellIsASCII = true
    private var rowIsComplete = false
    private var rowIsQuoted = false
    /// How many bytes of a byte order mark have been seen at the start; nil once that is settled.
    private var markBytes: Int? = 0

    public init(delimiter: UInt8 = UInt8(ascii: ","), limits: CSVLimits = CSVLimits()) {
        self.delimiter = delimiter
        self.limits = limits
    }

    /// Takes the next byte; true when it completed a record, which `row` then holds.
    public mutating func push(_ byte: UInt8) throws(CSVError) -> Bool {
        guard let seen = markBytes else { return try take(byte) }
        if byte == Self.byteOrderMark[seen] {
            markBytes = seen == 2 ? nil : seen + 1
            return false
        }
        markBytes = nil
        for held in Self.byteOrderMark[0..<seen] { _ = try take(held) }
        return try take(byte)
    }

    /// Takes bytes from `index` on until a record is complete, which `row` then holds, or until there are none left;
    /// `index` is behind the last one that was taken. True when a record is complete.
    ///
    /// What stands between two marks is taken as a piece: several times as fast as byte by byte.
    public mutating func push(_ bytes: [UInt8], from index: inout Int) throws(CSVError) -> Bool {
        while index < bytes.count {
            if markBytes == nil, state == .cellStart || state == .plain {
                takePlainRun(bytes, &index)
                guard index < bytes.count else { return false }
            }
            index += 1
            if try push(bytes[index - 1]) { return true }
        }
        return false
    }

    /// Takes bytes that are nothing but text of a cell, unless that would break a limit, which `append` tells then.
    private mutating func takePlainRun(_ bytes: [UInt8], _ index: inout Int) {
        var end = index
        while end < bytes.count, isPlain(bytes[end]) { end += 1 }
        guard end > index else { return }
        beginRowIfNeeded()
        guard row.bytes.count - cellBegin + end - index <= limits.cellBytes,
            row.bytes.count + end - index <= limits.rowBytes
        else { return }
        row.bytes.append(contentsOf: bytes[index..<end])
        state = .plain
        index = end
    }

    private func isPlain(_ byte: UInt8) -> Bool {
        byte != delimiter && byte != UInt8(ascii: "\n") && byte != UInt8(ascii: "\r") && byte != UInt8(ascii: "\"")
            && byte != 0 && byte < 0x80
    }

    /// Says that no byte follows; true when that completed a last record.
    public mutating func finish() throws(CSVError) -> Bool {
        if let seen = markBytes, seen > 0 { throw error("half a byte order mark", "text") }
        markBytes = nil
        switch state {
        case .quoted: throw error("the end of the file", "a closing quote")
        case .carriageReturn: throw error("a carriage return", "a line feed after it")
        case .cellStart, .plain, .quoteInQuoted:
            beginRowIfNeeded()
            guard !row.bytes.isEmpty || !row.ends.isEmpty || rowIsQuoted else { return false }
            return try endRow()
        }
    }

    private mutating func take(_ byte: UInt8) throws(CSVError) -> Bool {
        beginRowIfNeeded()
        switch state {
        case .carriageReturn:
            guard byte == UInt8(ascii: "\n") else { throw error("a carriage return", "a line feed after it") }
            return try endLine()
        case .quoted:
            if byte == UInt8(ascii: "\"") {
                state = .quoteInQuoted
            } else {
                try append(byte)
                if byte == UInt8(ascii: "\n") { line += 1 }
            }
            return false
        case .quoteInQuoted where byte == UInt8(ascii: "\""):
            try append(byte)
            state = .quoted
            return false
        case .cellStart, .plain, .quoteInQuoted:
            return try takeOutsideQuotes(byte)
        }
    }

    private mutating func takeOutsideQuotes(_ byte: UInt8) throws(CSVError) -> Bool {
        if byte == delimiter {
            try endCell()
            return false
        }
        switch byte {
        case UInt8(ascii: "\n"): return try endLine()
        case UInt8(ascii: "\r"): state = .carriageReturn
        case UInt8(ascii: "\""):
            guard state == .cellStart else { throw error("a quote inside a cell", "the whole cell in quotes") }
            state = .quoted
            rowIsQuoted = true
        default:
            guard state != .quoteInQuoted else {
                throw error("text after a closing quote", "a delimiter or the end of the line")
            }
            state = .plain
            try append(byte)
        }
        return false
    }

    private mutating func append(_ byte: UInt8) throws(CSVError) {
        guard byte != 0 else { throw error("a NUL byte", "text") }
        guard row.bytes.count - cellBegin < limits.cellBytes else {
            throw error("a cell of more than \(limits.cellBytes) bytes", "a shorter one")
        }
        guard row.bytes.count < limits.rowBytes else {
            throw error("a record of more than \(limits.rowBytes) bytes", "a shorter one")
        }
        if byte >= 0x80 { cellIsASCII = false }
        row.bytes.append(byte)
    }

    private mutating func endCell() throws(CSVError) {
        guard row.ends.count < limits.columns else {
            throw error("more than \(limits.columns) columns", "fewer")
        }
        if !cellIsASCII, String(validating: row.bytes[cellBegin...], as: UTF8.self) == nil {
            throw error("bytes that are not UTF-8", "UTF-8 text")
        }
        row.ends.append(row.bytes.count)
        cellBegin = row.bytes.count
        cellIsASCII = true
        state = .cellStart
    }

    private mutating func endLine() throws(CSVError) -> Bool {
        let isBlank = row.bytes.isEmpty && row.ends.isEmpty && !rowIsQuoted
        defer { line += 1 }
        guard !isBlank else {
            state = .cellStart
            rowIsComplete = true
            return false
        }
        return try endRow()
    }

    private mutating func endRow() throws(CSVError) -> Bool {
        try endCell()
        rowIsComplete = true
        return true
    }

    private mutating func beginRowIfNeeded() {
        guard rowIsComplete else { return }
        rowIsComplete = false
        rowIsQuoted = false
        row.bytes.removeAll(keepingCapacity: true)
        row.ends.removeAll(keepingCapacity: true)
        row.line = line
        cellBegin = 0
    }

    private func error(_ found: String, _ expected: String) -> CSVError {
        CSVError(line: line, found: found, expected: expected)
    }
}
