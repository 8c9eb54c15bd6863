public import Measures

/// The weather of a region: one for all its sites, a function of the seed and the moment.
public struct Weather: Sendable {
    let key: SeedKey
    let zone: ZoneRules

    public init(seed: UInt64, zone: ZoneRules) {
        key = SeedKey(seed).appending("weather")
        self.zone = zone
    }

    /// Outdoor temperature in degrees Celsius: season, time of day, spells of days, fronts of hours.
    public func temperature(at instant: Instant) -> Double {
        let (day, time) = zone.local(instant)
        let year = Double(dayOfYear(day)) / 365.25
        let hour = Double(time.seconds) / 3_600
        // Hottest on 22 July and at 16:00, as on the American east coast.
        let season = 12 + 12.5 * wave(year - 203 / 365.25)
        let daily = (5.5 - 2 * cloudiness(at: instant)) * wave((hour - 16) / 24)
        let spell = 4.5 * Field(key: key.appending("spell")).smooth(instant, every: .days(4))
        let front = 2 * Field(key: key.appending("front")).smooth(instant, every: .hours(15))
        return season + daily + spell + front
    }

    /// From zero (clear) to one (overcast).
    public func cloudiness(at instant: Instant) -> Double {
        let slow = Field(key: key.appending("clouds")).smooth(instant, every: .hours(20))
        let fast = Field(key: key.appending("gusts")).smooth(instant, every: .minutes(40))
        return ramp(slow + 0.35 * fast, -0.4, 0.9)
    }

    /// The share of a roof's peak power that the sun gives.
    func sunshine(at instant: Instant) -> Double {
        let (day, time) = zone.local(instant)
        let season = wave(Double(dayOfYear(day)) / 365.25 - 172 / 365.25)
        // Summer time puts noon at 13:00; half the day is 7.4 h in June and 4.6 h in December.
        let noon = 12 + zone.offset(at: instant).hours - zone.initialOffset.hours
        let height = wave((Double(time.seconds) / 3_600 - noon) / (4 * (6 + 1.4 * season)))
        guard abs(Double(time.seconds) / 3_600 - noon) < 6 + 1.4 * season else { return 0 }
        return max(0, height) * (0.72 + 0.13 * season) * (1 - 0.75 * cloudiness(at: instant))
    }

    private func dayOfYear(_ day: CivilDay) -> Int {
        day - CivilDay(year: day.components.year, month: 1, day: 1)
    }
}
