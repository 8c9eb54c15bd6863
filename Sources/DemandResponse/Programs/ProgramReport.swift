public import Measures

/// What a programme bought, from whom, at what price, and how fairly.
public struct ProgramReport: Hashable, Codable, Sendable {
    /// One site in one event, as it stands now.
    public struct Row: Hashable, Codable, Sendable {
        public let event: ProgramEventID
        public let start: Instant
        public let meter: String
        public let feeder: String
        public let customerClass: String
        /// Wh that were asked for, or pledged, over the event; nil without a pledge.
        public let target: Double?
        /// Wh.
        public let reduction: Int64
        /// Minor units.
        public let payment: Int64
        /// Relative error of the baseline on the meter's placebo days; nil where it could not be tried.
        public let baselineError: Double?
        /// Minor units that the event would have paid for noise alone; nil likewise.
        public let noiseRent: Double?

        public init(
            event: ProgramEventID, start: Instant, meter: String, feeder: String, customerClass: String,
            target: Double?, reduction: Int64, payment: Int64, baselineError: Double?, noiseRent: Double?
        ) {
            self.event = event
            self.start = start
            self.meter = meter
            self.feeder = feeder
            self.customerClass = customerClass
            self.target = target
            self.reduction = reduction
            self.payment = payment
            self.baselineError = baselineError
            self.noiseRent = noiseRent
        }
    }

    /// Several rows together.
    public struct Group: Hashable, Codable, Sendable {
        public let name: String
        public let sites: Int
        /// kWh.
        public let target: Double
        public let delivered: Double
        /// Currency units.
        public let paid: Double
        /// Nil where no baseline of the group could be tried.
        public let noiseRent: Double?
        /// Currency units per kWh delivered; nil when nothing was.
        public let costPerKilowattHour: Double?

        init(_ name: String, _ rows: [Row]) {
            self.name = name
            sites = Set(rows.map(\.meter)).count
            target = rows.reduce(0) { $0 + ($1.target ?? 0) } / 1_000
            delivered = Double(rows.reduce(0) { $0 + $1.reduction }) / 1_000
            paid = Double(rows.reduce(0) { $0 + $1.payment }) / 100
            let rents = rows.compactMap(\.noiseRent)
            noiseRent = rents.isEmpty ? nil : rents.reduce(0, +) / 100
            costPerKilowattHour = delivered > 0 ? paid / delivered : nil
        }
    }

    public let programme: String
    public let currency: Currency
    public let rows: [Row]
    public let total: Group
    public let events: [Group]
    public let feeders: [Group]
    public let classes: [Group]
    /// Sites in ten equal parts by the error of their baselines, the most exact first; fewer parts for few sites.
    public let errorDeciles: [Group]
    /// Of what the sites were paid together: 0 is equal, near 1 is all for one.
    public let gini: Double

    public init(programme: String, currency: Currency, rows: [Row]) {
        self.programme = programme
        self.currency = currency
        self.rows = rows
        total = Group("total", rows)
        let first = Dictionary(rows.map { ($0.event, $0.start) }, uniquingKeysWith: { one, _ in one })
        events = Self.groups(rows) { $0.event.rawValue }.sorted {
            (first[ProgramEventID($0.name)] ?? .init(secondsSinceEpoch: 0), $0.name)
                < (first[ProgramEventID($1.name)] ?? .init(secondsSinceEpoch: 0), $1.name)
        }
        feeders = Self.groups(rows, by: \.feeder)
        classes = Self.groups(rows, by: \.customerClass)
        errorDeciles = Self.deciles(rows)
        gini = Self.gini(Dictionary(grouping: rows, by: \.meter).values.map { $0.reduce(0) { $0 + $1.payment } })
    }

    private static func groups(_ rows: [Row], by key: (Row) -> String) -> [Group] {
        Dictionary(grouping: rows, by: key).map { Group($0.key.isEmpty ? "(none)" : $0.key, $0.value) }
            .sorted { $0.name < $1.name }
    }

    private static func deciles(_ rows: [Row]) -> [Group] {
        let known = rows.filter { $0.baselineError != nil }
        let ranked = known.sorted { ($0.baselineError ?? 0, $0.meter) < ($1.baselineError ?? 0, $1.meter) }
        let parts = min(10, ranked.count)
        return (0..<parts).map { part in
            let range = (ranked.count * part / parts)..<(ranked.count * (part + 1) / parts)
            return Group(
                "error up to \(percent(ranked[range.upperBound - 1].baselineError ?? 0)) %", Array(ranked[range]))
        }
    }

    private static func percent(_ share: Double) -> Double { (share * 1_000).rounded() / 10 }

    /// Negative payments count as none.
    static func gini(_ payments: [Int64]) -> Double {
        let ranked = payments.map { Double(max(0, $0)) }.sorted()
        let sum = ranked.reduce(0, +)
        guard sum > 0 else { return 0 }
        let weighted = ranked.enumerated().reduce(0) { $0 + Double($1.offset + 1) * $1.element }
        let count = Double(ranked.count)
        return (2 * weighted - (count + 1) * sum) / (count * sum)
    }
}
