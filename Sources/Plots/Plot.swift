public import Measures

/// A picture of values over time: what to show, not how. ``svg(id:style:)`` draws it.
///
/// Layers lie one above the other in the order given; windows always lie below all others. Values that are not finite
/// interrupt a line and are not drawn.
public struct Plot: Sendable {
    /// The heading, and the accessible name of the picture.
    public var title: String
    /// What a person who cannot see the picture should know; nil: the span and the extremes of each layer.
    public var summary: String?
    /// From the left edge to the right one.
    public var span: TimeWindow
    /// The clock of the axis.
    public var zone: ZoneRules
    /// The unit of the values, such as `kW`.
    public var unit: String
    /// True if zero is to be seen even where no value is near it. Bars and stacks always show it.
    public var showsZero: Bool
    /// What is drawn, lowest first.
    public var layers: [PlotLayer]
    /// Units of the SVG's own coordinates (pixels unless the page scales it).
    public var width: Double
    /// Units of the SVG's own coordinates.
    public var height: Double

    /// Describes a plot.
    public init(
        title: String, summary: String? = nil, span: TimeWindow, zone: ZoneRules, unit: String,
        showsZero: Bool = false, layers: [PlotLayer] = [], width: Double = 960, height: Double = 400
    ) {
        self.title = title
        self.summary = summary
        self.span = span
        self.zone = zone
        self.unit = unit
        self.showsZero = showsZero
        self.layers = layers
        self.width = width
        self.height = height
    }
}

/// A value at a time.
public struct PlotPoint: Sendable, Hashable {
    /// When; for an interval its start.
    public var time: Instant
    /// In the unit of the plot; NaN is missing.
    public var value: Double

    /// Pairs a time with a value.
    public init(_ time: Instant, _ value: Double) {
        self.time = time
        self.value = value
    }
}

/// Values under one name.
public struct PlotSeries: Sendable, Hashable {
    /// As the legend shows it.
    public var name: String
    /// The role that decides colour and dash.
    public var tone: PlotTone
    /// In order of time.
    public var points: [PlotPoint]

    /// Names values.
    public init(_ name: String, _ tone: PlotTone, _ points: [PlotPoint]) {
        self.name = name
        self.tone = tone
        self.points = points
    }
}

/// The room between two bounds.
public struct PlotBand: Sendable, Hashable {
    /// One place of a band.
    public struct Edge: Sendable, Hashable {
        /// When.
        public var time: Instant
        /// Lower bound; NaN interrupts the band.
        public var lower: Double
        /// Upper bound; NaN interrupts the band.
        public var upper: Double

        /// Collects the bounds.
        public init(_ time: Instant, lower: Double, upper: Double) {
            self.time = time
            self.lower = lower
            self.upper = upper
        }
    }

    /// As the legend shows it, such as `95 % interval`.
    public var name: String
    /// The role that decides the colour.
    public var tone: PlotTone
    /// In order of time.
    public var edges: [Edge]

    /// Names a band.
    public init(_ name: String, _ tone: PlotTone, _ edges: [Edge]) {
        self.name = name
        self.tone = tone
        self.edges = edges
    }
}

/// What a layer stands for; colour and dash follow, in light and dark.
public enum PlotTone: Sendable, Hashable {
    /// What was measured.
    case actual
    /// What would have been.
    case baseline
    /// Demand-response events.
    case event
    /// What is expected.
    case forecast
    /// A limit or target.
    case limit
    /// One of several equal things: 0, 1, 2... through six colours.
    case member(Int)
    /// A price or another secondary quantity.
    case price

    /// The class that the style sheet knows.
    var cssClass: String {
        switch self {
        case .actual: "actual"
        case .baseline: "baseline"
        case .event: "event"
        case .forecast: "forecast"
        case .limit: "limit"
        case .member(let index): "member\(((index % 6) + 6) % 6)"
        case .price: "price"
        }
    }
}

/// One thing that a plot shows.
public enum PlotLayer: Sendable, Hashable {
    /// The room between two bounds.
    case band(PlotBand)
    /// A bar per interval of this length.
    case bars(PlotSeries, interval: TimeSpan)
    /// A value that holds throughout.
    case level(String, PlotTone, Double)
    /// A line from point to point.
    case line(PlotSeries)
    /// A moment, such as now.
    case moment(String, Instant)
    /// Areas one above the other, constant in each interval of this length; values below zero count as zero.
    case stack([PlotSeries], interval: TimeSpan)
    /// A line that is constant in each interval of this length.
    case step(PlotSeries, interval: TimeSpan)
    /// A shaded time, such as an event.
    case window(String, PlotTone, TimeWindow)
}
