public import Measures

/// How long a browser stays logged in.
public enum SessionRules {
    /// Without a request.
    public static let idle = TimeSpan.minutes(30)
    /// At all.
    public static let longest = TimeSpan.hours(12)
    /// Between password and second factor.
    public static let secondFactor = TimeSpan.minutes(5)
    /// A request notes that the session is in use at most this often.
    public static let touch = TimeSpan.minutes(1)

    /// Whether a session is still one.
    public static func isAlive(createdAt: Instant, seenAt: Instant, now: Instant) -> Bool {
        now - seenAt < idle && now - createdAt < longest && createdAt <= now
    }
}

/// How long what is sent by mail, and what programs log in with, is good for.
public enum TokenRules {
    public static let passwordReset = TimeSpan.minutes(30)
    public static let confirmation = TimeSpan.days(2)
    public static let invitation = TimeSpan.days(7)
    /// A JWT: short, as it cannot be taken back.
    public static let accessToken = TimeSpan.minutes(10)
    public static let refreshToken = TimeSpan.days(30)
    public static let longestPersonalToken = TimeSpan.days(366)
}
