/// One record of a CSV file: the bytes of its cells, unquoted, and the line on which it began.
public struct CSVRow: Sendable {
    /// The number of the line on which the record begins; the first line is 1.
    public internal(set) var line = 1
    /// The cells one after the other.
    var bytes: [UInt8] = []
    /// Where each cell ends in `bytes`.
    var ends: [Int] = []

    /// The number of cells.
    public var count: Int { ends.count }

    /// The bytes of a cell, valid UTF-8.
    public subscript(column: Int) -> ArraySlice<UInt8> {
        bytes[(column == 0 ? 0 : ends[column - 1])..<ends[column]]
    }

    /// A cell as text.
    public func text(_ column: Int) -> String { String(decoding: self[column], as: UTF8.self) }

    /// All cells as text.
    public var texts: [String] { (0..<count).map(text) }
}

/// What a CSV file may not do; every limit refuses, none cuts off.
public struct CSVLimits: Sendable {
    public var columns = 1_024
    /// Bytes of one cell.
    public var cellBytes = 4_096
    /// Bytes of one record.
    public var rowBytes = 65_536

    public init() {}
}

/// Why the bytes are no CSV (RFC 4180), and on which line.
public struct CSVError: Error, Hashable, Sendable {
    public let line: Int
    public let found: String
    public let expected: String
}
