public import Measures

/// What a site did when it was called.
public enum Participation: String, Hashable, Codable, Sendable {
    case optedIn
    /// Opted out when it was still allowed: the event does not count for the site.
    case optedOutInTime
    /// Opted out after the deadline: the performance factor is zero.
    case optedOutLate
}

extension ProgramTerms {
    /// What an opt-out at a moment means for an event that starts at `start`; none is taking part.
    public func participation(optedOutAt: Instant?, start: Instant) -> Participation {
        guard let optedOutAt else { return .optedIn }
        return optedOutAt <= start - options.optOutDeadline ? .optedOutInTime : .optedOutLate
    }
}

/// How far a reading may be trusted.
public enum ReadingQuality: String, Hashable, Codable, Sendable {
    case good
    case estimated
    case suspect
}

/// How a site did in an earlier event.
public struct PastPerformance: Hashable, Codable, Sendable {
    public let event: ProgramEventID
    /// Mean reduction over the pledge, within the programme's limits.
    public let performance: Double

    public init(event: ProgramEventID, performance: Double) {
        self.event = event
        self.performance = performance
    }
}

/// A site's part of an event, as settlement needs it.
public struct SiteEvent: Sendable {
    public let meter: MeterID
    public let participation: Participation
    public let baseline: Baseline
    /// Of the event and of the hours beside it; others are left aside.
    public let readings: [IntervalReading]
    /// Of the readings that are not plainly good, by their start.
    public let qualities: [Instant: ReadingQuality]
    /// The reduction that the site pledged or nominated, or its firm service level, if any.
    public let pledge: Watts?
    /// The market's price of each interval, by its start, for terms that pass it on.
    public let prices: [Instant: EnergyPrice]
    /// Earlier events of the programme, the latest last.
    public let past: [PastPerformance]

    public init(
        meter: MeterID, participation: Participation, baseline: Baseline, readings: [IntervalReading],
        qualities: [Instant: ReadingQuality] = [:], pledge: Watts? = nil, prices: [Instant: EnergyPrice] = [:],
        past: [PastPerformance] = []
    ) {
        self.meter = meter
        self.participation = participation
        self.baseline = baseline
        self.readings = readings
        self.qualities = qualities
        self.pledge = pledge
        self.prices = prices
        self.past = past
    }
}

/// What is wrong with the input of a settlement. Nothing is settled then.
public enum SettlementError: Error, Hashable, Sendable {
    /// The amount is beyond what can be counted.
    case amountTooLarge(MeterID)
    /// A price is in another currency than the terms.
    case differentCurrency(MeterID, Instant)
    /// The terms pass on the market's price, and there is none for an interval.
    case noPrice(MeterID, Instant)
    /// A value of the baseline or a reading is beyond 1 TWh or not finite.
    case unusableEnergy(MeterID, Instant)
    case repeatedMeter(MeterID)
    /// Two readings for one interval.
    case repeatedReading(MeterID, Instant)
    case unusablePledge(MeterID)
}
