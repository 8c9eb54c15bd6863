import Glibc

/// Where log lines go: the error stream or a file that is appended to. Each line is one `write`, so lines never mix.
final class LogSink: Sendable {
    private let descriptor: Int32
    private let owns: Bool

    static let errorStream = LogSink(descriptor: STDERR_FILENO, owns: false)
    /// For what a program that goes on says at once, whoever reads it.
    static let outputStream = LogSink(descriptor: STDOUT_FILENO, owns: false)

    private init(descriptor: Int32, owns: Bool) {
        self.descriptor = descriptor
        self.owns = owns
    }

    /// Opens a file for appending, readable by its owner only; nil when that is not possible.
    convenience init?(appendingTo path: String) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        self.init(descriptor: descriptor, owns: true)
    }

    deinit {
        if owns { close(descriptor) }
    }

    func write(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard written > 0 else { return }
            bytes = bytes.dropFirst(written)
        }
    }
}
