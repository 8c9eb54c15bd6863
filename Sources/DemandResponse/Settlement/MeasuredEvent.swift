import Measures

/// Baseline and readings of an event brought together: each rounded to the watt-hour before anything is subtracted.
struct MeasuredEvent {
    let intervals: [SettledInterval]
    let hours: Double
    /// In Wh over the measured intervals, negative ones counted in.
    let reduction: Int64
    /// The same from values that are not rounded.
    let exactReduction: Double
    /// Drawn above the baseline after and before the event, in Wh.
    let snapBack: Int64
    let preEventRise: Int64
    private let options: SettlementOptions

    init(_ site: SiteEvent, _ options: SettlementOptions) throws(SettlementError) {
        self.options = options
        let actual = try Self.readings(site)
        var intervals: [SettledInterval] = []
        var exact = 0.0
        for interval in site.baseline.intervals {
            let base = options.mayExport ? interval.energy.value : max(0, interval.energy.value)
            let quality = site.qualities[interval.window.start]
            let reading = Self.counts(quality, options) ? actual[interval.window] : nil
            intervals.append(
                SettledInterval(
                    window: interval.window, baseline: try Self.whole(base, site.meter, interval.window.start),
                    actual: try reading.map { (energy) throws(SettlementError) in
                        try Self.whole(energy.value, site.meter, interval.window.start)
                    }, quality: quality == .good ? nil : quality))
            if let reading { exact += base - reading.value }
        }
        self.intervals = intervals
        hours = intervals.reduce(0) { $0 + $1.window.duration.hours }
        reduction = intervals.reduce(0) { $0 + ($1.reduction ?? 0) }
        exactReduction = exact
        snapBack = Self.excess(
            site.baseline.after.filter { $0.window.end <= site.end + options.snapBack.span }, actual)
        preEventRise = Self.excess(
            site.baseline.before.filter { $0.window.start >= site.start - options.preEventRise.span }, actual)
    }

    var share: Double {
        intervals.isEmpty ? 0 : Double(intervals.count { $0.actual != nil }) / Double(intervals.count)
    }

    /// A reduction as it counts: none within the deadband.
    func counted(_ reduction: Int64) -> Int64 { abs(reduction) < options.deadband ? 0 : reduction }

    /// What is left of the reduction after deadband and guards.
    var netReduction: Int64 {
        intervals.reduce(0) { $0 + counted($1.reduction ?? 0) }
            - (options.snapBack.isNetted ? snapBack : 0) - (options.preEventRise.isNetted ? preEventRise : 0)
    }

    /// What was drawn above a level, in Wh.
    func excess(over level: Watts) -> Int64 {
        intervals.reduce(0) { sum, interval in
            let allowed = Int64((level.value * interval.window.duration.hours).rounded())
            return sum + max(0, (interval.actual ?? 0) - allowed)
        }
    }

    private static func counts(_ quality: ReadingQuality?, _ options: SettlementOptions) -> Bool {
        switch quality {
        case nil, .good: true
        case .estimated: options.acceptsEstimates
        case .suspect: false
        }
    }

    private static func readings(_ site: SiteEvent) throws(SettlementError) -> [TimeWindow: WattHours] {
        var actual: [TimeWindow: WattHours] = [:]
        for reading in site.readings {
            guard let energy = reading.energy else { continue }
            guard actual.updateValue(energy, forKey: reading.window) == nil else {
                throw .repeatedReading(site.meter, reading.start)
            }
        }
        return actual
    }

    /// Only intervals that are measured count, so a missing reading is no excess.
    private static func excess(_ intervals: [Baseline.Interval], _ actual: [TimeWindow: WattHours]) -> Int64 {
        var excess = 0.0
        for interval in intervals {
            guard let drawn = actual[interval.window], drawn.value.isFinite, interval.energy.value.isFinite else {
                continue
            }
            excess += max(0, drawn.value - max(0, interval.energy.value))
        }
        return excess < ProgramTerms.largestEnergy ? Int64(excess.rounded()) : Int64(ProgramTerms.largestEnergy)
    }

    private static func whole(
        _ wattHours: Double, _ meter: MeterID, _ start: Instant
    ) throws(SettlementError) -> Int64 {
        guard wattHours.isFinite, abs(wattHours) <= ProgramTerms.largestEnergy else {
            throw .unusableEnergy(meter, start)
        }
        return Int64(wattHours.rounded())
    }
}

extension SiteEvent {
    fileprivate var start: Instant { baseline.intervals.first?.window.start ?? Instant(secondsSinceEpoch: 0) }
    fileprivate var end: Instant { baseline.intervals.last?.window.end ?? Instant(secondsSinceEpoch: 0) }
}
