import Glibc
import Synchronization

/// Progress for people, on the error stream: a line for each step, with a moving counter when a terminal is watching.
final class Console: Sendable {
    private struct State {
        var step = 0
        var title = ""
        var began = ContinuousClock.now
        var lastDrawn: ContinuousClock.Instant?
    }

    private let steps: Int
    private let quiet: Bool
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let state = Mutex(State())

    init(steps: Int, quiet: Bool) {
        self.steps = steps
        self.quiet = quiet
    }

    /// Ends the step before and begins the next one.
    func begin(_ title: String) {
        state.withLock { state in
            state.step += 1
            state.title = title
            state.began = .now
            state.lastDrawn = nil
            if isTerminal { draw("\(prefix(state))\(title) ...") }
        }
    }

    /// Moves the counter of the running step; at most ten times a second, and only on a terminal.
    func progress(_ done: Int, of total: Int) {
        guard isTerminal, total > 0 else { return }
        state.withLock { state in
            let now = ContinuousClock.now
            if let last = state.lastDrawn, now - last < .milliseconds(100) { return }
            state.lastDrawn = now
            let width = 24
            let filled = min(width, width * done / total)
            let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
            draw("\(prefix(state))\(state.title) [\(bar)] \(done)/\(total)")
        }
    }

    /// Replaces the running text of a step, such as a clock; only on a terminal.
    func note(_ text: String) {
        guard isTerminal else { return }
        state.withLock { draw("\(prefix($0))\($0.title): \(text)") }
    }

    /// Ends the running step with its result.
    func finish(_ result: String) {
        state.withLock { state in
            let spent = state.began.duration(to: .now).formatted
            let line = "\(prefix(state))\(state.title): \(result) (\(spent))"
            if isTerminal {
                draw(line + "\n")
            } else {
                write(line + "\n")
            }
        }
    }

    /// A line of its own, for those who want to know more.
    func remark(_ text: String) {
        state.withLock { _ in write("        \(text)\n") }
    }

    private func prefix(_ state: State) -> String {
        let number = String(state.step)
        return "[\(String(repeating: " ", count: max(0, 2 - number.count)))\(number)/\(steps)] "
    }

    private func draw(_ text: String) {
        write("\r\u{1B}[K" + text)
    }

    private func write(_ text: String) {
        guard !quiet else { return }
        LogSink.errorStream.write(text)
    }
}

extension Duration {
    /// Seconds with one decimal, such as `3.4 s`.
    fileprivate var formatted: String {
        let tenths = components.seconds * 10 + components.attoseconds / 100_000_000_000_000_000
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
