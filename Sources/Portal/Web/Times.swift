import Measures

extension Instant {
    /// A time that somebody told: in UTC, and of a year that a meter or a calendar may have. A column of the database takes
    /// no other, and a clock that is wrong by centuries is better refused than stored.
    init?(told text: some StringProtocol) {
        guard let instant = Instant(utc: text), Self.plausible.contains(instant) else { return nil }
        self = instant
    }

    private static let plausible = Instant(year: 1970, month: 1, day: 1)...Instant(year: 2200, month: 1, day: 1)
}
