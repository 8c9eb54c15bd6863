public import Measures

/// What a site offers a programme, and on what terms: what a planner may know.
///
/// It depends on the seed, the site's name and its kind, not on where its load comes from.
public struct SiteTraits: Hashable, Codable, Sendable {
    public let kind: SiteKind
    /// The share of its load that the site can do without for a while, between zero and one.
    public let sheddableShare: Double
    /// How long before an event it must be told.
    public let notice: TimeSpan
    public let minimumDuration: TimeSpan
    public let maximumDuration: TimeSpan
    /// How long it must be left alone after an event.
    public let rest: TimeSpan
    /// The probability that it opts in when called, between zero and one.
    public let optInProbability: Double
    /// The standard deviation of what it sheds, relative to what it is asked for.
    public let relativeError: Double
    /// What it asks for each megawatt-hour not used.
    public let pricePerMegawattHour: Money
    /// What it asks for being called at all.
    public let callCost: Money
    /// How much a call inconveniences people, in minor units of money for each hour.
    public let comfortCostPerHour: Money
    public let callsLeftToday: Int
    public let callsLeftThisSeason: Int
    /// The share of the reduction that the planner expects in the first quarter of an hour.
    public let firstIntervalShare: Double
    /// The share of the energy saved that the planner expects to be used after the event.
    public let reboundShare: Double

    /// Draws the traits of a site.
    public init(seed: UInt64, site name: String, kind: SiteKind, currency: Currency = .usd) {
        var random = SeedKey(seed).appending("traits").appending(name).appending(kind.rawValue).generator
        let ranges = Ranges(kind)
        self.kind = kind
        sheddableShare = hundredths(random.between(ranges.share.lowerBound, ranges.share.upperBound))
        notice = .minutes(ranges.noticeMinutes[random.whole(0...(ranges.noticeMinutes.count - 1))])
        minimumDuration = .minutes(30)
        maximumDuration = .minutes(60 * Int64(random.whole(ranges.hours)))
        rest = .hours(Int64(random.whole(1...4)))
        optInProbability = hundredths(random.between(ranges.optIn.lowerBound, ranges.optIn.upperBound))
        relativeError = hundredths(random.between(0.05, 0.2))
        pricePerMegawattHour = Money(minorUnits: 100 * Int64(random.whole(ranges.price)), currency: currency)
        callCost = Money(minorUnits: 25 * Int64(random.whole(ranges.callQuarters)), currency: currency)
        comfortCostPerHour = Money(minorUnits: 10 * Int64(random.whole(0...20)), currency: currency)
        callsLeftToday = random.whole(1...2)
        callsLeftThisSeason = random.whole(2...12)
        firstIntervalShare = hundredths(random.between(0.6, 1))
        reboundShare = hundredths(random.between(ranges.rebound.lowerBound, ranges.rebound.upperBound))
    }

    /// Within which bounds a kind's traits lie: an assumption, of the order that programmes report for such sites.
    private struct Ranges {
        let share: ClosedRange<Double>
        let noticeMinutes: [Int64]
        let hours: ClosedRange<Int>
        let optIn: ClosedRange<Double>
        /// Whole currency units per megawatt-hour.
        let price: ClosedRange<Int>
        /// Quarters of a currency unit.
        let callQuarters: ClosedRange<Int>
        let rebound: ClosedRange<Double>

        init(_ kind: SiteKind) {
            switch kind {
            case .office:
                self.init(0.15...0.30, [10, 30, 60], 2...4, 0.80...0.97, 180...420, 8...40, 0.15...0.40)
            case .school:
                self.init(0.15...0.35, [30, 60, 120], 2...4, 0.70...0.95, 150...380, 8...40, 0.10...0.30)
            case .supermarket:
                self.init(0.10...0.22, [10, 30], 1...3, 0.75...0.95, 220...500, 12...60, 0.20...0.50)
            case .coldStore:
                self.init(0.35...0.60, [5, 10, 30], 2...4, 0.85...0.98, 120...300, 8...40, 0.40...0.80)
            case .lightIndustry:
                self.init(0.20...0.45, [30, 60, 120], 2...4, 0.65...0.92, 200...550, 20...120, 0.00...0.30)
            case .home:
                self.init(0.20...0.45, [0, 5, 10], 1...3, 0.60...0.90, 140...360, 1...4, 0.30...0.60)
            }
        }

        private init(
            _ share: ClosedRange<Double>, _ noticeMinutes: [Int64], _ hours: ClosedRange<Int>,
            _ optIn: ClosedRange<Double>, _ price: ClosedRange<Int>, _ callQuarters: ClosedRange<Int>,
            _ rebound: ClosedRange<Double>
        ) {
            self.share = share
            self.noticeMinutes = noticeMinutes
            self.hours = hours
            self.optIn = optIn
            self.price = price
            self.callQuarters = callQuarters
            self.rebound = rebound
        }
    }
}

/// Rounded to two decimals, so that what is shown is what is used.
func hundredths(_ value: Double) -> Double { (value * 100).rounded() / 100 }
