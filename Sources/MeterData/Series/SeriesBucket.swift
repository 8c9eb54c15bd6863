public import Measures

/// What one or several meters counted in one bucket of a series.
public struct SeriesBucket: Hashable, Codable, Sendable {
    /// The part of the bucket that lies in the window that was asked for.
    public var window: TimeWindow
    /// The sum of the readings that begin in it.
    public var energy: WattHours
    /// The shed that event intervals show; zero without any.
    public var shed: WattHours
    /// How many readings.
    public var readings: Int
    /// The time that they cover, summed over the meters.
    public var covered: TimeSpan
    /// How many of them are estimated or suspect.
    public var flagged: Int
    /// The lowest and the highest mean power of a single reading.
    public var lowest: Watts
    public var highest: Watts

    public init(
        window: TimeWindow, energy: WattHours, shed: WattHours, readings: Int, covered: TimeSpan, flagged: Int,
        lowest: Watts, highest: Watts
    ) {
        self.window = window
        self.energy = energy
        self.shed = shed
        self.readings = readings
        self.covered = covered
        self.flagged = flagged
        self.lowest = lowest
        self.highest = highest
    }

    /// Adds what another part of the same bucket holds, or another meter.
    public mutating func merge(_ other: SeriesBucket) {
        window = TimeWindow(
            start: min(window.start, other.window.start),
            duration: max(window.end, other.window.end) - min(window.start, other.window.start))
        energy = energy + other.energy
        shed = shed + other.shed
        readings += other.readings
        covered = covered + other.covered
        flagged += other.flagged
        lowest = min(lowest, other.lowest)
        highest = max(highest, other.highest)
    }
}

/// A series at one resolution. Buckets without a reading are not there.
public struct BucketedSeries: Hashable, Sendable {
    public let resolution: SeriesResolution
    /// Whose clock the days are those of.
    public let zone: ZoneRules
    /// In order of time.
    public let buckets: [SeriesBucket]

    public init(resolution: SeriesResolution, zone: ZoneRules, buckets: [SeriesBucket]) {
        self.resolution = resolution
        self.zone = zone
        self.buckets = buckets
    }

    /// All buckets together; nil when there is none.
    public var total: SeriesBucket? {
        guard var sum = buckets.first else { return nil }
        for bucket in buckets.dropFirst() { sum.merge(bucket) }
        return sum
    }
}
