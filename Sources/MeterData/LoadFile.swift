import Foundation

/// Reads one CSV file in chunks, in one pass.
enum LoadFile {
    static func read(
        _ path: String, named file: String, options: LoadOptions
    ) throws(MeterDataError) -> LoadFileReader.Contents {
        // A pipe or a device of that name would never end.
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let kind = try? FileManager.default.attributesOfItem(atPath: target)[.type] as? FileAttributeType
        guard kind == .typeRegular, let handle = FileHandle(forReadingAtPath: target) else {
            throw .fileUnreadable(path)
        }
        defer { try? handle.close() }
        return try read(file, options: options) { () throws(MeterDataError) in
            do {
                // Nil at the end of the file.
                return try handle.read(upToCount: 1 << 16).map { [UInt8]($0) } ?? []
            } catch {
                throw MeterDataError.fileUnreadable(path)
            }
        }
    }

    /// - Parameter chunk: the next bytes, none at the end.
    static func read(
        _ file: String, options: LoadOptions, chunk: () throws(MeterDataError) -> [UInt8]
    ) throws(MeterDataError) -> LoadFileReader.Contents {
        var bytes = try chunk()
        let delimiter = delimiter(of: bytes)
        var tokenizer = CSVTokenizer(delimiter: delimiter, limits: options.csv)
        var reader = try LoadFileReader(file: file, options: options, decimalComma: delimiter != UInt8(ascii: ","))
        var total = 0
        do {
            while !bytes.isEmpty {
                total += bytes.count
                guard total <= options.fileBytes else {
                    throw MeterDataError.fileTooLarge(file: file, limit: options.fileBytes)
                }
                for byte in bytes where try tokenizer.push(byte) { try reader.take(tokenizer.row) }
                bytes = try chunk()
            }
            if try tokenizer.finish() { try reader.take(tokenizer.row) }
        } catch let error as CSVError {
            throw .malformed(file: file, line: error.line, found: error.found, expected: error.expected)
        } catch let error as MeterDataError {
            throw error
        } catch {
            throw .fileUnreadable(file)
        }
        return try reader.finish()
    }

    /// The most frequent of the usual delimiters in the first line.
    private static func delimiter(of bytes: [UInt8]) -> UInt8 {
        let header = bytes.prefix { $0 != UInt8(ascii: "\n") }
        let counted = [",", ";", "\t", "|"].compactMap { $0.utf8.first }.map { delimiter in
            (delimiter: delimiter, count: header.count { $0 == delimiter })
        }
        guard let best = counted.max(by: { $0.count < $1.count }), best.count > 0 else { return UInt8(ascii: ",") }
        return best.delimiter
    }
}
