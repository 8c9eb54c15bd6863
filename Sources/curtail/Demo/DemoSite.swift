import Measures
import SiteSimulation

/// One site of the demo, whatever its load comes from: a simulator or a real series.
struct DemoSite: Sendable {
    let name: String
    let step: TimeSpan
    let zone: ZoneRules
    /// What the operator may know.
    let traits: SiteTraits
    /// What only the site knows.
    let response: TrueResponse
    /// One sentence that says where the load comes from.
    let provenance: String
    /// Whole days of history before the event day.
    let historyDays: Int
    let holidays: Set<CivilDay>
    /// Windows that no baseline may learn from.
    let excluded: [TimeWindow]
    /// What the meter counted before the demo's clock starts.
    var history: [IntervalReading]
    /// What the meter counts from then on, if nobody calls the site; nil for a lost reading.
    let live: @Sendable (Instant) -> WattHours?
}
