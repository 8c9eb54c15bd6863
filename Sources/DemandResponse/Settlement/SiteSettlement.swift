public import Measures

/// What a site did when it was called.
public enum Participation: String, Hashable, Codable, Sendable {
    case optedIn
    /// Opted out when it was still allowed: the event does not count for the site.
    case optedOutInTime
    /// Opted out after the deadline: the performance factor is zero.
    case optedOutLate
}

/// One interval of a settled event, in whole watt-hours (0.001 kWh).
public struct SettledInterval: Hashable, Codable, Sendable {
    public let window: TimeWindow
    public let baseline: Int64
    /// Nil when it was not measured.
    public let actual: Int64?

    public init(window: TimeWindow, baseline: Int64, actual: Int64?) {
        self.window = window
        self.baseline = baseline
        self.actual = actual
    }

    /// Baseline less actual, kept when negative; nil when not measured.
    public var reduction: Int64? { actual.map { baseline - $0 } }
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
    /// What of it is paid after floor and cap, in Wh; zero for a nomination programme.
    public let paidEnergy: Int64
    /// Mean reduction over the pledge, from zero to the programme's limit; nil without a pledge or when excluded.
    public let performance: Double?
    public let amount: ExactAmount
    public let baseline: Baseline
}

/// What is wrong with the input of a settlement. Nothing is settled then.
public enum SettlementError: Error, Hashable, Sendable {
    /// The amount is beyond what can be counted.
    case amountTooLarge(MeterID)
    /// A value of the baseline or a reading is beyond 1 TWh or not finite.
    case unusableEnergy(MeterID, Instant)
    case repeatedMeter(MeterID)
    /// Two readings for one interval.
    case repeatedReading(MeterID, Instant)
    case unusablePledge(MeterID)
}

/// A site's part of an event, as settlement needs it.
public struct SiteEvent: Sendable {
    public let meter: MeterID
    public let participation: Participation
    public let baseline: Baseline
    /// Of the event; others are left aside.
    public let readings: [IntervalReading]
    /// The reduction that the site pledged or nominated, if any.
    public let pledge: Watts?

    public init(
        meter: MeterID, participation: Participation, baseline: Baseline, readings: [IntervalReading],
        pledge: Watts? = nil
    ) {
        self.meter = meter
        self.participation = participation
        self.baseline = baseline
        self.readings = readings
        self.pledge = pledge
    }
}

extension ProgramTerms {
    /// One site's settlement.
    public func settle(_ site: SiteEvent) throws(SettlementError) -> SiteSettlement {
        if let pledge = site.pledge {
            guard pledge > .zero, pledge.value <= 1e10 else { throw .unusablePledge(site.meter) }
        }
        let intervals = try settledIntervals(site)
        let measured = intervals.filter { $0.actual != nil }
        let share = intervals.isEmpty ? 0 : Double(measured.count) / Double(intervals.count)
        let reduction = measured.reduce(0) { $0 + ($1.reduction ?? 0) }
        let state: SiteSettlement.State =
            switch site.participation {
            case .optedOutInTime: .excluded
            case .optedIn, .optedOutLate: share >= leastMeasuredShare ? .settled : .waiting(measuredShare: share)
            }
        let counts = state == .settled && site.participation == .optedIn
        let hours = intervals.reduce(0) { $0 + $1.window.duration.hours }
        let paid = counts ? paidEnergy(reduction, site.pledge, hours: hours) : 0
        let ratio = site.pledge.map { counts ? Double(reduction) / ($0.value * hours) : 0 }
        guard let amount = counts ? amount(paid, ratio, site.pledge) : ExactAmount(parts: 0, currency: currency) else {
            throw .amountTooLarge(site.meter)
        }
        return SiteSettlement(
            meter: site.meter, participation: site.participation, state: state, intervals: intervals,
            reduction: reduction, paidEnergy: paid,
            performance: state == .settled ? ratio.map { min(max($0, 0), highestPerformance) } : nil,
            amount: amount, baseline: site.baseline)
    }

    /// Baseline and reading, each rounded to the watt-hour before anything is subtracted or paid.
    private func settledIntervals(_ site: SiteEvent) throws(SettlementError) -> [SettledInterval] {
        var actual: [TimeWindow: WattHours] = [:]
        for reading in site.readings {
            guard let energy = reading.energy else { continue }
            guard actual.updateValue(energy, forKey: reading.window) == nil else {
                throw .repeatedReading(site.meter, reading.start)
            }
        }
        var intervals: [SettledInterval] = []
        for interval in site.baseline.intervals {
            let measured = actual[interval.window]
            guard let baseline = Self.wholeWattHours(interval.energy) else {
                throw .unusableEnergy(site.meter, interval.window.start)
            }
            let rounded = measured.map(Self.wholeWattHours)
            if case .some(.none) = rounded { throw .unusableEnergy(site.meter, interval.window.start) }
            intervals.append(SettledInterval(window: interval.window, baseline: baseline, actual: rounded ?? nil))
        }
        return intervals
    }

    private static func wholeWattHours(_ energy: WattHours) -> Int64? {
        guard energy.value.isFinite, abs(energy.value) <= largestEnergy else { return nil }
        return Int64(energy.value.rounded())
    }

    private func paidEnergy(_ reduction: Int64, _ pledge: Watts?, hours: Double) -> Int64 {
        guard case .energy(let payment) = payment else { return 0 }
        let lowest: Int64 =
            switch payment.floor {
            case .zero: 0
            case .excess(let most): -Int64(most.value.rounded())
            }
        var paid = max(reduction, lowest)
        if let cap = payment.cap, let pledge {
            paid = min(paid, Int64((cap * pledge.value * hours).rounded()))
        }
        return paid
    }

    /// Nil when the amount is too large to count.
    private func amount(_ paidEnergy: Int64, _ ratio: Double?, _ pledge: Watts?) -> ExactAmount? {
        switch payment {
        case .energy(let payment):
            return ExactAmount(payment.price, wattHours: paidEnergy)
        case .nomination(let payment):
            guard let ratio, let pledge else { return ExactAmount(parts: 0, currency: currency) }
            let full = Double(payment.ratePerKilowatt.minorUnits) * pledge.kilowatts
            let parts = (min(max(ratio, 0), 1) * full * Double(ExactAmount.partsPerMinorUnit)).rounded()
            guard parts < 9e18 else { return nil }
            return ExactAmount(parts: Int64(parts), currency: currency)
        }
    }
}
