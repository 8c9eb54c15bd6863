internal import Measures

/// The rectangle of the values, and where times and values lie in it.
struct PlotFrame {
    let left: Double
    let top: Double
    let right: Double
    let bottom: Double
    let span: TimeWindow
    let values: ValueTicks

    var width: Double { right - left }
    var height: Double { bottom - top }

    /// The column of a time; beyond the edges for a time outside the span.
    func x(_ time: Instant) -> Double {
        let whole = Double(max(span.duration.seconds, 1))
        return left + width * Double((time - span.start).seconds) / whole
    }

    /// The column of a time, kept within the rectangle.
    func clamped(_ time: Instant) -> Double { min(max(x(time), left), right) }

    /// The row of a value.
    func y(_ value: Double) -> Double {
        bottom - height * ((value - values.lower) / (values.upper - values.lower))
    }

    /// The points of a line within the span, cut where a value is missing. One neighbour on either side stays, so that
    /// the line reaches the edge.
    func runs(_ points: [PlotPoint]) -> [[(x: Double, y: Double)]] {
        let first = max((points.firstIndex { $0.time >= span.start } ?? points.count) - 1, 0)
        let last = min((points.lastIndex { $0.time <= span.end } ?? -1) + 2, points.count)
        guard first < last else { return [] }
        return points[first..<last].split { !$0.value.isFinite }.map { run in
            Thinning.thin(run.map { (x($0.time), y($0.value)) })
        }
    }
}

/// Text of a path's `d`.
enum SVGPath {
    /// Straight lines through points.
    static func line(_ points: [(x: Double, y: Double)]) -> String {
        points.enumerated().map { index, point in
            "\(index == 0 ? "M" : "L")\(SVGElement.number(point.x)) \(SVGElement.number(point.y))"
        }.joined()
    }

    /// The room between two lines over the same columns.
    static func area(_ upper: [(x: Double, y: Double)], _ lower: [(x: Double, y: Double)]) -> String {
        line(upper + lower.reversed()) + "Z"
    }
}
