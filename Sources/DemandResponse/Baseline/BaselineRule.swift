public import Measures

/// A rule for the load that a meter would have had without the event. A value with a name and a version: a change of
/// any parameter is a new version, and an event is settled with the version that was published when it was called.
public struct BaselineRule: Hashable, Sendable {
    /// How the days are picked that the baseline is the mean of, or learnt from.
    public enum Selection: Hashable, Sendable {
        case averageDay(AverageDay)
        case controlGroup(ControlGroup)
        case highOfLatest(HighOfLatest)
        case likeDayARIMA(LikeDayARIMA)
        case likeDays(LikeDays)
        case middleOfLatest(MiddleOfLatest)
        case placeboChoice(PlaceboChoice)
        case timeOfWeekAndTemperature(TimeOfWeekAndTemperature)
        case weatherMatching(WeatherMatching)
    }

    public let id: String
    public let version: String
    public let selection: Selection
    public let adjustment: SameDayAdjustment?

    public init(id: String, version: String, selection: Selection, adjustment: SameDayAdjustment?) {
        self.id = id
        self.version = version
        self.selection = selection
        self.adjustment = adjustment
    }
}

/// How many days each kind of day gives.
public struct DayCount: Hashable, Sendable {
    public var business: Int
    public var other: Int

    public init(business: Int, other: Int) {
        self.business = business
        self.other = other
    }

    func count(isBusinessDay: Bool) -> Int { isBusinessDay ? business : other }
}

/// The latest days of the event day's kind (business day or not), or the highest of them: CAISO 10-in-10 and 5-in-10.
public struct LikeDays: Hashable, Sendable {
    /// How many calendar days before the event are looked at.
    public var lookBack: Int
    public var wanted: DayCount
    public var atLeast: DayCount
    /// How many of the wanted days with the highest mean over the event's hours are taken; nil takes all.
    public var highest: DayCount?
    /// Takes business days for an event on any day.
    public var takesBusinessDaysOnly: Bool

    public init(
        lookBack: Int, wanted: DayCount, atLeast: DayCount, highest: DayCount? = nil,
        takesBusinessDaysOnly: Bool = false
    ) {
        self.lookBack = lookBack
        self.wanted = wanted
        self.atLeast = atLeast
        self.highest = highest
        self.takesBusinessDaysOnly = takesBusinessDaysOnly
    }
}

/// The like days whose maximum temperature is nearest to the event day's: CAISO weather matching.
public struct WeatherMatching: Hashable, Sendable {
    public var lookBack: Int
    public var nearest: Int

    public init(lookBack: Int, nearest: Int) {
        self.lookBack = lookBack
        self.nearest = nearest
    }
}

/// The highest of the latest days without those of little use: PJM. Saturdays are one kind of day, Sundays and
/// holidays another.
public struct HighOfLatest: Hashable, Sendable {
    public var lookBack: Int
    public var wanted: DayCount
    public var highest: DayCount
    /// A day under this share of the set's mean use in the event's hours makes room for the next one.
    public var lowUseShare: Double

    public init(lookBack: Int, wanted: DayCount, highest: DayCount, lowUseShare: Double) {
        self.lookBack = lookBack
        self.wanted = wanted
        self.highest = highest
        self.lowUseShare = lowUseShare
    }
}

/// The highest of the latest business days above a share of a running level; on other days the highest of the latest
/// same weekdays: NYISO average day.
public struct AverageDay: Hashable, Sendable {
    /// How many days back the business days are looked for, and how many days before the event the search starts.
    public var lookBack: Int
    public var startsDaysBefore: Int
    public var wanted: DayCount
    public var atLeast: DayCount
    public var highest: DayCount
    public var lowUseShare: Double
    /// How many days back the same weekdays are looked for.
    public var weekdayLookBack: Int

    public init(
        lookBack: Int, startsDaysBefore: Int, wanted: DayCount, atLeast: DayCount, highest: DayCount,
        lowUseShare: Double, weekdayLookBack: Int
    ) {
        self.lookBack = lookBack
        self.startsDaysBefore = startsDaysBefore
        self.wanted = wanted
        self.atLeast = atLeast
        self.highest = highest
        self.lowUseShare = lowUseShare
        self.weekdayLookBack = weekdayLookBack
    }
}

/// The latest like days without the ones of the highest and the lowest daily mean: ERCOT middle 8 of 10.
public struct MiddleOfLatest: Hashable, Sendable {
    public var lookBack: Int
    public var wanted: Int
    /// With fewer days than this there is no middle worth the name.
    public var atLeast: Int

    public init(lookBack: Int, wanted: Int, atLeast: Int) {
        self.lookBack = lookBack
        self.wanted = wanted
        self.atLeast = atLeast
    }
}

/// How the event day's own load before the event moves the baseline.
public struct SameDayAdjustment: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// The mean of actual less baseline is added; the result is not below zero.
        case additive
        /// The ratio of the means multiplies, held between two factors.
        case multiplicative(lowest: Double, highest: Double)
    }

    public var kind: Kind
    /// How long before the event the window starts and ends. At least an hour for the end, so that a site cannot raise
    /// its baseline once the event is near.
    public var startsBefore: TimeSpan
    public var endsBefore: TimeSpan

    /// Nil when the window is empty or ends less than an hour before the event.
    public init?(_ kind: Kind, startsBefore: TimeSpan = .hours(4), endsBefore: TimeSpan = .hours(1)) {
        guard endsBefore >= .hours(1), startsBefore > endsBefore else { return nil }
        self.kind = kind
        self.startsBefore = startsBefore
        self.endsBefore = endsBefore
    }

    /// A factor that moves the baseline by `share` at most in either direction.
    static func factor(within share: Double) -> Kind { .multiplicative(lowest: 1 - share, highest: 1 + share) }
}
