/// What a site can do without at its meter for a while, by its own model: its plan as it is, beside the plan in which every
/// kWh through the meter in that time has a high price. Batteries, vehicles, jobs and heaters give what they can and take it
/// before or afterwards.
public struct SiteFlexibility: Hashable, Sendable {
    public let normal: SiteSchedule
    public let called: SiteSchedule
    /// What goes less through the meter in each step of the time, kW, zero or more.
    public let shed: [Double]
    /// What goes more through it in each step afterwards, kW, zero or more.
    public let rebound: [Double]

    /// How much dearer than the dearest kWh a kWh in the time is made.
    private static let premium = 10.0

    /// - Parameter steps: the time, within the site's steps.
    public init(_ site: Site, during steps: Range<Int>, planner: SitePlanner = SitePlanner()) async {
        precondition(steps.lowerBound >= 0 && steps.upperBound <= site.stepCount)
        let premium = 1 + Self.premium * (site.importPrice.max() ?? 0)
        var dear = site
        for step in steps {
            dear.importPrice[step] += premium
            dear.exportPrice[step] += premium
        }
        let normal = await planner.schedule(site)
        let called = await planner.schedule(dear)
        func less(_ step: Int) -> Double {
            normal.imports[step] - normal.exports[step] - called.imports[step] + called.exports[step]
        }
        self.normal = normal
        self.called = called
        shed = steps.map { max(0, less($0)) }
        rebound = (steps.upperBound..<site.stepCount).map { max(0, -less($0)) }
    }
}
