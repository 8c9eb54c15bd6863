public import Measures

/// One interval of a settled event, in whole watt-hours (0.001 kWh).
public struct SettledInterval: Hashable, Codable, Sendable {
    public let window: TimeWindow
    public let baseline: Int64
    /// Nil when it was not measured, or not well enough to count.
    public let actual: Int64?
    /// Of the reading; nil for a good one.
    public let quality: ReadingQuality?

    public init(window: TimeWindow, baseline: Int64, actual: Int64?, quality: ReadingQuality? = nil) {
        self.window = window
        self.baseline = baseline
        self.actual = actual
        self.quality = quality
    }

    /// Baseline less actual, kept when negative; nil when not measured.
    public var reduction: Int64? { actual.map { baseline - $0 } }
}

/// A part of a payment.
public struct PaymentPart: Hashable, Codable, Sendable {
    public enum Kind: String, Hashable, Codable, Sendable {
        case energy
        /// For what was pledged.
        case capacity
        /// The tier's addition to the energy payment.
        case bonus
        /// For drawing more than the firm service level, or for a pledge that was missed.
        case charge
        /// The difference that a limit in money makes.
        case limit
        /// A share of the event's budget.
        case pool
    }

    public let kind: Kind
    public let amount: ExactAmount

    public init(_ kind: Kind, _ amount: ExactAmount) {
        self.kind = kind
        self.amount = amount
    }
}

/// What an event comes to for one site, before its payment is rounded with the other sites'.
public struct SiteSettlement: Hashable, Sendable {
    public enum State: Hashable, Sendable {
        /// It opted out in time: no payment, no performance.
        case excluded
        /// Too few intervals are measured; nothing is paid until they come.
        case waiting(measuredShare: Double)
        case settled
    }

    public let meter: MeterID
    public let participation: Participation
    public let state: State
    public let intervals: [SettledInterval]
    /// The sum over the measured intervals, negative ones counted in, in Wh.
    public let reduction: Int64
    /// Energy drawn above the baseline in the hours after the event, and in the hour before it, in Wh.
    public let snapBack: Int64
    public let preEventRise: Int64
    /// What is paid after deadband, guards, floor and cap, in Wh; zero for a nomination programme.
    public let paidEnergy: Int64
    /// Mean reduction over the pledge, from zero to the programme's limit; nil without a pledge or when excluded.
    public let performance: Double?
    /// The factor of the tier on the energy payment, in millionths.
    public let multiplierMicros: Int64
    /// They add up to the amount.
    public let parts: [PaymentPart]
    public let amount: ExactAmount
    public let baseline: Baseline
}
