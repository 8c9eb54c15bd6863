public import Measures

/// Thins a series out to so many points that a plot of it looks the same: of each of `points / 2` equal spans of the
/// window it keeps the lowest and the highest sample, so no peak and no dip is lost.
///
/// Samples come in order of time, one by one; memory is bounded by the points, not by the samples.
public struct MinMaxDecimator: Sendable {
    private struct Extremes {
        var lowest: SeriesSample
        var highest: SeriesSample
    }

    private let window: TimeWindow
    private let points: Int
    private let span: Double
    private var extremes: [Extremes?]
    /// As long as they are few enough to be shown all.
    private var all: [SeriesSample]? = []
    private var gaps: [TimeWindow] = []
    private var last: SeriesSample?
    private var count = 0

    /// - Parameter points: the most samples of the result, at least 2.
    public init(window: TimeWindow, points: Int) {
        self.window = window
        self.points = max(points, 2)
        let spans = max(points, 2) / 2
        span = max(Double(window.duration.seconds) / Double(spans), 1)
        extremes = Array(repeating: nil, count: spans)
    }

    /// Takes the next sample; one that starts outside the window or before the last one is left out.
    public mutating func add(_ sample: SeriesSample) {
        guard window.contains(sample.start), last.map({ sample.start > $0.start }) ?? true else { return }
        noteGap(before: sample)
        last = sample
        count += 1
        if all != nil {
            all?.append(sample)
            if count > points { all = nil }
        }
        let index = min(Int(Double((sample.start - window.start).seconds) / span), extremes.count - 1)
        guard var found = extremes[index] else {
            extremes[index] = Extremes(lowest: sample, highest: sample)
            return
        }
        if sample.power < found.lowest.power { found.lowest = sample }
        if sample.power > found.highest.power { found.highest = sample }
        extremes[index] = found
    }

    private mutating func noteGap(before sample: SeriesSample) {
        guard let last, let gap = TimeWindow(start: last.end, end: sample.start), gap.duration > .zero else { return }
        gaps.append(gap)
    }

    /// What the samples come to.
    public func finish() -> DecimatedSeries {
        guard let all else {
            let samples = extremes.flatMap { found -> [SeriesSample] in
                guard let found else { return [] }
                guard found.lowest.start != found.highest.start else { return [found.lowest] }
                return found.lowest.start < found.highest.start
                    ? [found.lowest, found.highest] : [found.highest, found.lowest]
            }
            let visible = gaps.filter { Double($0.duration.seconds) > span }
            return DecimatedSeries(samples: samples, gaps: visible, readings: count)
        }
        return DecimatedSeries(samples: all, gaps: gaps, readings: count)
    }
}
