import Glibc

/// How far a long work is, with the time that is left; on a terminal only, at most ten times a second.
final class ProgressBar {
    private let title: String
    private let total: Int
    private let isShown: Bool
    private let began = ContinuousClock.now
    private var drawn: ContinuousClock.Instant?

    init(_ title: String, total: Int, isQuiet: Bool) {
        self.title = title
        self.total = total
        isShown = !isQuiet && total > 0 && isatty(STDERR_FILENO) == 1
    }

    func show(_ done: Int) {
        let now = ContinuousClock.now
        guard isShown, done > 0, drawn.map({ now - $0 > .milliseconds(100) }) ?? true else { return }
        drawn = now
        let spent = Double(began.duration(to: now).components.seconds)
        let left = Int64(spent * Double(total - done) / Double(done))
        let filled = min(24, 24 * done / total)
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 24 - filled)
        LogSink.errorStream.write("\r\u{1B}[K\(title) [\(bar)] \(100 * done / total) %, \(left) s left")
    }

    func finish() {
        if isShown, drawn != nil { LogSink.errorStream.write("\r\u{1B}[K") }
    }
}
