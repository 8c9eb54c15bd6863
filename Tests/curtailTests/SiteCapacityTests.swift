import DemandResponse
import Measures
import Testing

@testable import curtail

@Suite struct SiteCapacityTests {
    /// A day of 2 kW in hours, and a vehicle that charges 3 kW in the two cheap ones after noon.
    private static func site(_ start: String) -> String {
        let prices = (0..<24).map { (12..<14).contains($0) ? 0.1 : 0.3 }
        return """
            {\(start)"stepMinutes": 60, "base": \([Double](repeating: 2, count: 24)), "importPrice": \(prices),
             "gridPower": 20,
             "energyLoads": [{"name": "vehicle", "windows": [[10, 18]], "energy": 6, "mostPower": 3}]}
            """
    }

    private func problem(_ start: Instant) -> DispatchProblem {
        let none = [Double?](repeating: nil, count: 6)
        return DispatchProblem(
            decidedAt: start - .hours(1), start: start, step: .minutes(30), target: [1, 1, 1, 1, nil, nil],
            callable: 0..<4, shortfallPrice: 1, reboundLimit: none,
            feeders: [DispatchProblem.withoutLimits("all", 6)], resources: [])
    }

    @Test(arguments: ["", "\"start\": \"2026-07-01T00:00:00Z\", "])
    func `what can be shed is what the site's own model can put off`(_ start: String) async throws {
        let noon = Instant(year: 2026, month: 7, day: 16, hour: 12)
        let capacity = try await SiteCapacity(text: Self.site(start), problem(noon), asked: 4)
        #expect(capacity.load.map { $0.rounded() } == [5, 5, 5, 5, 2, 2])
        #expect(capacity.shed.map { ($0 * 1e6).rounded() / 1e6 } == [3, 3, 3, 3, 0, 0])
        #expect(capacity.rebound.count == 2)
        let night = try await SiteCapacity(text: Self.site(start), problem(noon + .hours(8)), asked: 4)
        #expect(night.shed.allSatisfy { abs($0) < 1e-6 })
        // The file ends before such an event does.
        let over = try await SiteCapacity(text: Self.site(start), problem(noon + .minutes(11 * 60 + 30)), asked: 4)
        #expect(over.shed == [0, 0, 0, 0, 0, 0])
    }
}
