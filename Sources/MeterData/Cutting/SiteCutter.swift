public import Measures

/// Makes demonstration sites out of load series: by series, window, scale, and a shift by whole weeks in local time, so
/// that every site's history ends on the same event day and its weekdays and clock changes stay true.
///
/// The same series, options and seed give the same sites.
public struct SiteCutter: Sendable {
    /// The common day whose later part is still to come.
    public let eventDay: CivilDay
    /// The clock of the common calendar.
    public let zone: ZoneRules
    /// The most days of history before the event day.
    public let days: Int
    public let seed: UInt64

    private let series: [LoadSeries]
    private let candidates: [[SiteWindow]]

    /// The least history that a site may have.
    static let leastDays = 21

    /// Looks for the windows that can be cut.
    ///
    /// - Parameters:
    ///   - eventDay: the common event day; without one, the latest working day with a whole day of readings in the file
    ///     that has the most series.
    ///   - days: the most days of history before the event day, at least 21.
    /// - Throws: `nothingToCut` when no series has three weeks of history before a complete day.
    public init(
        _ series: [LoadSeries], eventDay: CivilDay? = nil, days: Int, seed: UInt64
    ) throws(MeterDataError) {
        let sources = Set(series.filter { !$0.containsOthers }.map(\.source))
        // A sum of other sites would count their load twice.
        let usable = series.filter { !$0.containsOthers || !sources.contains($0.source) }
        guard let leading = Self.leading(usable) else { throw .nothingToCut(reason: "there are none") }
        guard days >= Self.leastDays else { throw .nothingToCut(reason: "\(days) days of history are too few") }
        let day = eventDay ?? SiteWindow.latestEventDay(of: leading)
        guard let day else { throw .nothingToCut(reason: "\(leading.name) has no complete working day after them") }
        let zone = leading.zone
        let found = usable.map { SiteWindow.candidates(in: $0, eventDay: day, days: days) }
        guard found.contains(where: { !$0.isEmpty }) else {
            throw .nothingToCut(reason: "none has a complete day like \(day) after \(Self.leastDays) days of history")
        }
        self.series = zip(usable, found).filter { !$1.isEmpty }.map(\.0)
        candidates = found.filter { !$0.isEmpty }
        self.eventDay = day
        self.zone = zone
        self.days = days
        self.seed = seed
    }

    /// The first series of the file with the most series.
    private static func leading(_ series: [LoadSeries]) -> LoadSeries? {
        let most = series.map { one in series.count { $0.source == one.source } }.max()
        return series.first { one in series.count { $0.source == one.source } == most }
    }

    /// As many sites as asked for: every series in turn, each time with its next best window.
    public func sites(_ count: Int) -> [CutSite] {
        (0..<count).map { number in
            let index = number % series.count
            let turn = number / series.count
            var choice = SeededChoice(seed: seed &* 0x1000_0001 &+ UInt64(number))
            let window = candidates[index][turn % candidates[index].count]
            let scale = scale(of: series[index], choice.fraction())
            return cut(series[index], window, scale: scale, turn: turn)
        }
    }

    /// Systems come down to a peak of 50 to 800 kW; buildings and homes stay within a quarter of their size.
    private func scale(of series: LoadSeries, _ fraction: Double) -> Double {
        guard series.character == .system else { return 0.8 + 0.05 * (fraction * 9).rounded(.down) }
        // Squared, so that small sites are more frequent, and rounded to 10 kW, so that the provenance is exact.
        let peak = 50 + 10 * (fraction * fraction * 75).rounded(.down)
        return peak * 1_000 / series.peak.value
    }

    private func cut(_ series: LoadSeries, _ window: SiteWindow, scale: Double, turn: Int) -> CutSite {
        let mapping = CalendarShift(from: series.zone, to: zone, days: eventDay - window.eventDay)
        let first = eventDay + -window.historyDays
        let span = mapping.target(from: first, through: eventDay)
        let slots = span.intervals(every: series.step).map { interval in
            mapping.source(interval.start).flatMap(series.index)
        }
        let readings = slots.enumerated().map { slot, index in
            IntervalReading(
                start: span.start + series.step * Int64(slot), duration: series.step,
                energy: index.flatMap { series.readings[$0].energy }.map { WattHours(($0.value * scale).rounded()) })
        }
        return CutSite(
            name: turn == 0 ? series.name : "\(series.name) \(turn + 1)", series: series.name,
            character: series.character, step: series.step, zone: zone, readings: readings,
            temperatures: series.temperatures.map { all in slots.map { $0.flatMap { all[$0] } } },
            holidays: Set((series.holidays ?? []).map { $0 + mapping.days }),
            excluded: series.excluded.compactMap(mapping.target).filter { $0.overlaps(span) },
            historyDays: window.historyDays,
            provenance: provenance(series, window, scale: scale, shift: mapping.days))
    }

    private func provenance(_ series: LoadSeries, _ window: SiteWindow, scale: Double, shift: Int) -> String {
        let first = window.eventDay + -window.historyDays
        let size: String
        if series.character == .system {
            size =
                "scaled from \(Int(series.peak.kilowatts.rounded())) to "
                + "\(Int((series.peak * scale).kilowatts.rounded())) kW peak"
        } else {
            size = scale == 1 ? "not scaled" : "scaled by \((scale * 100).rounded() / 100)"
        }
        var parts = ["\(series.source) series \(series.name)", "\(first)..\(window.eventDay)", size]
        parts.append(shift == 0 ? "not shifted" : "shifted by \(shift / 7) weeks")
        if series.zone.identifier != zone.identifier {
            parts.append("local time of \(series.zone.identifier) taken as \(zone.identifier)")
        }
        if window.historyDays < days { parts.append("only \(window.historyDays) days of history") }
        if window.missing > 0 { parts.append("\(window.missing) readings missing") }
        return parts.joined(separator: ", ")
    }
}

extension LoadSeries {
    /// Above 20 MW nothing is one site; below a mean of 3 kW it is a home.
    var character: CutSite.Character {
        let present = readings.compactMap(\.energy)
        let mean = present.reduce(WattHours.zero, +).value / Double(max(present.count, 1)) / step.hours
        return peak > .kilowatts(20_000) ? .system : mean < 3_000 ? .home : .building
    }
}
