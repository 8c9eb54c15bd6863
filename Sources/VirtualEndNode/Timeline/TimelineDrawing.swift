public import Measures
public import OpenADR

extension Timeline {
    /// The timeline as lines of text: one for each event, best first, and one for what each resource does.
    ///
    /// ```
    ///                      now                                      01 Jul 12:00 to 14:00 UTC
    /// peak, priority 1       |    555555
    /// base, priority 2       |11111111111111112222222222222222
    /// does                   |11111555555111112222222222222222
    /// 1 level 1   2 level 2   5 change by -5.0 kW
    /// ```
    ///
    /// Each instruction has a sign; the legend says which.
    ///
    /// - Parameter columns: how many characters the time takes; 10 or more.
    public func drawn(now: Instant, resources: [ResourceID] = [], columns: Int = 48) -> [String] {
        guard let window = Self.window(of: self, now: now) else { return ["nothing to do"] }
        let columns = max(columns, 10)
        var legend = Legend()
        var rows: [(name: String, cells: String)] = []
        for layer in layers {
            let own = Timeline(layers: [layer])
            rows.append((Self.name(of: layer), own.cells(of: nil, window, now, columns, &legend)))
        }
        let names = resources.isEmpty ? [nil] : resources.map(Optional.some)
        for resource in names {
            rows.append((resource.map { "\($0) does" } ?? "does", cells(of: resource, window, now, columns, &legend)))
        }
        let width = rows.map(\.name.count).max() ?? 0
        let title = "\(Self.minute(window.start)) to \(Self.minute(window.end)) UTC, | is now"
        return [String(repeating: " ", count: width + 2) + title]
            + rows.map { $0.name + String(repeating: " ", count: width + 2 - $0.name.count) + $0.cells }
            + [legend.text]
    }

    /// From a quarter before now, where something ran, to the end of all that is planned; at most two days.
    private static func window(of timeline: Timeline, now: Instant) -> TimeWindow? {
        let slots = timeline.layers.flatMap(\.slots).filter { $0.end.map { now < $0 } ?? true }
        guard let first = slots.map(\.start).min() else { return nil }
        let last = slots.map { $0.end ?? max($0.start, now) + .hours(1) }.max() ?? now
        let start = max(min(first, now), now - .days(1)).floored(to: .minutes(1))
        return TimeWindow(start: start, end: max(min(last, now + .days(2)), start + .minutes(10)))
    }

    private func cells(
        of resource: ResourceID?, _ window: TimeWindow, _ now: Instant, _ columns: Int, _ legend: inout Legend
    ) -> String {
        let total = Double(window.duration.seconds)
        let nowColumn = Int(Double((now - window.start).seconds) / total * Double(columns))
        var cells = ""
        for column in 0..<columns {
            if column == nowColumn { cells += "|" }
            let middle = window.start + .seconds(Int64((Double(column) + 0.5) / Double(columns) * total))
            cells.append(slot(of: resource, at: middle).map { legend.sign(of: $0.dispatch) } ?? ".")
        }
        return cells
    }

    private static func name(of layer: Layer) -> String {
        let resources = layer.resources.isEmpty ? "" : " (\(layer.resources.map(\.rawValue).joined(separator: ", ")))"
        return layer.priority == 0
            ? "\(layer.eventID)\(resources)" : "\(layer.eventID), priority \(layer.priority)\(resources)"
    }

    private static func minute(_ instant: Instant) -> String {
        String("\(instant)".dropLast(4)).replacing("T", with: " ")
    }

    private struct Legend {
        private var signs: [(dispatch: Dispatch, sign: Character)] = []

        mutating func sign(of dispatch: Dispatch) -> Character {
            if let known = signs.first(where: { $0.dispatch == dispatch }) { return known.sign }
            let taken = Set(signs.map(\.sign))
            var wanted: [Character] = []
            if case .level(let level) = dispatch, (0...9).contains(level) { wanted = Array("\(level)") }
            let sign = (wanted + Array("abcdefghijklmnopqrstuvwxyz")).first { !taken.contains($0) } ?? "#"
            signs.append((dispatch, sign))
            return sign
        }

        var text: String { signs.map { "\($0.sign) \($0.dispatch)" }.joined(separator: "   ") }
    }
}

extension Dispatch: CustomStringConvertible {
    /// For people: `level 2`, `keep 5.0 kW`, `change by -5.0 kW`, `price 0.25`.
    public var description: String {
        switch self {
        case .setpoint(let power): "keep \(Self.kilowatts(power)) kW"
        case .delta(let change): "change by \(Self.kilowatts(change)) kW"
        case .level(let level): "level \(level)"
        case .price(let price): "price \(price)"
        }
    }

    /// With one decimal; more where that would hide something.
    private static func kilowatts(_ power: Watts) -> String {
        let tenths = (power.kilowatts * 10).rounded()
        guard tenths.magnitude < 1e15, tenths / 10 == power.kilowatts else { return "\(power.kilowatts)" }
        return "\(tenths / 10)"
    }
}
