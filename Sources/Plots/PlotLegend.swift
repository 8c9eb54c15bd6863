/// Names of the layers beside samples of their looks, in rows.
struct PlotLegend {
    private struct Entry {
        enum Sample { case area, deepArea, line, solid, window }
        var name: String
        var tone: PlotTone
        var sample: Sample
        /// Room for the sample, the name and the space after, by the usual width of letters.
        var width: Double { 36 + 6.8 * Double(name.count) + 18 }
    }

    private let rows: [[Entry]]
    /// What the rows need.
    var height: Double { 20 * Double(max(rows.count - 1, 0)) }

    /// One entry for each name, look and tone; rows at most `width` wide.
    init(_ layers: [PlotLayer], width: Double) {
        var rows: [[Entry]] = []
        var used = Double.infinity
        var seen: Set<String> = []
        var bands = 0
        let entries = layers.flatMap(Self.entries).map { entry in
            guard entry.sample == .area else { return entry }
            bands += 1
            var copy = entry
            if bands > 1 { copy.sample = .deepArea }
            return copy
        }
        for entry in entries where seen.insert("\(entry.name) \(entry.sample)").inserted {
            if used + entry.width > width {
                rows.append([])
                used = 0
            }
            rows[rows.count - 1].append(entry)
            used += entry.width
        }
        self.rows = rows
    }

    private static func entries(_ layer: PlotLayer) -> [Entry] {
        switch layer {
        case .band(let band): [Entry(name: band.name, tone: band.tone, sample: .area)]
        case .bars(let series, _): [Entry(name: series.name, tone: series.tone, sample: .solid)]
        case .level(let name, let tone, _): [Entry(name: name, tone: tone, sample: .line)]
        case .line(let series), .step(let series, _):
            [Entry(name: series.name, tone: series.tone, sample: .line)]
        case .moment: []
        case .stack(let members, _): members.map { Entry(name: $0.name, tone: $0.tone, sample: .solid) }
        case .window(let name, let tone, _): [Entry(name: name, tone: tone, sample: .window)]
        }
    }

    /// The drawing, the first row around the height `top`.
    func elements(left: Double, top: Double) -> [SVGElement] {
        var elements: [SVGElement] = []
        for (row, entries) in rows.enumerated() {
            var x = left
            let y = top + 20 * Double(row)
            for entry in entries {
                let tone = entry.tone.cssClass
                switch entry.sample {
                case .line: elements.append(Plot.stroke(x, y - 4, x + 28, y - 4, "line \(tone)"))
                case .area: elements.append(Plot.box(x, y - 10, 28, 12, "area \(tone)"))
                case .deepArea: elements.append(Plot.box(x, y - 10, 28, 12, "area deep \(tone)"))
                case .solid: elements.append(Plot.box(x, y - 10, 28, 12, "solid \(tone)"))
                case .window: elements.append(Plot.box(x, y - 10, 28, 12, "window \(tone)"))
                }
                elements.append(Plot.text(entry.name, x + 36, y, "name"))
                x += entry.width
            }
        }
        return elements
    }
}
