public import Measures

/// A site whose load is a function of the seed and the moment: every window that is asked shows the same load.
public struct SimulatedSite: Sendable {
    /// Unique among the sites of one simulator, such as `Office 3`.
    public let name: String
    public let kind: SiteKind
    /// How often its meter reads: a quarter of an hour, or an hour.
    public let step: TimeSpan
    public let zone: ZoneRules
    public let traits: SiteTraits
    /// How it behaves in an event, for its simulated VEN alone.
    public let response: TrueResponse
    /// Whether the meter loses hours at a stretch now and then.
    public let losesHours: Bool
    let profile: LoadProfile
    let weather: Weather
    let key: SeedKey

    /// The length that the load is computed in, whatever the meter's step.
    private static let grain = TimeSpan.minutes(15)

    init(seed: UInt64, name: String, kind: SiteKind, weather: Weather) {
        self.name = name
        self.kind = kind
        self.weather = weather
        zone = weather.zone
        key = SeedKey(seed).appending("site").appending(name)
        var random = key.generator
        step = random.fraction() < 0.2 ? .hours(1) : Self.grain
        losesHours = random.fraction() < 0.2
        profile = LoadProfile(kind: kind, random: &random)
        traits = SiteTraits(seed: seed, site: name, kind: kind)
        response = TrueResponse(seed: seed, site: name, traits: traits)
    }

    /// What the meter counts without any event in the step that begins at `start`, in whole watt-hours; the step begins
    /// at a multiple of `step` since the epoch. A site with solar panels may export.
    public func energy(at start: Instant) -> WattHours {
        let grains = TimeWindow(start: start.floored(to: step), duration: step).intervals(every: Self.grain)
        let sum = grains.reduce(WattHours.zero) { $0 + power(at: $1.start) * Self.grain }
        return WattHours(sum.value.rounded())
    }

    /// What the meter hands over for the steps that lie wholly in a window, gaps included: history, before any event.
    public func readings(in window: TimeWindow) -> [IntervalReading] {
        let floored = window.start.floored(to: step)
        let first = floored < window.start ? floored + step : floored
        guard let whole = TimeWindow(start: first, end: window.end.floored(to: step)) else { return [] }
        return whole.intervals(every: step).map { interval in
            IntervalReading(
                start: interval.start, duration: step, energy: isLost(interval.start) ? nil : energy(at: interval.start)
            )
        }
    }

    /// Whether the meter loses the step: three in a thousand, and at some sites several hours once in ten days or so.
    public func isLost(_ start: Instant) -> Bool {
        let index = start.secondsSinceEpoch / Self.grain.seconds
        if key.appending("lost").appending(index).fraction < 0.003 { return true }
        guard losesHours else { return false }
        let period = TimeSpan.days(10)
        let cell = start.floored(to: period)
        var random = key.appending("hole").appending(cell.secondsSinceEpoch).generator
        guard random.fraction() < 0.7 else { return false }
        let begin = cell + .hours(Int64(random.whole(0...220)))
        return TimeWindow(start: begin, duration: .hours(Int64(random.whole(2...9)))).contains(start)
    }

    /// The mean power of the grain that begins at `start`.
    private func power(at start: Instant) -> Watts {
        let (day, time) = zone.local(start)
        let hour = Double(time.seconds) / 3_600
        let present = presence(day, hour)
        let gross =
            profile.base + profile.occupied * present + climate(start, present: present)
            + profile.process * machines(start, present: present)
        let slow = Field(key: key.appending("slow")).smooth(start, every: .hours(5))
        let index = start.secondsSinceEpoch / Self.grain.seconds
        let fast = Field(key: key.appending("fast")).bell(index) * 3
        let noisy = gross * max(0.2, 1 + profile.noise * (0.8 * slow + 0.8 * fast))
        return noisy - profile.solar * weather.sunshine(at: start + .minutes(7))
    }

    /// How many of the people are there, from zero to about one.
    private func presence(_ day: CivilDay, _ hour: Double) -> Double {
        let holiday = USHolidays.contains(day) || isSchoolBreak(day)
        guard let opening = profile.opening(day, isHoliday: holiday) else { return 0 }
        let arriving = ramp(hour, opening.from - 0.75, opening.from + 1)
        let leaving = ramp(hour, opening.until - 1, opening.until + 0.75)
        let daily = 1 + 0.06 * Field(key: key.appending("day")).bell(Int64(day.daysSinceEpoch))
        let morning = kind == .home ? 0.45 * ramp(hour, 5.5, 6.75) * (1 - ramp(hour, 7.75, 9)) : 0
        return opening.share * daily * max(0, arriving - leaving) + morning
    }

    /// A school has its long holidays in July, most of August and the last days of the year.
    private func isSchoolBreak(_ day: CivilDay) -> Bool {
        guard kind == .school else { return false }
        let (_, month, date) = day.components
        return month == 7 || (month == 8 && date <= 24) || (month == 12 && date >= 23)
    }

    /// Heating and cooling, by the temperature of the last hours: buildings are slow.
    private func climate(_ start: Instant, present: Double) -> Watts {
        let felt =
            0.5 * weather.temperature(at: start) + 0.3 * weather.temperature(at: start - .hours(1))
            + 0.2 * weather.temperature(at: start - .hours(3))
        let wanted = profile.setback + (1 - profile.setback) * min(1, present)
        // A plant has an end: it gives at most what 16 and 24 kelvin ask for.
        let cooling = profile.coolingPerKelvin * min(16, max(0, felt - profile.coolingFrom))
        let heating = profile.heatingPerKelvin * min(24, max(0, profile.heatingUntil - felt))
        return (cooling + heating) * wanted
    }

    /// The share of the machines that run: compressors in cycles day and night, other machines while people are there.
    private func machines(_ start: Instant, present: Double) -> Double {
        guard profile.process > .zero else { return 0 }
        let phase =
            Double(start.secondsSinceEpoch % profile.processCycle.seconds) / Double(profile.processCycle.seconds)
        let drift = Field(key: key.appending("batch")).smooth(start, every: .hours(3))
        switch kind {
        case .coldStore: return ramp(wave(phase) + 0.5 * drift, -0.5, 0.5)
        case .home: return Field(key: key.appending("oven")).bell(start.secondsSinceEpoch / 1_800) > 0.45 ? present : 0
        default: return min(1, present) * (0.8 + 0.12 * wave(phase) + 0.15 * drift)
        }
    }
}
