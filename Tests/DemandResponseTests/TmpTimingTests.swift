import DemandResponse
import Measures
import Testing
import Foundation
@Test(arguments: [(25, 80.0)]) func `tmp timing`(count: Int, kw: Double) async throws {
    var generator = SeededGenerator(seed: 3)
    let sites = try randomSites(&generator, count: count)
    let t = Date()
    let request = try DispatchRequest.reduction(kilowatts: kw)
    switch try await DispatchPlanner().plan(request, resources: sites) {
    case .plan(let p): print("TIMING \(count): \(Date().timeIntervalSince(t)) s \(p.status) cost \(p.cost) bound \(String(describing: p.bound)) gap \(String(describing: p.gap)) calls \(p.calls.count) prob \(p.totals.map(\.probability))")
    case .refused(let r): print("TIMING refused \(r) \(Date().timeIntervalSince(t))")
    }
}
