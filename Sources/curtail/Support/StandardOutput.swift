import Glibc

/// Standard output for much data: all bytes or an error.
enum StandardOutput {
    @Sendable static func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else {
                throw CommandFailure("Standard output takes no more.", hint: "check the disk or the next program")
            }
            rest = rest.dropFirst(written)
        }
    }
}
