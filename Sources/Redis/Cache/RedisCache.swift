import Synchronization

/// Copies of what a database holds. A server that is down, slow, flushed or full costs speed, never correctness.
///
/// A value is read through: what is missing is loaded from the truth and put in its place. Between the load and the put,
/// the truth may change and the copy be invalidated; a lease keeps the older value from coming afterwards:
///
/// ```
/// reader          Redis              writer
///   ask  ───────▶ nothing: lease A
///   load (old)                        changes the truth
///                 lease A gone ◀───── invalidates
///   put with A ─▶ refused
/// ```
///
/// After an error nothing is asked for `pause`, so that a stalled server slows one request, not all.
public final class RedisCache: Sendable {
    /// How often the cache helped.
    public struct Statistics: Hashable, Sendable {
        public var hits = 0
        public var misses = 0
        /// Values that came from the truth because the server did not answer.
        public var bypassed = 0

        public init() {}
    }

    private struct State {
        var statistics = Statistics()
        var askAgain: ContinuousClock.Instant?
    }

    /// For each key: the value, or, for the first that finds nothing, a lease in its place. A value begins with `v`.
    private static let take: RedisArgument = """
        local found = {} \
        for i, key in ipairs(KEYS) do \
          local value = redis.call('GET', key) \
          if not value then redis.call('SET', key, ARGV[1], 'NX', 'EX', ARGV[2]) end \
          found[i] = value \
        end \
        return found
        """
    /// Puts each value in the place of the lease, if it still is there.
    private static let put: RedisArgument = """
        local stored = 0 \
        for i, key in ipairs(KEYS) do \
          if redis.call('GET', key) == ARGV[1] then \
            redis.call('SET', key, ARGV[i + 2], 'EX', ARGV[2]) \
            stored = stored + 1 \
          end \
        end \
        return stored
        """
    private static let value = UInt8(ascii: "v")
    private static let leaseSeconds: Int64 = 10

    private let client: RedisClient
    private let prefix: String
    private let pause: Duration
    private let makeToken: @Sendable () -> String
    private let state = Mutex(State())

    /// - Parameters:
    ///   - prefix: the beginning of all keys: what keeps two installations on one server apart.
    ///   - makeToken: a text that is never the same twice, in no process; it names leases.
    public init(
        _ client: RedisClient, prefix: String = "curtail", pause: Duration = .seconds(1),
        makeToken: @escaping @Sendable () -> String
    ) {
        self.client = client
        self.prefix = prefix
        self.pause = pause
        self.makeToken = makeToken
    }

    public var statistics: Statistics { state.withLock { $0.statistics } }

    /// The value of a key: the copy, or what `load` says, which is then kept.
    public func value(
        _ namespace: CacheNamespace, _ key: String, load: () async throws -> [UInt8]
    ) async throws -> [UInt8] {
        try await values(namespace, [key]) { _ in [try await load()] }[0]
    }

    /// The values of several keys, in their order. `load` gets the indices of those that are missing, in ascending
    /// order, and returns their values.
    public func values(
        _ namespace: CacheNamespace, _ keys: [String], load: ([Int]) async throws -> [[UInt8]]
    ) async throws -> [[UInt8]] {
        guard !keys.isEmpty else { return [] }
        let names = keys.map { RedisArgument(name(namespace, $0)) }
        let lease = RedisArgument("l" + makeToken())
        let found = await ask(
            [
                "EVAL", Self.take, RedisArgument(Int64(keys.count)),
            ] + names + [lease, RedisArgument(Self.leaseSeconds)])
        var values = Array(repeating: [UInt8](), count: keys.count)
        var leased: [Int] = []
        var missing: [Int] = []
        guard case .array(let copies)? = found, copies.count == keys.count else {
            state.withLock { $0.statistics.bypassed += keys.count }
            return try await load(Array(keys.indices))
        }
        for (index, copy) in copies.enumerated() {
            switch copy {
            case .bytes(let bytes) where bytes.first == Self.value: values[index] = Array(bytes.dropFirst())
            // Somebody else is loading it.
            case .bytes: missing.append(index)
            default:
                leased.append(index)
                missing.append(index)
            }
        }
        state.withLock { state in
            state.statistics.hits += keys.count - missing.count
            state.statistics.misses += missing.count
        }
        guard !missing.isEmpty else { return values }
        for (index, value) in zip(missing, try await load(missing)) { values[index] = value }
        guard !leased.isEmpty else { return values }
        _ = await ask(
            ["EVAL", Self.put, RedisArgument(Int64(leased.count))] + leased.map { names[$0] }
                + [lease, RedisArgument(namespace.lifetime)]
                + leased.map { RedisArgument([Self.value] + values[$0]) })
        return values
    }

    /// Removes copies, and leases of loads that are under way. Throws when the server did not say that it has done so.
    public func invalidate(_ keys: [(namespace: String, key: String)]) async throws(RedisError) {
        try await client.delete(keys.map { name(CacheNamespace($0.namespace, lifetime: 1), $0.key) })
    }

    private func name(_ namespace: CacheNamespace, _ key: String) -> String { "\(prefix):\(namespace.name):\(key)" }

    /// Nil while the server does not answer.
    private func ask(_ command: [RedisArgument]) async -> RedisReply? {
        let isPaused = state.withLock { state in state.askAgain.map { ContinuousClock.now < $0 } ?? false }
        guard !isPaused else { return nil }
        do throws(RedisError) {
            return try await client.command(command)
        } catch {
            state.withLock { $0.askAgain = .now + pause }
            return nil
        }
    }
}
