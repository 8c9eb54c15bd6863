/// When an unreachable server may be tried again: at once, then after twice as long each time.
struct BackOff {
    let base: Duration
    let cap: Duration
    private var failures = 0
    private var retry: ContinuousClock.Instant?

    init(base: Duration, cap: Duration) {
        self.base = base
        self.cap = cap
    }

    /// Whether an attempt is allowed now.
    func allows(_ now: ContinuousClock.Instant) -> Bool {
        retry.map { now >= $0 } ?? true
    }

    mutating func failed(_ now: ContinuousClock.Instant) {
        retry = now + min(base * (1 << min(failures, 20)), cap)
        failures += 1
    }

    mutating func succeeded() {
        failures = 0
        retry = nil
    }
}
