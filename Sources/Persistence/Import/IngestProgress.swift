/// Which lines of a stream are safe, while transactions with some of them each end in any order.
struct IngestProgress: Sendable {
    /// The first line of each transaction that is under way.
    private var open: [Int: Int] = [:]
    private var next = 0
    private var last = 0
    /// Every row that begins on this line or before is on the disk, or was refused.
    private(set) var safe = 0

    /// Everything up to `line` has been read; the transactions of its rows begin before it is said.
    mutating func read(to line: Int) {
        last = max(last, line)
        advance()
    }

    mutating func begin(firstLine: Int) -> Int {
        next += 1
        open[next] = firstLine
        return next
    }

    mutating func end(_ transaction: Int) {
        open[transaction] = nil
        advance()
    }

    private mutating func advance() {
        safe = max(safe, (open.values.min() ?? last + 1) - 1)
    }
}
