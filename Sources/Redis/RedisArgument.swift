internal import CHiredis
import NIOCore

/// One part of a command: bytes without a character set.
public struct RedisArgument: Hashable, Sendable, ExpressibleByStringLiteral {
    public var bytes: [UInt8]

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    public init(_ text: String) {
        bytes = Array(text.utf8)
    }

    public init(_ number: Int64) {
        bytes = Array(String(number).utf8)
    }

    public init(stringLiteral value: String) {
        self.init(value)
    }
}

extension RedisArgument {
    /// A command as it goes over the wire; `nil` when hiredis has no memory for it.
    static func encode(_ arguments: [RedisArgument]) -> ByteBuffer? {
        let all = arguments.flatMap(\.bytes)
        let lengths = arguments.map(\.bytes.count)
        var command: UnsafeMutablePointer<CChar>?
        let count = all.withUnsafeBytes { all in
            var next = all.baseAddress?.assumingMemoryBound(to: CChar.self)
            // An empty argument of an empty command has no address: any will do, as no byte of it is read.
            var pointers = lengths.map { length -> UnsafePointer<CChar>? in
                defer { next = next.map { $0 + length } }
                return next
            }
            return redisFormatCommandArgv(&command, Int32(arguments.count), &pointers, lengths)
        }
        guard count > 0, let command else { return nil }
        defer { redisFreeCommand(command) }
        return ByteBuffer(bytes: UnsafeRawBufferPointer(start: command, count: Int(count)))
    }
}
