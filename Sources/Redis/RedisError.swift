/// Why a command has no reply. The truth is elsewhere: a caller may go on without the cache.
public enum RedisError: Error, Hashable, Sendable {
    /// No server answers at the address; tried again after a while.
    case unreachable(String)
    /// The reply did not come in time; the command may have been executed.
    case timedOut
    /// The connection broke before the reply; the command may have been executed.
    case connectionLost
    /// The server refused the command.
    case server(String)
    /// What came is not a reply.
    case protocolViolation(String)
    case badURL(String)
    case closed
}

extension RedisError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreachable(let reason): "Redis does not answer: \(reason)."
        case .timedOut: "Redis did not reply in time."
        case .connectionLost: "The connection to Redis broke."
        case .server(let message): "Redis refused the command: \(message)"
        case .protocolViolation(let reason): "Redis sent no valid reply: \(reason)."
        case .badURL(let reason):
            "The Redis URL is not usable: \(reason). Expected redis://:password@host:6379/0 or unix:///path."
        case .closed: "The Redis client is closed."
        }
    }
}
