/// A right to do something now and then: `burst` times at once, then once per `interval`.
struct TokenBucket {
    private var tokens: Double
    private var refilledAt: ContinuousClock.Instant

    init(burst: Int, now: ContinuousClock.Instant) {
        tokens = Double(burst)
        refilledAt = now
    }

    /// Takes a token; nil when there was one, else how long until there is.
    mutating func take(burst: Int, interval: Duration, now: ContinuousClock.Instant) -> Duration? {
        let step = max(interval.seconds, 0.001)
        tokens = min(Double(burst), tokens + refilledAt.duration(to: now).seconds / step)
        refilledAt = now
        guard tokens >= 1 else { return .seconds((1 - tokens) * step) }
        tokens -= 1
        return nil
    }

    /// Gives a token back.
    mutating func giveBack(burst: Int) { tokens = min(Double(burst), tokens + 1) }

    /// Whether it is as it was at the start: forgetting it changes nothing.
    func isFull(burst: Int, interval: Duration, now: ContinuousClock.Instant) -> Bool {
        tokens + refilledAt.duration(to: now).seconds / max(interval.seconds, 0.001) >= Double(burst)
    }
}

extension Duration {
    fileprivate var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
