/// A file of SQL, cut into statements as the command-line client would do it: comments, quotes and `DELIMITER` lines
/// are understood.
struct SQLScript: Hashable, Sendable {
    struct Statement: Hashable, Sendable {
        let text: String
        /// Of the file, counted from 1.
        let line: Int

        /// The first line, to name the statement in a message.
        var title: String { String(text.prefix { $0 != "\n" }) }
    }

    let statements: [Statement]

    init(_ text: String) {
        var reader = Reader(Array(text.utf8))
        statements = reader.read()
    }

    private struct Reader {
        private let bytes: [UInt8]
        private var position = 0
        private var line = 1
        private var delimiter: [UInt8] = [UInt8(ascii: ";")]
        private var statement: [UInt8] = []
        private var firstLine = 1
        private var statements: [Statement] = []

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
        }

        mutating func read() -> [Statement] {
            while position < bytes.count {
                if startsLineComment {
                    skipLine()
                } else if starts(with: Array("/*".utf8)) {
                    copy(until: Array("*/".utf8))
                } else if [UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`")].contains(bytes[position]) {
                    copyQuoted()
                } else if statement.isEmpty, isWhite(bytes[position]) {
                    step()
                } else if statement.isEmpty, starts(with: Array("DELIMITER ".utf8)) {
                    readDelimiter()
                } else if starts(with: delimiter) {
                    position += delimiter.count
                    finish()
                } else {
                    take()
                }
            }
            finish()
            return statements
        }

        private var startsLineComment: Bool {
            bytes[position] == UInt8(ascii: "#")
                || (starts(with: Array("--".utf8)) && (position + 2 >= bytes.count || isWhite(bytes[position + 2])))
        }

        private func starts(with text: [UInt8]) -> Bool {
            bytes[position...].starts(with: text)
        }

        private func isWhite(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || isNewline(byte) || byte == UInt8(ascii: "\r")
        }

        private func isNewline(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") }

        private mutating func step() {
            if isNewline(bytes[position]) { line += 1 }
            position += 1
        }

        private mutating func take() {
            if statement.isEmpty { firstLine = line }
            statement.append(bytes[position])
            step()
        }

        private mutating func skipLine() {
            while position < bytes.count, !isNewline(bytes[position]) { position += 1 }
        }

        private mutating func copy(until end: [UInt8]) {
            while position < bytes.count, !starts(with: end) { take() }
            for _ in 0..<min(end.count, bytes.count - position) { take() }
        }

        /// A doubled quote inside ends one text and starts another, which comes to the same.
        private mutating func copyQuoted() {
            let quote = bytes[position]
            take()
            while position < bytes.count, bytes[position] != quote {
                if bytes[position] == UInt8(ascii: "\\"), quote != UInt8(ascii: "`"), position + 1 < bytes.count {
                    take()
                }
                take()
            }
            if position < bytes.count { take() }
        }

        private mutating func readDelimiter() {
            position += "DELIMITER ".utf8.count
            let start = position
            skipLine()
            let word = bytes[start..<position].filter { !isWhite($0) }
            if !word.isEmpty { delimiter = word }
        }

        private mutating func finish() {
            while let last = statement.last, isWhite(last) { statement.removeLast() }
            if !statement.isEmpty {
                statements.append(Statement(text: String(decoding: statement, as: UTF8.self), line: firstLine))
            }
            statement = []
        }
    }
}
