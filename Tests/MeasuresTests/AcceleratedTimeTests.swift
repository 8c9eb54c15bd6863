import Measures
import Testing

@Suite struct AcceleratedTimeTests {
    private let start = Instant(year: 2_025, month: 7, day: 1)

    /// At the machine's own pace it would take six minutes.
    @Test(.timeLimit(.minutes(2)))
    func `passes as many seconds as its rate says`() async throws {
        let clock = ContinuousClock()
        let time = AcceleratedTime(start: start, rate: 3_600)
        let took = try await clock.measure { try await time.sleep(for: .minutes(6)) }
        #expect(time.now() >= start + .minutes(6))
        // A tenth of a second, and whatever a busy machine adds.
        #expect(took >= .milliseconds(95))
    }

    @Test func `stands still at rate zero and goes on when the rate changes`() async throws {
        let time = AcceleratedTime(start: start, rate: 0)
        let sleeper = Task { try await time.sleep(for: .hours(1)) }
        try await Task.sleep(for: .milliseconds(20))
        #expect(time.now() == start)
        time.setRate(1e6)
        try await sleeper.value
        #expect(time.now() >= start + .hours(1))
    }

    @Test func `a sleeper can be cancelled, however slow the clock`() async {
        for rate in [0, 1e-300, 1] {
            let time = AcceleratedTime(start: start, rate: rate)
            let sleeper = Task { try await time.sleep(for: .days(1_000)) }
            sleeper.cancel()
            await #expect(throws: CancellationError.self) { try await sleeper.value }
        }
    }

    @Test func `a deadline in the past does not wait`() async throws {
        try await AcceleratedTime(start: start, rate: 0).sleep(until: start - .days(1))
    }

    @Test func `a change of rate does not make the clock jump`() {
        let time = AcceleratedTime(start: start, rate: 0)
        for _ in 0..<1_000 { time.setRate(0) }
        #expect(time.now() == start)
    }
}
