public import Measures

/// A load as one source measured it, put on a grid of equal steps.
public struct LoadSeries: Sendable {
    /// The zone or meter that the source names, else the file's name without its ending.
    public var name: String
    /// The file's name, without its folder.
    public var source: String
    public var step: TimeSpan
    /// The clock that the place lives by.
    public var zone: ZoneRules
    /// In order of time, one for every step from the first to the last; a missing one has no energy.
    public var readings: [IntervalReading]
    /// Outdoor temperature in degrees Celsius beside each reading; nil when the source has none at all.
    public var temperatures: [Double?]?
    /// Days on which the place did not work as usual; nil when nobody said.
    public var holidays: Set<CivilDay>?
    /// Spans that no baseline may learn from, such as earlier demand-response events.
    public var excluded: [TimeWindow]
    public var quality: LoadQuality
    /// One sentence for each thing that the reader assumed, averaged, dropped or filled.
    public var notes: [String]
    /// True when the load is the sum of the other series of its file.
    public var containsOthers = false

    /// A series of readings on a grid of `step`; what is not given is not known.
    public init(
        name: String, source: String, step: TimeSpan, zone: ZoneRules, readings: [IntervalReading],
        temperatures: [Double?]? = nil, holidays: Set<CivilDay>? = nil, excluded: [TimeWindow] = [],
        quality: LoadQuality = LoadQuality(), notes: [String] = []
    ) {
        self.name = name
        self.source = source
        self.step = step
        self.zone = zone
        self.readings = readings
        self.temperatures = temperatures
        self.holidays = holidays
        self.excluded = excluded
        self.quality = quality
        self.notes = notes
    }

    /// From the start of the first reading to the end of the last.
    public var window: TimeWindow {
        guard let first = readings.first else {
            return TimeWindow(start: Instant(secondsSinceEpoch: 0), duration: .zero)
        }
        return TimeWindow(start: first.start, duration: step * Int64(readings.count))
    }

    /// The reading that begins at `start`, nil outside the series and off its grid.
    public func reading(at start: Instant) -> IntervalReading? {
        index(at: start).map { readings[$0] }
    }

    func index(at start: Instant) -> Int? {
        guard let first = readings.first else { return nil }
        let offset = (start - first.start).seconds
        guard offset >= 0, offset % step.seconds == 0 else { return nil }
        let index = Int(offset / step.seconds)
        return index < readings.count ? index : nil
    }

    /// The highest mean power of a step.
    public var peak: Watts {
        readings.compactMap(\.energy).max().map { $0.meanPower(over: step) } ?? .zero
    }
}

/// What was wrong with a source, counted.
public struct LoadQuality: Hashable, Codable, Sendable {
    /// Rows of the file that belong to the series.
    public var rows = 0
    /// Steps without a value: empty cells, and rows that are not there.
    public var missing = 0
    /// Runs of missing steps.
    public var gaps = 0
    /// Steps of the longest run.
    public var longestGap = 0
    /// Rows that repeated a time: averaged into the row before.
    public var repeated = 0
    /// Rows with a local time that the clock skipped in spring: dropped.
    public var skippedByClock = 0
    /// Rows whose time was off the grid: dropped.
    public var offGrid = 0
    /// Rows that could not be read and were tolerated: dropped.
    public var bad = 0

    public init() {}
}
