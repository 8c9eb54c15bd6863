import Glibc
import Synchronization

/// Where a program gets its time from: the machine, or a clock that a demo or a test drives.
public protocol TimeSource: Sendable {
    func now() -> Instant

    /// Returns once `now()` is `deadline` or later; throws `CancellationError` when the task is cancelled.
    func sleep(until deadline: Instant) async throws
}

extension TimeSource {
    public func sleep(for span: TimeSpan) async throws {
        try await sleep(until: now() + span)
    }
}

/// A clock whose seconds pass `rate` times as fast as the machine's; the rate can change while others sleep on it.
///
/// ```
/// simulated ▲            ╱ rate 60
///           │           ╱
///           │  ________╱  rate 0 (held)
///           │ ╱
///           └──────────────▶ machine's monotonic time
/// ```
public final class AcceleratedTime: TimeSource {
    private struct State {
        var anchor: ContinuousClock.Instant
        /// Simulated seconds since the epoch at the anchor.
        var origin: Double
        var rate: Double

        func seconds(at instant: ContinuousClock.Instant) -> Double {
            let elapsed = anchor.duration(to: instant).components
            return origin + rate * (Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18)
        }
    }

    /// How many of the machine's seconds a sleeper waits before it looks again, as a change of rate wakes nobody.
    private static let longestNap = 0.05

    private let state: Mutex<State>

    /// Starts at `start`; a rate of zero holds the clock.
    public init(start: Instant, rate: Double) {
        state = Mutex(State(anchor: ContinuousClock.now, origin: Double(start.secondsSinceEpoch), rate: rate))
    }

    public func now() -> Instant {
        state.withLock { Instant(secondsSinceEpoch: Int64($0.seconds(at: .now).rounded(.down))) }
    }

    /// Simulated seconds for each second of the machine, from now on.
    public func setRate(_ rate: Double) {
        state.withLock { state in
            let now = ContinuousClock.now
            state = State(anchor: now, origin: state.seconds(at: now), rate: rate)
        }
    }

    public func sleep(until deadline: Instant) async throws {
        while true {
            let (left, rate) = state.withLock { state in
                (Double(deadline.secondsSinceEpoch) - state.seconds(at: .now), state.rate)
            }
            guard left > 0 else { return }
            // Cut to the longest nap while still a number: the quotient may be more than a duration can hold.
            let nap = rate > 0 ? min(left / rate, Self.longestNap) : Self.longestNap
            try await Task.sleep(for: .seconds(max(nap, 0.001)))
        }
    }
}

/// The machine's own clock.
public struct SystemTime: TimeSource {
    public init() {}

    public func now() -> Instant {
        Instant(secondsSinceEpoch: Int64(time(nil)))
    }

    public func sleep(until deadline: Instant) async throws {
        while true {
            let left = deadline - now()
            guard left > .zero else { return }
            try await Task.sleep(for: .seconds(left.seconds))
        }
    }
}
