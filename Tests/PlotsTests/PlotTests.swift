import Measures
import Testing

@testable import Plots

@Suite struct PlotTests {
    let start = Instant(year: 2026, month: 3, day: 2)
    let newYork = ZoneRules(
        identifier: "America/New_York", initialOffset: .hours(-5),
        transitions: [.init(at: Instant(year: 2026, month: 3, day: 8, hour: 7), offset: .hours(-4))])

    func day(_ layers: [PlotLayer], title: String = "Load") -> Plot {
        Plot(
            title: title, span: TimeWindow(start: start, duration: .days(1)), zone: .utc, unit: "kW", layers: layers)
    }

    func hours(_ value: (Int) -> Double) -> [PlotPoint] {
        (0..<24).map { PlotPoint(start + .hours(Int64($0)), value($0)) }
    }

    @Test func `a plot names and describes itself`() {
        let event = TimeWindow(start: start + .hours(17), duration: .hours(2))
        let text = day(
            [.window("Event", .event, event), .line(PlotSeries("Measured", .actual, hours { Double($0) + 1_234 }))]
        ).svg(id: "meter")
        #expect(text.contains(#"role="img" aria-labelledby="meter-title meter-summary""#))
        #expect(text.contains(#"<title id="meter-title">Load</title>"#))
        #expect(text.contains("From 2026-03-02 00:00 to 2026-03-03 00:00, UTC."))
        #expect(text.contains("Event: 2026-03-02 17:00 to 2026-03-02 19:00."))
        #expect(text.contains("Measured: 1234.0 to 1257.0 kW."))
        #expect(text.contains("prefers-color-scheme:dark"))
    }

    @Test func `names from outside are text, never markup`() {
        let hostile = #"<script>alert("x")</script>&'"# + "\u{0}\u{1B}"
        let text = day([.line(PlotSeries(hostile, .actual, hours { _ in 1 }))], title: hostile).svg()
        #expect(!text.contains("<script"))
        #expect(text.contains("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;"))
        #expect(!text.unicodeScalars.contains("\u{1B}"))
    }

    @Test func `a linked style leaves no style in the drawing`() {
        let text = day([.line(PlotSeries("Measured", .actual, hours { _ in 1 }))]).svg(style: .linked)
        #expect(!text.contains("<style") && !text.contains("style="))
    }

    @Test func `a missing value interrupts a line`() {
        let whole = day([.line(PlotSeries("a", .actual, hours { Double($0) }))]).svg(style: .linked)
        let broken = day([.line(PlotSeries("a", .actual, hours { $0 == 9 ? .nan : Double($0) }))]).svg(style: .linked)
        #expect(whole.ranges(of: #"<path class="line actual""#).count == 1)
        #expect(broken.ranges(of: #"<path class="line actual""#).count == 2)
    }

    @Test func `a plot without values says so`() {
        #expect(day([]).svg().contains(">no values<"))
        #expect(day([.line(PlotSeries("a", .actual, hours { _ in .nan }))]).svg().contains("a: no values."))
    }

    static let odd: [[Double]] = [
        [0, 0], [1e300, -1e300], [.infinity, 1], [-.infinity, .nan], [.leastNonzeroMagnitude, 0], [1e308, 1e308],
        [-3, -3], [1e15, 1],
    ]

    @Test(arguments: odd)
    func `odd values make a finite drawing`(values: [Double]) {
        let points = values.enumerated().map { PlotPoint(start + .hours(Int64($0.offset)), $0.element) }
        let series = PlotSeries("odd", .forecast, points)
        let band = PlotBand(
            "band", .forecast, points.map { PlotBand.Edge($0.time, lower: $0.value, upper: 2 * $0.value) })
        let text = day([
            .band(band), .bars(series, interval: .hours(1)), .stack([series, series], interval: .hours(1)),
            .step(series, interval: .hours(1)), .line(series), .moment("now", start + .hours(3)),
            .level("limit", .limit, values[0]),
        ]).svg(style: .linked)
        #expect(!text.contains("nan") && !text.contains("inf"))
    }

    @Test func `an empty span is drawn`() {
        var plot = day([.line(PlotSeries("a", .actual, hours { Double($0) }))])
        plot.span = TimeWindow(start: start, duration: .zero)
        #expect(plot.svg().hasPrefix("<svg"))
    }

    @Test func `a stack lies on what is below it`() throws {
        let tops = PlotStack([
            PlotSeries("a", .member(0), [PlotPoint(start, 1), PlotPoint(start + .hours(1), 2)]),
            PlotSeries("b", .member(1), [PlotPoint(start + .hours(1), 3), PlotPoint(start + .hours(2), -4)]),
        ]).tops
        #expect(tops[0].map(\.value) == [1, 2, 0])
        #expect(tops[1].map(\.value) == [1, 5, 0])
    }

    @Test func `a long line keeps its peaks and loses its bulk`() {
        let points: [(x: Double, y: Double)] = (0..<100_000).map { index in
            let value: Double = index == 54_321 ? 99 : Double(index % 7)
            return (x: Double(index) / 100, y: value)
        }
        let thin = Thinning.thin(points)
        #expect(thin.count <= 4_000)
        #expect(thin.map(\.y).max() == 99)
        #expect(thin.first?.x == points.first?.x && thin.last?.x == points.last?.x)
    }
}

@Suite struct TimeTicksTests {
    let newYork = PlotTests().newYork

    func labels(_ start: Instant, _ duration: TimeSpan, count: Int = 12) -> [String] {
        TimeTicks(TimeWindow(start: start, duration: duration), zone: newYork, count: count).ticks.map(\.label)
    }

    @Test func `ticks are round on the local clock, also when it is set forward`() {
        // Midnight in New York is 5 o'clock UTC; the hour from 2 to 3 does not exist on 8 March.
        let midnight = Instant(year: 2026, month: 3, day: 8, hour: 5)
        #expect(
            labels(midnight, .hours(23)) == [
                "00:00", "04:00", "06:00", "08:00", "10:00", "12:00", "14:00", "16:00", "18:00", "20:00", "22:00",
                "00:00",
            ])
    }

    @Test func `days, weeks, months and years follow`() {
        let midnight = Instant(year: 2026, month: 3, day: 2, hour: 5)
        #expect(labels(midnight, .days(7)).prefix(2) == ["Mon 2 Mar", "Tue 3 Mar"])
        #expect(labels(midnight, .days(60)).prefix(2) == ["Mon 2 Mar", "Mon 9 Mar"])
        #expect(labels(midnight, .days(300)).prefix(2) == ["Apr", "May"])
        #expect(labels(midnight, .days(3_650)).prefix(2) == ["2027", "2028"])
    }

    @Test(arguments: [60, 3_600, 86_400, 864_000, 31_557_600, 3_155_760_000] as [Int64])
    func `there are never many more ticks than asked for`(seconds: Int64) {
        let count = labels(Instant(year: 2026, month: 1, day: 1), .seconds(seconds)).count
        #expect(count <= 14)
    }
}

@Suite struct ValueTicksTests {
    @Test(arguments: [
        (0.0, 10.0, 5, ["0", "2", "4", "6", "8", "10"]),
        (0.0, 0.3, 3, ["0.0", "0.1", "0.2", "0.3"]),
        (9_000.0, 21_000.0, 4, ["5000", "10\u{202F}000", "15\u{202F}000", "20\u{202F}000", "25\u{202F}000"]),
        (-5.0, 5.0, 4, ["\u{2212}5.0", "\u{2212}2.5", "0.0", "2.5", "5.0"]),
    ])
    func `ticks are round`(low: Double, high: Double, count: Int, labels: [String]) {
        let ticks = ValueTicks((low, high), count: count)
        #expect(ticks.values.map(ticks.label) == labels)
        #expect(ticks.lower <= low && ticks.upper >= high)
    }

    static let constants: [Double] = [0, 1, -7, 1e-300, 1e300, .infinity, .nan]

    @Test(arguments: constants)
    func `a constant has an axis too`(value: Double) {
        let ticks = ValueTicks((value, value), count: 5)
        #expect(ticks.lower < ticks.upper)
        #expect((2...12).contains(ticks.values.count))
    }
}
