internal import Measures

extension Plot {
    /// The least and greatest value that is drawn within the span; nil if none is.
    var extent: (low: Double, high: Double)? {
        var (low, high) = (Double.infinity, -Double.infinity)
        func take(_ values: some Sequence<Double>) {
            for value in values where value.isFinite {
                low = min(low, value)
                high = max(high, value)
            }
        }
        var needsZero = showsZero
        for layer in layers {
            switch layer {
            case .band(let band):
                take(band.edges.filter { shows($0.time) }.flatMap { [$0.lower, $0.upper] })
            case .bars(let series, _):
                needsZero = true
                take(visible(series))
            case .level(_, _, let value): take([value])
            case .line(let series), .step(let series, _): take(visible(series))
            case .stack(let members, _):
                needsZero = true
                take(PlotStack(members).tops.last?.filter { shows($0.time) }.map(\.value) ?? [])
            case .moment, .window: break
            }
        }
        guard low <= high else { return nil }
        // Near enough to zero to show it: a load curve says more with its floor.
        if needsZero || (low > 0 && low < 0.35 * high) { take([0]) }
        return (low, high)
    }

    private func shows(_ time: Instant) -> Bool { span.start <= time && time <= span.end }

    private func visible(_ series: PlotSeries) -> [Double] {
        series.points.filter { shows($0.time) }.map(\.value)
    }

    /// What a person who cannot see the plot is told.
    var spokenSummary: String {
        if let summary { return summary }
        func moment(_ instant: Instant) -> String {
            let local = zone.local(instant)
            return "\(local.day) \(TimeTicks.name(local.time))"
        }
        var sentences = ["From \(moment(span.start)) to \(moment(span.end)), \(zone.identifier)."]
        for layer in layers {
            switch layer {
            case .bars(let series, _), .line(let series), .step(let series, _):
                let values = visible(series).filter(\.isFinite)
                guard let low = values.min(), let high = values.max() else {
                    sentences.append("\(series.name): no values.")
                    continue
                }
                let ticks = ValueTicks((low, high), count: 200)
                sentences.append("\(series.name): \(ticks.label(low)) to \(ticks.label(high)) \(unit).")
            case .window(let name, _, let window):
                sentences.append("\(name): \(moment(window.start)) to \(moment(window.end)).")
            case .level(let name, _, let value) where value.isFinite:
                sentences.append("\(name): \(ValueTicks((0, value), count: 200).label(value)) \(unit).")
            case .stack(let members, _): sentences.append("Stacked: \(members.map(\.name).joined(separator: ", ")).")
            case .band, .level, .moment: break
            }
        }
        return sentences.joined(separator: " ")
    }
}

/// Running sums of series that lie one above the other.
struct PlotStack {
    /// For each member the sums up to and with it, at the times of all members.
    let tops: [[PlotPoint]]

    init(_ members: [PlotSeries]) {
        let times = Set(members.flatMap { $0.points.map(\.time) }).sorted()
        var sums = [Double](repeating: 0, count: times.count)
        tops = members.map { member in
            let values = Dictionary(member.points.map { ($0.time, $0.value) }, uniquingKeysWith: { $1 })
            for (index, time) in times.enumerated() {
                let value = values[time] ?? 0
                if value.isFinite, value > 0 { sums[index] += value }
            }
            return zip(times, sums).map { PlotPoint($0, $1) }
        }
    }
}
