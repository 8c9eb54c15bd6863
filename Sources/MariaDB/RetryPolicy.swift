/// How long a transaction waits before it runs again: full jitter, doubled each time.
public struct RetryPolicy: Sendable {
    /// The longest first wait.
    public var base: Duration
    /// The longest wait at all.
    public var cap: Duration
    /// From 0 up to, not including, 1.
    public var random: @Sendable () -> Double
    /// Waits; also measures how long a caller may wait for a connection.
    public var delay: @Sendable (Duration) async throws -> Void

    /// The defaults take both from the system.
    public init(
        base: Duration = .milliseconds(5), cap: Duration = .milliseconds(500),
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        delay: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.base = base
        self.cap = cap
        self.random = random
        self.delay = delay
    }

    /// The wait after the `attempt`th failure, counted from 0.
    func wait(afterAttempt attempt: Int) -> Duration {
        let longest = min(base * (1 << min(attempt, 20)), cap)
        return longest * random()
    }
}
