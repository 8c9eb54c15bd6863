public import Measures

/// Everything that one site's settlement was counted from, in a form that can be stored: the same inputs and terms give
/// the same bits on any machine.
public struct SettlementInputs: Hashable, Codable, Sendable {
    public let event: ProgramEventID
    public let window: TimeWindow
    public let meter: MeterID
    public let participation: Participation
    /// In watts.
    public let pledge: Double?
    public let zone: ZoneRules
    /// Days of other events and outages of the meter, in order.
    public let eventDays: [CivilDay]
    public let outageDays: [CivilDay]
    public let step: TimeSpan
    /// The start of the first interval; the others follow in steps.
    public let first: Instant
    /// Wh for each interval from `first` on, nil where nothing was measured.
    public let energies: [Double?]
    /// Qualities of readings that are not plainly good, by the place of the interval.
    public let qualities: [Int: ReadingQuality]
    /// Temperatures of the same intervals; empty when none is known.
    public let temperatures: [Double?]
    /// Mean energy of the meters of the control group; empty without one.
    public let controlGroup: [Double?]
    /// Millionths per kWh of the event's intervals; empty when the terms need none.
    public let priceMicros: [Int64]
    public let priceCurrency: Currency?
    public let past: [PastPerformance]

    public init(
        event: ProgramEventID, window: TimeWindow, meter: MeterID, participation: Participation, pledge: Watts?,
        zone: ZoneRules, eventDays: [CivilDay] = [], outageDays: [CivilDay] = [], step: TimeSpan, first: Instant,
        energies: [Double?], qualities: [Int: ReadingQuality] = [:], temperatures: [Double?] = [],
        controlGroup: [Double?] = [], prices: [EnergyPrice] = [], past: [PastPerformance] = []
    ) {
        self.event = event
        self.window = window
        self.meter = meter
        self.participation = participation
        self.pledge = pledge?.value
        self.zone = zone
        self.eventDays = eventDays
        self.outageDays = outageDays
        self.step = step
        self.first = first
        self.energies = energies
        self.qualities = qualities
        self.temperatures = temperatures
        self.controlGroup = controlGroup
        priceMicros = prices.map(\.micros)
        priceCurrency = prices.first?.currency
        self.past = past
    }

    /// Readings on the grid of the meter's steps from `first` on. Readings off the grid are refused by the history.
    public static func grid(
        _ readings: [IntervalReading], first: Instant, step: TimeSpan, count: Int
    ) -> [Double?] {
        var energies = [Double?](repeating: nil, count: max(0, count))
        for reading in readings {
            let offset = (reading.start - first).seconds
            guard offset >= 0, offset % step.seconds == 0, Int(offset / step.seconds) < energies.count else { continue }
            energies[Int(offset / step.seconds)] = reading.energy?.value
        }
        return energies
    }

    private func readings(_ values: [Double?]) -> [IntervalReading] {
        values.enumerated().map { index, value in
            IntervalReading(
                start: first + step * Int64(index), duration: step, energy: value.map { WattHours($0) })
        }
    }

    /// The context of the baseline under some terms.
    func context(_ options: SettlementOptions) throws(MeterHistory.Flaw) -> BaselineContext {
        let calendar = DayCalendar(
            zone: zone, holidays: Set(options.holidays), eventDays: Set(eventDays), outageDays: Set(outageDays))
        var degrees: [Instant: Double] = [:]
        var maxima: [CivilDay: Double] = [:]
        for (index, value) in temperatures.enumerated() {
            guard let value, value.isFinite else { continue }
            let start = first + step * Int64(index)
            degrees[start] = value
            let day = zone.local(start).day
            maxima[day] = max(maxima[day] ?? value, value)
        }
        return BaselineContext(
            event: window, history: try MeterHistory(readings(energies), zone: zone), calendar: calendar,
            maximumTemperatures: maxima,
            temperatures: degrees.isEmpty ? nil : TemperatureHistory(degrees, step: step, zone: zone),
            controlGroup: controlGroup.isEmpty ? nil : try MeterHistory(readings(controlGroup), zone: zone))
    }

    /// The site's part with its baseline.
    func siteEvent(_ baseline: Baseline) -> SiteEvent {
        let span = TimeWindow(start: window.start - .hours(6), duration: window.duration + .hours(12))
        let near = readings(energies).filter { span.contains($0.start) }
        var marked: [Instant: ReadingQuality] = [:]
        for (index, quality) in qualities { marked[first + step * Int64(index)] = quality }
        var prices: [Instant: EnergyPrice] = [:]
        if let priceCurrency {
            for (interval, micros) in zip(window.intervals(every: step), priceMicros) {
                prices[interval.start] = EnergyPrice(micros: micros, currency: priceCurrency)
            }
        }
        return SiteEvent(
            meter: meter, participation: participation, baseline: baseline, readings: near, qualities: marked,
            pledge: pledge.map { Watts($0) }, prices: prices, past: past)
    }
}

/// Why a site cannot be settled. Nothing is paid for it then, and the settlement says why.
public enum SettlementRefusal: Error, Hashable, Sendable {
    case noBaseline(BaselineRefusal)
    case unusable(SettlementError)
    case unusableReadings(MeterHistory.Flaw)
}

extension ProgramTerms {
    /// What the inputs come to. Where that cannot be told, the reason and a settlement that waits and pays nothing.
    public func count(_ inputs: SettlementInputs) -> (settlement: SiteSettlement, refusal: SettlementRefusal?) {
        do {
            return (try settle(inputs), nil)
        } catch {
            return (waiting(inputs, error), error)
        }
    }

    private func waiting(_ inputs: SettlementInputs, _ refusal: SettlementRefusal) -> SiteSettlement {
        var baseline = Baseline(
            ruleID: baselineRules[0].id, ruleVersion: baselineRules[0].version, considered: [], daysUsed: [],
            adjustment: .none, intervals: [])
        if case .noBaseline(let refused) = refusal, !refused.ruleID.isEmpty {
            baseline = Baseline(
                ruleID: refused.ruleID, ruleVersion: refused.ruleVersion, considered: refused.considered, daysUsed: [],
                adjustment: .none, intervals: [])
        }
        return SiteSettlement(
            meter: inputs.meter, participation: inputs.participation,
            state: inputs.participation == .optedOutInTime ? .excluded : .waiting(measuredShare: 0), intervals: [],
            reduction: 0, snapBack: 0, preEventRise: 0, paidEnergy: 0, performance: nil, multiplierMicros: 1_000_000,
            parts: [], amount: .zero(currency), baseline: baseline)
    }

    /// What the inputs come to.
    public func settle(_ inputs: SettlementInputs) throws(SettlementRefusal) -> SiteSettlement {
        let context: BaselineContext
        do {
            context = try inputs.context(options)
        } catch {
            throw .unusableReadings(error)
        }
        let baseline: Baseline
        do {
            baseline = try self.baseline(context)
        } catch {
            throw .noBaseline(error)
        }
        do {
            return try settle(inputs.siteEvent(baseline))
        } catch {
            throw .unusable(error)
        }
    }
}
