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
    /// A short name for each series.
    private let labels: [String]
    /// One sentence for each series that no site is cut from.
    public let leftOut: [String]

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
        let cut = zip(usable, found).filter { !$1.isEmpty }
        self.series = cut.map(\.0)
        candidates = cut.map(\.1)
        labels = SiteLabel.labels(of: cut.map(\.0))
        leftOut =
            series.filter { $0.containsOthers && sources.contains($0.source) }.map {
                "\($0.source) series \($0.name): the sum of the other series of its file"
            }
            + zip(usable, found).filter { $1.isEmpty }.map { one, _ in
                "\(one.source) series \(one.name): no complete day like \(day) after \(Self.leastDays) days of history"
            }
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
        (0..<max(count, 0)).map { number in
            let index = number % series.count
            let turn = number / series.count
            var choice = SplitMix64(seed: seed &* 0x1000_0001 &+ UInt64(number))
            let window = candidates[index][turn % candidates[index].count]
            let name = turn == 0 ? labels[index] : "\(labels[index]) \(turn + 1)"
            return cut(series[index], window, name: name, fraction: choice.fraction())
        }
    }

    /// Systems come down to a peak of 50 to 800 kW; buildings and homes stay within a quarter of their size.
    private func scale(_ character: CutSite.Character, peak: Watts, _ fraction: Double) -> Double {
        guard character == .system else { return 0.8 + 0.05 * (fraction * 9).rounded(.down) }
        // Squared, so that small sites are more frequent, and in steps of 10 kW, so that the provenance is exact.
        return (50_000 + 10_000 * (fraction * fraction * 76).rounded(.down)) / peak.value
    }

    private func cut(_ series: LoadSeries, _ window: SiteWindow, name: String, fraction: Double) -> CutSite {
        let mapping = CalendarShift(from: series.zone, to: zone, days: eventDay - window.eventDay)
        let span = mapping.target(from: eventDay + -window.historyDays, through: eventDay)
        let slots = span.intervals(every: series.step).map { interval in
            mapping.source(interval.start).flatMap(series.index)
        }
        let energies = slots.map { $0.flatMap { series.readings[$0].energy } }
        let peak = energies.compactMap { $0 }.max()?.meanPower(over: series.step) ?? .zero
        let character = series.character
        let scale = scale(character, peak: peak, fraction)
        let readings = energies.enumerated().map { slot, energy in
            IntervalReading(
                start: span.start + series.step * Int64(slot), duration: series.step,
                energy: energy.map { WattHours(($0.value * scale).rounded()) })
        }
        let size =
            character == .system
            ? "to \(Int((peak * scale).kilowatts.rounded())) kW peak" : "to \(Int((scale * 100).rounded())) %"
        return CutSite(
            name: name, series: series.name, character: character, step: series.step, zone: zone, readings: readings,
            temperatures: series.temperatures.map { all in slots.map { $0.flatMap { all[$0] } } },
            holidays: Set((series.holidays ?? []).map { $0 + mapping.days }),
            excluded: series.excluded.compactMap(mapping.target).filter { $0.overlaps(span) },
            historyDays: window.historyDays,
            provenance: provenance(
                series, window, size: scale == 1 ? "not scaled" : "scaled \(size)", shift: mapping.days))
    }

    private func provenance(_ series: LoadSeries, _ window: SiteWindow, size: String, shift: Int) -> String {
        let isAlone = series.source.hasPrefix("\(series.name).")
        let weeks = abs(shift / 7)
        var parts = [
            isAlone ? series.source : "\(series.source) series \(series.name)",
            "\(window.eventDay + -window.historyDays)..\(window.eventDay)", size,
            shift == 0
                ? "not shifted" : "shifted \(shift > 0 ? "forward" : "back") by \(counted(weeks, "week"))",
        ]
        if series.zone.identifier != zone.identifier {
            parts.append("local time of \(series.zone.identifier) taken as \(zone.identifier)")
        }
        if window.historyDays < days { parts.append("only \(window.historyDays) days of history") }
        if window.missing > 0 { parts.append(counted(window.missing, "missing reading")) }
        return parts.joined(separator: ", ")
    }
}

/// Short names for series that are called like their file.
enum SiteLabel {
    /// Words that say how a file is made, not what it is about.
    private static let plain: Set<Substring> = ["hourly", "daily", "csv", "data", "load", "local", "utc"]

    /// The name without such words and without numbers, unless two would be the same.
    static func labels(of series: [LoadSeries]) -> [String] {
        let short = series.map { one in
            let words = one.name.split { !$0.isLetter && !$0.isNumber }
            return words.filter { !plain.contains($0) && !$0.contains(where: \.isNumber) }.joined(separator: " ")
        }
        return series.indices.map { index in
            let isUnique = !short[index].isEmpty && short.count { $0 == short[index] } == 1
            return isUnique ? short[index] : "\(series[index].name) of \(series[index].source)"
        }
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
