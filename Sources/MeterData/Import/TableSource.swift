public import Measures

/// Values of a file in the order of the file, some at a time.
public struct ImportChunk: Sendable {
    public let values: [ImportedValue]
    /// Bytes of the file that were read until now.
    public let bytes: Int

    public init(values: [ImportedValue], bytes: Int) {
        self.values = values
        self.bytes = bytes
    }
}

/// Reads a table piece by piece; memory does not grow with the file.
public struct TableSource {
    /// What was read, and what was not taken.
    public var reader: TableReader
    /// The line on which the last complete row began.
    public private(set) var line = 0

    private var tokenizer: CSVTokenizer
    private let skippedLines: Int
    private let nextBytes: () throws -> [UInt8]
    private var bytes = 0
    private var isOver = false

    /// - Parameters:
    ///   - zone: as `TableReader` has it.
    ///   - nextBytes: the next piece of the file, empty at its end; not needed by whoever calls `take`.
    public init(
        _ plan: ImportPlan, zone: @escaping @Sendable (String) -> ZoneRules?,
        nextBytes: @escaping () throws -> [UInt8] = { [] }
    ) throws(ImportError) {
        reader = try TableReader(plan, zone: zone)
        var limits = CSVLimits()
        limits.columns = 4_096
        tokenizer = CSVTokenizer(delimiter: plan.delimiter.utf8.first ?? UInt8(ascii: ","), limits: limits)
        skippedLines = plan.skippedLines
        self.nextBytes = nextBytes
    }

    /// The values of the next piece, perhaps none; nil at the end of the file.
    public mutating func next() throws -> ImportChunk? {
        guard !isOver else { return nil }
        return try take(try nextBytes())
    }

    /// The values of a piece that the caller has read; an empty one is the end.
    public mutating func take(_ piece: [UInt8]) throws(ImportError) -> ImportChunk {
        var values: [ImportedValue] = []
        do throws(CSVError) {
            var index = 0
            while try tokenizer.push(piece, from: &index) { take(&values) }
            if piece.isEmpty {
                isOver = true
                if try tokenizer.finish() { take(&values) }
            }
        } catch {
            throw ImportError.malformed(line: error.line, found: error.found, expected: error.expected)
        }
        bytes += piece.count
        return ImportChunk(values: values, bytes: bytes)
    }

    private mutating func take(_ values: inout [ImportedValue]) {
        line = tokenizer.row.line
        guard tokenizer.row.line > skippedLines else { return }
        reader.take(tokenizer.row) { values.append($0) }
    }
}
