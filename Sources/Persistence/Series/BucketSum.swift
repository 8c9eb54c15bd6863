import Measures
import MeterData

/// Buckets as the database numbers them, put together: a day on which the clock is set comes in two parts, and the
/// meters of an owner in groups.
struct BucketSum {
    /// `TO_SECONDS('1970-01-01')`
    private static let epoch: Int64 = 62_167_219_200

    let resolution: SeriesResolution
    let zone: ZoneRules
    let window: TimeWindow
    private var byStart: [Instant: SeriesBucket] = [:]

    init(resolution: SeriesResolution, zone: ZoneRules, window: TimeWindow) {
        self.resolution = resolution
        self.zone = zone
        self.window = window
    }

    var step: TimeSpan? { resolution.step }

    /// What moves the numbering of weeks to Mondays: day 0 of `TO_SECONDS` is a Saturday.
    var alignment: TimeSpan { resolution == .week ? .days(5) : .zero }

    /// In order of time.
    var buckets: [SeriesBucket] { byStart.values.sorted { $0.window.start < $1.window.start } }

    mutating func add(_ bucket: SeriesBucket) {
        if byStart[bucket.window.start]?.merge(bucket) == nil { byStart[bucket.window.start] = bucket }
    }

    /// The window of the bucket with that number, as far as it was asked for: a number of steps, or year and month.
    ///
    /// - Parameter part: the stretch with that offset in which its readings lie.
    func window(key: Int64, _ offset: TimeSpan, _ part: TimeWindow) -> TimeWindow {
        let wall =
            if let step {
                Instant(secondsSinceEpoch: key * step.seconds - Self.epoch) - alignment
            } else {
                Instant(year: Int(key / 100), month: Int(key % 100), day: 1)
            }
        // Any moment of the bucket will do; the first one may lie before the stretch.
        let inside = max(wall - offset, part.start)
        let bucket = resolution.bucket(containing: inside, in: zone)
        let start = max(bucket.start, window.start)
        return TimeWindow(start: start, duration: min(bucket.end, window.end) - start)
    }
}
