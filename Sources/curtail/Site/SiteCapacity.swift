import DemandResponse
import Foundation
import Measures
import SiteScheduling

/// What a participant with a model of its own can do without in the intervals of an event, kW.
struct SiteCapacity {
    /// Through its meter without the event, for each interval of the problem.
    let load: [Double]
    /// What it can shed in each interval; zero after the event, and where the site's file ends before.
    let shed: [Double]
    /// What comes back in the intervals after the event.
    let rebound: [Double]

    /// - Parameters:
    ///   - text: the site's file.
    ///   - asked: how many intervals the event has, from the problem's first.
    init(text: String, _ problem: DispatchProblem, asked: Int) async throws {
        let document = try JSONDecoder().decode(SiteDocument.self, from: Data(text.utf8))
        let clock = try SiteClock(document)
        let count = problem.intervalCount
        guard let steps = clock.range(clock.whole(problem.window(0..<asked))) else {
            load = [Double](repeating: 0, count: count)
            shed = load
            rebound = []
            return
        }
        let flexibility = await SiteFlexibility(document.site, during: steps)
        let normal = flexibility.normal
        let origin = clock.whole(problem.window(0..<asked)).start
        load = (0..<count).map { interval in
            clock.mean(problem.window(interval), since: origin) {
                let step = (steps.lowerBound + $0) % clock.count
                return normal.imports[step] - normal.exports[step]
            }
        }
        shed = (0..<count).map { interval in
            interval >= asked
                ? 0
                : clock.mean(problem.window(interval), since: origin) {
                    flexibility.shed.indices.contains($0) ? flexibility.shed[$0] : 0
                }
        }
        rebound = (asked..<count).map { interval in
            clock.mean(problem.window(interval), since: origin) {
                let later = $0 - steps.count
                return flexibility.rebound.indices.contains(later) ? flexibility.rebound[later] : 0
            }
        }
    }
}
