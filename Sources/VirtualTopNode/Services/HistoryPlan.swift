import Measures
import OpenADR

/// What is missing of a VEN's telemetry, and how to ask for it: historic reports over the gaps only, cut so that each fits
/// one message.
struct HistoryPlan {
    let ven: VENID
    let offers: [ReportOffer]
    let requests: [ReportRequestRecord]
    let longest: Int
    let now: Instant

    /// A data point whose telemetry runs, the time that it should cover by now, and where history is offered for it.
    struct Series: Hashable {
        let telemetry: RID
        let due: TimeWindow
        let history: ReportSpecifierID
        let historyPoint: RID
        let step: TimeSpan
    }

    /// How often a gap is asked for before it is believed.
    static let attempts = 3
    /// At most so many requests of history wait at a VEN at once.
    static let concurrent = 4

    /// Telemetry that is late by two reports counts as missing; older than the VEN keeps, it is gone.
    func series() -> [Series] {
        requests.filter {
            [.accepted, .requested].contains($0.state) && $0.backDuration > .zero && $0.granularity > .zero
        }
        .flatMap { request -> [Series] in
            guard let offer = offers.first(where: { $0.specifierID == request.specifierID }) else { return [] }
            return request.dataPoints.compactMap { rID in
                guard let point = offer.dataPoints.first(where: { $0.rID == rID }),
                    let (history, twin) = history(for: point)
                else { return nil }
                let step = request.granularity
                let end = (now - request.backDuration * 2).floored(to: step)
                let oldest = history.capacity > .zero ? now - min(history.capacity, .days(31)) : now - .days(1)
                let start = max(request.start.floored(to: step), oldest.floored(to: step) + step)
                guard let due = TimeWindow(start: start, end: end), due.duration >= step else { return nil }
                return Series(
                    telemetry: rID, due: due, history: history.specifierID, historyPoint: twin.rID, step: step)
            }
        }
    }

    /// The same data point in a report of history: of the same name, or of the same place and unit.
    private func history(for point: OfferedDataPoint) -> (ReportOffer, OfferedDataPoint)? {
        let candidates = offers.filter { $0.name == .historyUsage }.flatMap { offer in
            offer.dataPoints.map { (offer, $0) }
        }
        return candidates.first { $0.1.rID == point.rID }
            ?? candidates.first {
                $0.1.resource == point.resource && $0.1.aggregate == point.aggregate && $0.1.unit == point.unit
            }
    }

    /// What the known spans leave open of a window, in whole steps.
    static func gaps(in window: TimeWindow, known: [TimeWindow], step: TimeSpan) -> [TimeWindow] {
        var gaps: [TimeWindow] = []
        var position = window.start
        func note(upTo end: Instant) {
            let begin = position.floored(to: step)
            let whole = end.floored(to: step) < end ? end.floored(to: step) + step : end
            if let gap = TimeWindow(start: begin, end: whole), gap.duration > .zero { gaps.append(gap) }
        }
        for span in known.sorted(by: { $0.start < $1.start }) where span.end > position && span.start < window.end {
            if span.start > position { note(upTo: span.start) }
            position = max(position, span.end)
        }
        if position < window.end { note(upTo: window.end) }
        return gaps
    }

    /// The requests that fill the gaps. One that runs already, or was made often enough, is not made again.
    func requests(for gaps: [(series: Series, gap: TimeWindow)], makeID: () -> String) -> [ReportRequestRecord] {
        var wanted: [Wish: Set<RID>] = [:]
        for (series, gap) in gaps {
            for piece in Self.pieces(of: gap, step: series.step, longest: longest) {
                wanted[Wish(specifier: series.history, window: piece), default: []].insert(series.historyPoint)
            }
        }
        let isHistory = Set(offers.filter { $0.name == .historyUsage }.map(\.specifierID))
        let made = requests.filter { isHistory.contains($0.specifierID) && $0.backDuration == .zero }
        let open = made.filter { [.requested, .accepted].contains($0.state) }
        var new: [ReportRequestRecord] = []
        for (wish, points) in wanted.sorted(by: { $0.key.window.start < $1.key.window.start }) {
            guard open.count + new.count < Self.concurrent else { break }
            let former = made.filter { $0.specifierID == wish.specifier && $0.start == wish.window.start }
            guard !former.contains(where: { open.contains($0) }), former.count < Self.attempts else { continue }
            new.append(
                ReportRequestRecord(
                    venID: ven, requestID: ReportRequestID(makeID()), specifierID: wish.specifier,
                    dataPoints: points.sorted(), granularity: .zero, backDuration: .zero, start: wish.window.start,
                    duration: wish.window.duration, createdAt: now))
        }
        return new
    }

    private struct Wish: Hashable {
        let specifier: ReportSpecifierID
        let window: TimeWindow
    }

    /// Cut so that none has more than `longest` steps.
    static func pieces(of window: TimeWindow, step: TimeSpan, longest: Int) -> [TimeWindow] {
        let most = step * Int64(max(longest, 1))
        guard step > .zero, window.duration > most else { return [window] }
        return window.intervals(every: most)
    }
}
