internal import CHiredis

/// What the server answers.
public enum RedisReply: Hashable, Sendable {
    /// There is no such value.
    case null
    case integer(Int64)
    /// A short text such as OK.
    case status(String)
    /// A value: bytes without a character set.
    case bytes([UInt8])
    case array([RedisReply])
    /// Only inside an array; a command whose whole reply is an error throws.
    case error(String)
}

extension RedisReply {
    /// A copy of hiredis' reply tree, which is at most nine levels deep.
    init(_ reply: redisReply) {
        switch reply.type {
        case REDIS_REPLY_INTEGER: self = .integer(reply.integer)
        case REDIS_REPLY_STATUS: self = .status(String(decoding: Self.bytes(reply), as: UTF8.self))
        case REDIS_REPLY_ERROR: self = .error(String(decoding: Self.bytes(reply), as: UTF8.self))
        case REDIS_REPLY_STRING: self = .bytes(Self.bytes(reply))
        case REDIS_REPLY_ARRAY:
            self = .array(
                UnsafeBufferPointer(start: reply.element, count: reply.elements).map { element in
                    element.map { RedisReply($0.pointee) } ?? .null
                })
        default: self = .null
        }
    }

    private static func bytes(_ reply: redisReply) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: reply.str, count: reply.len))
    }
}
