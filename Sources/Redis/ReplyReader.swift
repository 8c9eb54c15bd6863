internal import CHiredis
import NIOCore

/// hiredis' incremental reader: bytes in, replies out.
final class ReplyReader {
    private let reader: UnsafeMutablePointer<redisReader>?

    init() {
        reader = redisReaderCreate()
    }

    deinit {
        if let reader { redisReaderFree(reader) }
    }

    /// Takes bytes and calls `body` with each reply that is complete.
    func read(_ buffer: ByteBuffer, _ body: (RedisReply) throws(RedisError) -> Void) throws(RedisError) {
        guard let reader else { throw .protocolViolation("out of memory") }
        let status = buffer.withUnsafeReadableBytes { bytes in
            redisReaderFeed(reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        guard status == REDIS_OK else { throw violation(reader) }
        while true {
            var reply: UnsafeMutableRawPointer?
            guard redisReaderGetReply(reader, &reply) == REDIS_OK else { throw violation(reader) }
            guard let reply else { return }
            defer { freeReplyObject(reply) }
            try body(RedisReply(reply.assumingMemoryBound(to: redisReply.self).pointee))
        }
    }

    private func violation(_ reader: UnsafeMutablePointer<redisReader>) -> RedisError {
        .protocolViolation(
            withUnsafeBytes(of: reader.pointee.errstr) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
}
