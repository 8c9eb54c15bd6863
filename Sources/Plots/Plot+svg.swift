internal import Measures

extension Plot {
    /// The drawing as an `svg` element that scales with its place; text, so that any page or file can hold it.
    ///
    /// - Parameters:
    ///   - id: begins the ids inside, so that several plots may share a page.
    ///   - style: where the colours come from.
    public func svg(id: String = "plot", style: PlotStyle = .embedded) -> String {
        let legend = PlotLegend(layers, width: width - 2 * 16)
        let values = ValueTicks(extent ?? (0, 1), count: max(Int(height / 70), 2))
        let labels = values.values.map { values.label($0).count }.max() ?? 1
        let frame = PlotFrame(
            left: 24 + 7 * Double(max(labels, 2)), top: 76 + legend.height, right: max(width - 16, 120),
            bottom: max(height - 44, 96 + legend.height), span: span, values: values)
        let (number, clip) = (SVGElement.number, "\(id)-clip")
        var root = SVGElement(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "viewBox": "0 0 \(number(width)) \(number(height))",
                "width": number(width), "height": number(height), "class": "plot", "role": "img",
                "aria-labelledby": "\(id)-title \(id)-summary",
            ])
        root.add(SVGElement("title", ["id": "\(id)-title"], text: title))
        root.add(SVGElement("desc", ["id": "\(id)-summary"], text: spokenSummary))
        if style == .embedded { root.add(SVGElement("style", text: Self.styleSheet)) }
        var definitions = SVGElement("defs")
        var region = SVGElement("clipPath", ["id": clip])
        region.add(Self.box(frame.left, frame.top, frame.width, frame.height, nil))
        definitions.add(region)
        root.add(definitions)
        root.add(Self.box(0, 0, width, height, "paper"))
        root.add(Self.text(title, 16, 26, "heading"))
        for element in legend.elements(left: 16, top: 48) { root.add(element) }
        addWindows(to: &root, frame)
        addAxes(to: &root, frame)
        var drawing = SVGElement("g", ["clip-path": "url(#\(clip))"])
        var isCovered = false
        for layer in layers {
            if case .band(let band) = layer {
                drawing.add(draw(band, frame, isUpper: isCovered))
                isCovered = true
            } else if let element = draw(layer, frame) {
                drawing.add(element)
            }
        }
        root.add(drawing)
        if extent == nil {
            root.add(
                Self.text("no values", (frame.left + frame.right) / 2, (frame.top + frame.bottom) / 2, nil, "middle"))
        }
        return root.markup
    }

    private func addWindows(to root: inout SVGElement, _ frame: PlotFrame) {
        for case .window(let name, let tone, let window) in layers {
            let (start, end) = (frame.clamped(window.start), frame.clamped(window.end))
            guard end > start else { continue }
            var group = SVGElement("g")
            group.add(SVGElement("title", text: name))
            group.add(Self.box(start, frame.top, end - start, frame.height, "window \(tone.cssClass)"))
            root.add(group)
        }
    }

    private func addAxes(to root: inout SVGElement, _ frame: PlotFrame) {
        root.add(Self.text(unit, 16, frame.top - 12, nil))
        for value in frame.values.values {
            let y = frame.y(value)
            root.add(Self.stroke(frame.left, y, frame.right, y, value == 0 ? "axis" : "rule"))
            root.add(Self.text(frame.values.label(value), frame.left - 8, y + 4, nil, "end"))
        }
        root.add(Self.stroke(frame.left, frame.bottom, frame.right, frame.bottom, "axis"))
        let ticks = TimeTicks(span, zone: zone, count: max(Int(frame.width / 64), 2)).ticks
        var previous = -Double.infinity
        for tick in ticks {
            let x = frame.x(tick.time)
            root.add(Self.stroke(x, frame.bottom, x, frame.bottom + 5, "axis"))
            // The last label ends where the drawing does.
            func place(_ text: String, _ y: Double, _ style: String?) {
                let isLast = x + 3.4 * Double(text.count) > width
                root.add(Self.text(text, isLast ? width - 2 : x, y, style, isLast ? "end" : "middle"))
            }
            place(tick.label, frame.bottom + 19, nil)
            // Days written beside each other would run into one another.
            guard let day = tick.day, x - previous > 7 * Double(day.count) else { continue }
            place(day, frame.bottom + 34, "name")
            previous = x
        }
    }

    private func draw(_ layer: PlotLayer, _ frame: PlotFrame) -> SVGElement? {
        switch layer {
        case .bars(let series, let interval): return drawBars(series, interval, frame)
        case .level(let name, let tone, let value):
            guard value.isFinite else { return nil }
            let y = frame.y(value)
            return Self.group(name, [Self.stroke(frame.left, y, frame.right, y, "line \(tone.cssClass)")])
        case .line(let series):
            return Self.group(
                series.name, frame.runs(series.points).map { Self.path(SVGPath.line($0), "line", series.tone) })
        case .moment(let name, let time):
            guard span.start <= time, time <= span.end else { return nil }
            let x = frame.x(time)
            let isRight = x > (frame.left + frame.right) / 2
            return Self.group(
                name,
                [
                    Self.stroke(x, frame.top, x, frame.bottom, "moment"),
                    Self.text(name, x + (isRight ? -5 : 5), frame.top + 12, nil, isRight ? "end" : "start"),
                ])
        case .stack(let members, let interval): return drawStack(members, interval, frame)
        case .step(let series, let interval):
            let stairs = Self.stairs(series.points, interval)
            return Self.group(series.name, frame.runs(stairs).map { Self.path(SVGPath.line($0), "line", series.tone) })
        case .band, .window: return nil
        }
    }

    /// The second and later bands are deeper: they lie within the first.
    private func draw(_ band: PlotBand, _ frame: PlotFrame, isUpper: Bool) -> SVGElement {
        let runs = band.edges.split { !($0.lower.isFinite && $0.upper.isFinite) }
        return Self.group(
            band.name,
            runs.map { run in
                Self.path(
                    SVGPath.area(
                        run.map { (frame.x($0.time), frame.y($0.upper)) },
                        run.map { (frame.x($0.time), frame.y($0.lower)) }), isUpper ? "area deep" : "area", band.tone)
            })
    }

    private func drawBars(_ series: PlotSeries, _ interval: TimeSpan, _ frame: PlotFrame) -> SVGElement {
        let floor = frame.y(min(max(0, frame.values.lower), frame.values.upper))
        let bars = series.points.filter { $0.value.isFinite && $0.time + interval > span.start && $0.time < span.end }
        return Self.group(
            series.name,
            bars.map { point in
                let (start, end, y) = (frame.x(point.time), frame.x(point.time + interval), frame.y(point.value))
                let gap = min((end - start) * 0.1, 2)
                return Self.box(
                    start + gap, min(y, floor), max(end - start - 2 * gap, 0.5), (y - floor).magnitude,
                    "solid \(series.tone.cssClass)")
            })
    }

    private func drawStack(_ members: [PlotSeries], _ interval: TimeSpan, _ frame: PlotFrame) -> SVGElement {
        var floor: [PlotPoint]?
        let areas = zip(members, PlotStack(members).tops).map { member, top in
            let upper = Self.stairs(top, interval)
            let lower = Self.stairs(floor ?? top.map { PlotPoint($0.time, 0) }, interval)
            floor = top
            let area = Self.path(
                SVGPath.area(
                    upper.map { (frame.x($0.time), frame.y($0.value)) },
                    lower.map { (frame.x($0.time), frame.y($0.value)) }),
                "solid", member.tone)
            return Self.group(member.name, [area])
        }
        var group = SVGElement("g")
        for area in areas { group.add(area) }
        return group
    }

    /// The corners of a line that is constant in each interval; a hole between intervals interrupts it.
    private static func stairs(_ points: [PlotPoint], _ interval: TimeSpan) -> [PlotPoint] {
        var result: [PlotPoint] = []
        for point in points {
            if let last = result.last, last.time < point.time, last.value.isFinite {
                result.append(PlotPoint(last.time, .nan))
            }
            result.append(point)
            result.append(PlotPoint(point.time + interval, point.value))
        }
        return result
    }
}

extension Plot {
    static func group(_ name: String, _ elements: [SVGElement]) -> SVGElement {
        var group = SVGElement("g")
        group.add(SVGElement("title", text: name))
        for element in elements { group.add(element) }
        return group
    }

    static func path(_ data: String, _ kind: String, _ tone: PlotTone) -> SVGElement {
        SVGElement("path", ["class": "\(kind) \(tone.cssClass)", "d": data])
    }

    static func box(_ x: Double, _ y: Double, _ width: Double, _ height: Double, _ style: String?) -> SVGElement {
        let number = SVGElement.number
        var element = SVGElement(
            "rect",
            ["x": number(x), "y": number(y), "width": number(max(width, 0)), "height": number(max(height, 0))])
        if let style { element.set("class", style) }
        return element
    }

    static func stroke(_ x: Double, _ y: Double, _ endX: Double, _ endY: Double, _ style: String) -> SVGElement {
        let number = SVGElement.number
        return SVGElement(
            "line", ["class": style, "x1": number(x), "y1": number(y), "x2": number(endX), "y2": number(endY)])
    }

    static func text(
        _ text: String, _ x: Double, _ y: Double, _ style: String?, _ anchor: String = "start"
    ) -> SVGElement {
        var element = SVGElement("text", ["x": SVGElement.number(x), "y": SVGElement.number(y)], text: text)
        if anchor != "start" { element.set("text-anchor", anchor) }
        if let style { element.set("class", style) }
        return element
    }
}
