extension RedisClient {
    /// The value of a key, `nil` when there is none.
    public func get(_ key: String) async throws(RedisError) -> [UInt8]? {
        switch try await command(["GET", RedisArgument(key)]) {
        case .null: return nil
        case .bytes(let value): return value
        default: throw .protocolViolation("GET gave no value")
        }
    }

    /// Sets a key, for `seconds` (at least 1) when given, otherwise until it is deleted or evicted.
    public func set(_ key: String, _ value: [UInt8], expiringIn seconds: Int64? = nil) async throws(RedisError) {
        var arguments: [RedisArgument] = ["SET", RedisArgument(key), RedisArgument(value)]
        if let seconds { arguments += ["EX", RedisArgument(seconds)] }
        try await command(arguments)
    }

    /// Deletes keys; how many there were.
    @discardableResult
    public func delete(_ keys: [String]) async throws(RedisError) -> Int64 {
        guard !keys.isEmpty else { return 0 }
        return try await integer(["DEL"] + keys.map { RedisArgument($0) })
    }

    /// Tells those that listen to a channel; how many they are.
    @discardableResult
    public func publish(_ channel: String, _ message: [UInt8]) async throws(RedisError) -> Int64 {
        try await integer(["PUBLISH", RedisArgument(channel), RedisArgument(message)])
    }

    private func integer(_ arguments: [RedisArgument]) async throws(RedisError) -> Int64 {
        guard case .integer(let number) = try await command(arguments) else {
            throw .protocolViolation("a number was expected")
        }
        return number
    }
}
