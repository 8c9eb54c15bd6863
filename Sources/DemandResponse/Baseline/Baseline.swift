public import Measures

/// The load that a meter would have had without the event, and everything needed to see why.
public struct Baseline: Hashable, Sendable {
    /// One interval of the event.
    public struct Interval: Hashable, Sendable {
        public let window: TimeWindow
        public let power: Watts

        public init(window: TimeWindow, power: Watts) {
            self.window = window
            self.power = power
        }

        public var energy: WattHours { power * window.duration }
    }

    /// The same-day adjustment as it came out.
    public struct Adjustment: Hashable, Codable, Sendable {
        /// A factor, or watts for an additive one; nil when the window of the event day has a gap.
        public let beforeClamp: Double?
        /// What was applied; one, or zero watts, when there was nothing to apply.
        public let applied: Double
        /// Where the event day was looked at; nil for a rule without an adjustment.
        public let window: TimeWindow?
        public let isAdditive: Bool

        public init(beforeClamp: Double?, applied: Double, window: TimeWindow?, isAdditive: Bool) {
            self.beforeClamp = beforeClamp
            self.applied = applied
            self.window = window
            self.isAdditive = isAdditive
        }

        /// Nothing was adjusted.
        static let none = Adjustment(beforeClamp: nil, applied: 1, window: nil, isAdditive: false)
    }

    /// A rule that has a share in a blend.
    public struct Member: Hashable, Codable, Sendable {
        public let ruleID: String
        public let ruleVersion: String
        /// From zero to one; the shares of a blend add up to one.
        public let share: Double
        /// How many placebo days the share was found on; zero when there were too few and all weigh the same.
        public let placeboDays: Int
        /// Root mean square error on them, in watts.
        public let placeboError: Double
        public let daysUsed: [CivilDay]
        public let adjustment: Adjustment

        public init(
            ruleID: String, ruleVersion: String, share: Double, placeboDays: Int, placeboError: Double,
            daysUsed: [CivilDay], adjustment: Adjustment
        ) {
            self.ruleID = ruleID
            self.ruleVersion = ruleVersion
            self.share = share
            self.placeboDays = placeboDays
            self.placeboError = placeboError
            self.daysUsed = daysUsed
            self.adjustment = adjustment
        }
    }

    public let ruleID: String
    public let ruleVersion: String
    /// Every day that was looked at, newest first.
    public let considered: [ConsideredDay]
    /// The days that the baseline is the mean of, in the rule's own order.
    public let daysUsed: [CivilDay]
    public let adjustment: Adjustment
    public let intervals: [Interval]
    /// The rules of a blend with their shares; none for a rule of its own.
    public let members: [Member]
    /// The same load in the hour before the event and the two hours after it, where the day has them and the rule can
    /// tell: what pre-event rise and snap-back are measured against.
    public let before: [Interval]
    public let after: [Interval]
    /// What the programme's admission test said; nil without one.
    public private(set) var admission: AdmissionTest.Verdict?

    /// For whoever stores baselines; a rule makes them with `baseline(_:)`.
    public init(
        ruleID: String, ruleVersion: String, considered: [ConsideredDay], daysUsed: [CivilDay],
        adjustment: Adjustment, intervals: [Interval], members: [Member] = [], before: [Interval] = [],
        after: [Interval] = []
    ) {
        self.ruleID = ruleID
        self.ruleVersion = ruleVersion
        self.considered = considered
        self.daysUsed = daysUsed
        self.adjustment = adjustment
        self.intervals = intervals
        self.members = members
        self.before = before
        self.after = after
    }

    func judged(_ result: AdmissionTest.Result) -> Baseline {
        var judged = self
        judged.admission = result.verdict
        return judged
    }
}

/// A day that a rule looked at, and what became of it.
public struct ConsideredDay: Hashable, Sendable {
    public enum Verdict: Hashable, Sendable {
        case chosen
        case rejected(Reason)
    }

    public enum Reason: String, Hashable, Sendable {
        /// An event of this meter.
        case event
        /// The day has an interval without a value.
        case gap
        /// The day's load lies at the end that the rule drops, or below the ones it takes.
        case load
        /// Under the share of the level that the rule asks for.
        case lowUse
        /// Enough newer days were found.
        case notNeeded
        case outage
        /// The clock was set forward over the event's hours.
        case skippedHour
        /// A day of another kind.
        case kind
        /// Other days were nearer in temperature.
        case temperature
        case unknownTemperature
    }

    public let day: CivilDay
    public let verdict: Verdict

    public init(day: CivilDay, verdict: Verdict) {
        self.day = day
        self.verdict = verdict
    }
}

/// Why there is no baseline.
public struct BaselineRefusal: Error, Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// The event is empty or does not end on the local day it starts on.
        case eventNotWithinDay
        /// There is no group of meters that were not called, or it steps otherwise.
        case noControlGroup
        /// None of the programme's rules is near enough on the meter's placebo days.
        case notAdmitted
        case tooFewDays(found: Int, needed: Int)
        /// The event does not start and end on steps of the meter.
        case unalignedEvent
        /// The rule needs the event day's temperature.
        case unknownTemperature
        /// An hour of the event was never seen at this time of the week, or lacks its temperature.
        case unpredictable
    }

    public let ruleID: String
    public let ruleVersion: String
    public let reason: Reason
    public let considered: [ConsideredDay]
}

extension BaselineRefusal: CustomStringConvertible {
    public var description: String {
        let text =
            switch reason {
            case .eventNotWithinDay: "the event does not lie within one local day"
            case .noControlGroup: "there is no control group for the meter"
            case .notAdmitted: "the rule is not near enough on the meter's own placebo days"
            case .tooFewDays(let found, let needed): "\(found) days of the \(needed) that the rule needs"
            case .unalignedEvent: "the event does not start and end on the meter's steps"
            case .unknownTemperature: "the event day's temperature is unknown"
            case .unpredictable: "an hour of the event cannot be told from what is known"
            }
        return "no baseline by \(ruleID) \(ruleVersion): \(text)"
    }
}
