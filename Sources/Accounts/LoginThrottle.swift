public import Measures

/// How long a name has to wait after failed logins, whether or not it is anyone's: five are free, then the wait doubles.
public struct LoginThrottle: Hashable, Sendable {
    public static let freeFailures = 5
    public static let longestWait = TimeSpan.seconds(60)
    /// After so long without one, the failures are forgotten.
    public static let memory = TimeSpan.hours(1)

    public var failures: Int
    public var lastFailure: Instant

    public init(failures: Int, lastFailure: Instant) {
        self.failures = failures
        self.lastFailure = lastFailure
    }

    /// 1, 2, 4 ... 60 s from the fifth failure on.
    public static func wait(after failures: Int) -> TimeSpan {
        guard failures >= freeFailures else { return .zero }
        return min(.seconds(1 << Int64(min(failures - freeFailures, 10))), longestWait)
    }

    /// How long an attempt has to wait now; zero when it may go on.
    public func remaining(at now: Instant) -> TimeSpan {
        guard now - lastFailure < Self.memory else { return .zero }
        return max(lastFailure + Self.wait(after: failures) - now, .zero)
    }

    /// After one more failure.
    public func failing(at now: Instant) -> LoginThrottle {
        let counted = now - lastFailure < Self.memory ? failures : 0
        return LoginThrottle(failures: counted + 1, lastFailure: now)
    }
}
