import Measures

/// Finds the clock of a place from what a file's times show of it.
enum ZoneGuess {
    /// Tried in this order.
    private static let candidates = [
        "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Phoenix",
        "America/Anchorage", "Pacific/Honolulu", "America/Halifax", "Europe/London", "Europe/Berlin",
        "Europe/Helsinki", "Asia/Tokyo", "Australia/Sydney",
    ]

    /// A time and the offset that its row stated.
    struct Sample {
        let instant: Instant
        let offset: TimeSpan
    }

    /// The one candidate whose clock agrees with every sample, if the offsets change; else the first offset for good.
    static func zone(matching samples: [Sample]) throws(MeterDataError) -> ZoneRules {
        guard let first = samples.first else { return .utc }
        if samples.contains(where: { $0.offset != first.offset }) {
            for name in candidates {
                let zone = try ZoneRules(database: name)
                if samples.allSatisfy({ zone.offset(at: $0.instant) == $0.offset }) { return zone }
            }
        }
        return ZoneRules(fixedOffset: first.offset)
    }

    /// The American zone in which a series in UTC begins at midnight, as exports of whole days do; else UTC.
    static func zone(beginningAtMidnight first: Instant) throws(MeterDataError) -> ZoneRules {
        for name in candidates.prefix(4) {
            let zone = try ZoneRules(database: name)
            if zone.local(first).time == .zero { return zone }
        }
        return .utc
    }
}
