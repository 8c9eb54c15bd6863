import Measures

/// Finds out how a table of meter values is written, from its beginning.
public enum TableSniffer {
    /// Bytes that are enough to find it out.
    public static let sampleBytes = 256 << 10
    /// Rows of values that are looked at.
    static let rows = 2_000

    /// The plan for a file that begins with `sample`; assumptions stand in its notes.
    ///
    /// - Parameter isWhole: whether the sample is the whole file; otherwise its last line is left out.
    /// - Throws: `ImportError.unrecognized`, with what is missing.
    public static func plan(_ sample: [UInt8], isWhole: Bool) throws(ImportError) -> ImportPlan {
        let sample =
            isWhole ? sample[...] : (sample.lastIndex(of: UInt8(ascii: "\n")).map { sample[...$0] } ?? sample[...])
        guard !sample.isEmpty else { throw .unrecognized("the file is empty") }
        guard !sample.prefix(4).contains(0) else { throw .unrecognized("it is not UTF-8 text") }
        let table = try SampleTable(Array(sample))
        var finder = PlanFinder(table)
        return try finder.plan()
    }
}

/// The rows of a sample, cut by the delimiter that makes most of them equally long.
struct SampleTable {
    let delimiter: UInt8
    /// Of the file: those before `rows` begin.
    let skippedLines: Int
    let header: [String]
    let rows: [CSVRow]
    let columns: Int

    init(_ sample: [UInt8]) throws(ImportError) {
        var best: (score: Double, delimiter: UInt8, rows: [CSVRow], columns: Int)?
        for delimiter in [";", "\t", "|", ","].compactMap({ $0.utf8.first }) {
            guard let rows = Self.rows(sample, delimiter), let mode = Self.mode(rows.map(\.count)), mode.value > 1
            else { continue }
            let score = Double(mode.count) / Double(rows.count)
            if score > (best?.score ?? 0) + 0.05 { best = (score, delimiter, rows, mode.value) }
        }
        guard let best else { throw .unrecognized("no delimiter of ; tab | , makes columns of it") }
        guard let first = best.rows.firstIndex(where: { $0.count == best.columns }) else {
            throw .unrecognized("it has no rows")
        }
        delimiter = best.delimiter
        columns = best.columns
        let hasHeader = !Self.hasValue(best.rows[first])
        let begin = hasHeader ? first + 1 : first
        header = hasHeader ? best.rows[first].texts : []
        rows = Array(best.rows[begin...].filter { $0.count == best.columns }.prefix(TableSniffer.rows))
        guard let firstRow = rows.first else { throw .unrecognized("it has a header but no row of values") }
        skippedLines = firstRow.line - 1
    }

    /// Nil where the bytes are no table with that delimiter.
    private static func rows(_ sample: [UInt8], _ delimiter: UInt8) -> [CSVRow]? {
        var limits = CSVLimits()
        limits.columns = 4_096
        var tokenizer = CSVTokenizer(delimiter: delimiter, limits: limits)
        var rows: [CSVRow] = []
        do {
            for byte in sample where try tokenizer.push(byte) {
                rows.append(tokenizer.row)
                guard rows.count < TableSniffer.rows + 50 else { return rows }
            }
            if try tokenizer.finish() { rows.append(tokenizer.row) }
        } catch {
            // What was read until the bad line tells enough; the import names the line.
            return rows.count > 2 ? rows : nil
        }
        return rows.isEmpty ? nil : rows
    }

    private static func mode(_ counts: [Int]) -> (value: Int, count: Int)? {
        Dictionary(grouping: counts, by: { $0 }).map { (value: $0.key, count: $0.value.count) }
            .max { ($0.count, $0.value) < ($1.count, $1.value) }
    }

    /// Whether a row has a number or a time that is no name of a column; `00:00` and `1` are names of hours.
    private static func hasValue(_ row: CSVRow) -> Bool {
        let times = ImportPlan.DateOrder.allCases.map { FlexibleTime(order: $0) }
        let first = Cell.trimmed(row[0])
        if times.contains(where: { $0.stamp(first) != nil || $0.day(first) != nil }) { return true }
        return (0..<row.count).contains { column in
            let cell = Cell.trimmed(row[column])
            return times.contains { $0.stamp(cell) != nil || $0.day(cell) != nil }
        }
    }

    /// The cells of a column.
    func cells(_ column: Int) -> [ArraySlice<UInt8>] { rows.map { Cell.trimmed($0[column]) } }

    /// Whether nine of ten cells of a column are so: a few bad rows do not hide what it is.
    func mostly(_ column: Int, _ isSo: (ArraySlice<UInt8>) -> Bool) -> Bool {
        rows.count { isSo(Cell.trimmed($0[column])) } * 10 >= rows.count * 9
    }

    /// Lower case, words joined by spaces.
    func name(_ column: Int) -> String {
        guard header.indices.contains(column) else { return "" }
        return header[column].lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: " ")
    }
}
