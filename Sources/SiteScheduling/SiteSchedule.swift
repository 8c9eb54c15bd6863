import Optimization

/// What a site does in each step, and what that costs.
public struct SiteSchedule: Hashable, Sendable {
    /// A limit that could not be kept: which one, and by how much.
    public struct Slack: Hashable, Sendable {
        public let name: String
        public let amount: Double
    }

    public enum Status: Hashable, Sendable {
        case proven
        /// Nothing is cheaper by more than the gap.
        case withinGap
        /// Cut off, or made without the solver; the text says why.
        case fallback(String)
    }

    /// kW, for each step.
    public internal(set) var imports: [Double]
    public internal(set) var exports: [Double]
    public internal(set) var charge: [Double]
    public internal(set) var discharge: [Double]
    /// kWh in the battery at the end of each step.
    public internal(set) var stored: [Double]
    /// kW of all flexible loads, for each step.
    public internal(set) var flexible: [Double]
    /// For each zone, where it is dropped.
    public internal(set) var dropped: [[Bool]]
    public internal(set) var slacks: [Slack]
    /// Everything that the site is charged with, without the slacks: energy, wear, demand, lost load, reserve, starts,
    /// less what is left at the end is worth.
    public internal(set) var cost: Double
    /// No schedule costs less; nil when unknown.
    public internal(set) var bound: Double?
    public internal(set) var status: Status

    /// The highest import, kW.
    public var peak: Double { imports.max() ?? 0 }

    /// Energy of a series of powers, kWh.
    public static func energy(_ power: [Double], _ site: Site) -> Double { power.reduce(0, +) * site.hours }

    /// kWh that zones miss.
    public func unserved(_ site: Site) -> Double {
        var energy = 0.0
        for (zone, steps) in zip(site.zones, dropped) {
            for step in steps.indices where steps[step] { energy += zone.share * site.base[step] * site.hours }
        }
        return energy
    }

    /// Full charges and discharges of the battery.
    public func cycles(_ site: Site) -> Double {
        guard let battery = site.battery, battery.capacity > 0 else { return 0 }
        return Self.energy(discharge, site) / battery.dischargeEfficiency / battery.capacity
    }
}

extension SiteSchedule.Status {
    init(_ quality: Solution.Quality) {
        self =
            switch quality {
            case .proven: .proven
            case .withinGap: .withinGap
            case .limitReached: .fallback("the solver's limits came before the gap")
            }
    }
}
