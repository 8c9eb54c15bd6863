public import Measures

/// What a programme's terms say beside the price: capacity, limits, bonus, guards, deadlines, calendar.
///
/// The default is a plain rebate: no capacity, no bonus, nothing netted, payments that add up to the event's total.
public struct SettlementOptions: Hashable, Codable, Sendable {
    /// Payment for what was pledged, by how much of it came.
    public struct Capacity: Hashable, Codable, Sendable {
        /// For each kilowatt pledged and event.
        public var ratePerKilowatt: Money
        public var curve: PerformanceCurve

        public init(ratePerKilowatt: Money, curve: PerformanceCurve = .standard) {
            self.ratePerKilowatt = ratePerKilowatt
            self.curve = curve
        }
    }

    /// Energy above the baseline beside the event.
    public struct Guard: Hashable, Codable, Sendable {
        /// How long before or after the event is looked at.
        public var span: TimeSpan
        /// Whether it is taken off the reduction that is paid, or only reported.
        public var isNetted: Bool

        public init(span: TimeSpan, isNetted: Bool) {
            self.span = span
            self.isNetted = isNetted
        }
    }

    /// A factor on the energy payment of who did well in the latest events.
    public struct Tier: Hashable, Codable, Sendable {
        /// The least mean performance over the latest events.
        public var from: Double
        /// Millionths: 1,500,000 pays half as much again.
        public var multiplierMicros: Int64

        public init(from: Double, multiplierMicros: Int64) {
            self.from = from
            self.multiplierMicros = multiplierMicros
        }
    }

    public enum Rounding: String, Hashable, Codable, Sendable {
        /// Payments add up to the event's total rounded once (largest remainder).
        case eventTotal
        /// Each payment is its own amount rounded half away from zero, as sheets do it.
        case eachPayment
    }

    public var capacity: Capacity?
    /// Reductions of an interval below this many watt-hours in either direction count as none; zero is off.
    public var deadband: Int64
    public var snapBack: Guard
    public var preEventRise: Guard
    public var tiers: [Tier]
    /// How many of the latest events a tier looks at.
    public var tierEvents: Int
    /// The most and the least that an event pays a site, in money; nil for no limit. The least is at most zero.
    public var mostPaid: Money?
    public var leastPaid: Money?
    /// Up to this long before the start an opt-out leaves the event out; later ones have no performance.
    public var optOutDeadline: TimeSpan
    /// How long after the event late or corrected readings still change what was paid.
    public var resettlementWindow: TimeSpan
    public var rounding: Rounding
    /// Whether a baseline may be below zero.
    public var mayExport: Bool
    /// Whether readings that the meter's operator estimated count as measured; suspect ones never do.
    public var acceptsEstimates: Bool
    public var admission: AdmissionTest?
    /// The name of the list of holidays, and the list.
    public var calendarVersion: String
    public var holidays: [CivilDay]

    public init(
        capacity: Capacity? = nil, deadband: Int64 = 0, snapBack: Guard = Guard(span: .hours(2), isNetted: false),
        preEventRise: Guard = Guard(span: .hours(1), isNetted: false), tiers: [Tier] = [], tierEvents: Int = 5,
        mostPaid: Money? = nil, leastPaid: Money? = nil, optOutDeadline: TimeSpan = .zero,
        resettlementWindow: TimeSpan = .days(90), rounding: Rounding = .eventTotal, mayExport: Bool = false,
        acceptsEstimates: Bool = true, admission: AdmissionTest? = nil, calendarVersion: String = "none",
        holidays: [CivilDay] = []
    ) {
        self.capacity = capacity
        self.deadband = deadband
        self.snapBack = snapBack
        self.preEventRise = preEventRise
        self.tiers = tiers
        self.tierEvents = tierEvents
        self.mostPaid = mostPaid
        self.leastPaid = leastPaid
        self.optOutDeadline = optOutDeadline
        self.resettlementWindow = resettlementWindow
        self.rounding = rounding
        self.mayExport = mayExport
        self.acceptsEstimates = acceptsEstimates
        self.admission = admission
        self.calendarVersion = calendarVersion
        self.holidays = holidays
    }

    public static let standard = SettlementOptions()

    /// What makes the options unusable in a currency; nil for none.
    func flaw(_ currency: Currency) -> ProgramTermsError? {
        let amounts = [capacity?.ratePerKilowatt, mostPaid, leastPaid].compactMap(\.self)
        guard amounts.allSatisfy({ $0.currency == currency }) else { return .differentCurrencies }
        guard capacity?.ratePerKilowatt.minorUnits ?? 0 >= 0 else { return .negativePrice }
        let limits =
            deadband >= 0 && tierEvents >= 1 && (mostPaid?.minorUnits ?? 0) >= 0 && (leastPaid?.minorUnits ?? 0) <= 0
            && optOutDeadline >= .zero && resettlementWindow >= .zero && !calendarVersion.isEmpty
        let guards = [snapBack, preEventRise].allSatisfy { $0.span >= .zero && $0.span <= .hours(6) }
        let steps = tiers.allSatisfy {
            $0.from.isFinite && $0.from >= 0 && (0...100_000_000).contains($0.multiplierMicros)
        }
        return limits && guards && steps && capacity?.curve.isUsable ?? true ? nil : .unusableLimit
    }
}

/// What share of a capacity payment a performance earns: a line from each of its points up to the next one.
public struct PerformanceCurve: Hashable, Codable, Sendable {
    /// From a performance on, the share is `offset + slope x performance`.
    public struct Segment: Hashable, Codable, Sendable {
        public var from: Double
        public var offset: Double
        public var slope: Double

        public init(from: Double, offset: Double, slope: Double) {
            self.from = from
            self.offset = offset
            self.slope = slope
        }
    }

    public var segments: [Segment]

    public init(_ segments: [Segment]) {
        self.segments = segments
    }

    /// Full pay from 0.9, in proportion from 0.75, half of that from 0.5, nothing below.
    public static let standard = PerformanceCurve([
        Segment(from: 0, offset: 0, slope: 0), Segment(from: 0.5, offset: 0, slope: 0.5),
        Segment(from: 0.75, offset: 0, slope: 1), Segment(from: 0.9, offset: 1, slope: 0),
    ])

    /// The same with a charge of `rate` for each missing tenth below one half: for firm contracts, never for homes.
    public static func firm(rate: Double) -> PerformanceCurve {
        PerformanceCurve([Segment(from: 0, offset: -0.5 * rate, slope: rate)] + standard.segments.dropFirst())
    }

    public func share(_ performance: Double) -> Double {
        guard let segment = segments.last(where: { $0.from <= performance }) else { return 0 }
        return segment.offset + segment.slope * performance
    }

    /// Segments in ascending order with finite numbers, and shares from -10 to 10.
    var isUsable: Bool {
        let froms = segments.map(\.from)
        return !segments.isEmpty && froms == froms.sorted() && Set(froms).count == froms.count
            && segments.allSatisfy { $0.from.isFinite && $0.offset.magnitude <= 10 && $0.slope.magnitude <= 10 }
    }
}
