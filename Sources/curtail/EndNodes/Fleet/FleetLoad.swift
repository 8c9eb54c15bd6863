import Measures
import SiteSimulation
import VirtualEndNode

/// What a fleet's meters show.
enum FleetLoad {
    static func make(for member: FleetMember) -> SimulatedLoad {
        let behaviour = member.fleet.behaviour
        let ability = SimulatedLoad.Ability(share: behaviour.share, compliance: behaviour.compliance)
        if behaviour.isFlat {
            // Another one for each VEN, and the same in each run.
            let power = Watts(1_000 + Double(member.index % 1_000) * 7)
            return SimulatedLoad(ability: ability) { power * $0.duration }
        }
        let sites = member.fleet.sites
        let site = sites[member.index % sites.count]
        return SimulatedLoad(ability: ability) { window in
            // The site counts in steps of its own: the mean power of the step in which the window begins.
            let step = TimeSpan.minutes(15)
            return site.energy(at: window.start.floored(to: step)).meanPower(over: step) * window.duration
        }
    }
}
