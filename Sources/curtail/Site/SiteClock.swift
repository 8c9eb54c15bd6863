import Measures
import SiteScheduling

/// When the steps of a site's file are: they repeat without end from its start, or from midnight (UTC).
struct SiteClock {
    let start: Instant
    let step: TimeSpan
    let count: Int

    init(_ document: SiteDocument) throws {
        step = .seconds(Int64((document.site.hours * 3_600).rounded()))
        guard step >= .seconds(1) else {
            throw CommandFailure("The site's steps are too short.", hint: "take a minute or more", status: .refused)
        }
        start = document.start.flatMap { Instant(utc: $0) } ?? Instant(secondsSinceEpoch: 0)
        count = document.site.stepCount
    }

    /// Whole steps since the start, rounded down.
    private func steps(to moment: Instant) -> Int64 {
        let passed = (moment - start).seconds
        return (passed >= 0 ? passed : passed - step.seconds + 1) / step.seconds
    }

    /// The step of the file at a moment.
    func step(at moment: Instant) -> Int {
        let steps = steps(to: moment) % Int64(count)
        return Int((steps + Int64(count)) % Int64(count))
    }

    /// The whole steps that a time touches.
    func whole(_ window: TimeWindow) -> TimeWindow {
        let first = start + step * steps(to: window.start)
        let last = start + step * (steps(to: window.end - .seconds(1)) + 1)
        return TimeWindow(start: first, duration: last - first)
    }

    /// The steps of the file in a time of whole steps; nil where it goes over the file's end.
    func range(_ window: TimeWindow) -> Range<Int>? {
        let first = step(at: window.start)
        let length = Int(window.duration.seconds / step.seconds)
        return length > 0 && first + length <= count ? first..<(first + length) : nil
    }

    /// The mean over a time of what a value is in each step, by the steps since `origin`.
    func mean(_ window: TimeWindow, since origin: Instant, _ value: (Int) -> Double) -> Double {
        var sum = 0.0
        var at = window.start
        while at < window.end {
            let end = min(window.end, whole(TimeWindow(start: at, duration: .seconds(1))).end)
            sum += value(Int((at - origin).seconds / step.seconds)) * Double((end - at).seconds)
            at = end
        }
        return window.duration > .zero ? sum / Double(window.duration.seconds) : 0
    }
}
