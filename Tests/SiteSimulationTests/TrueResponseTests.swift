import Measures
import SiteSimulation
import Testing

@Suite struct TrueResponseTests {
    private let window = TimeWindow(start: day(2_026, 7, 7).start + .hours(16), duration: .hours(2))
    private let load = WattHours(25_000)

    private func response(_ name: String, _ kind: SiteKind = .office) -> TrueResponse {
        TrueResponse(seed: 1, site: name, traits: SiteTraits(seed: 1, site: name, kind: kind))
    }

    /// The change of each quarter of an hour from the start of the event for six hours.
    private func changes(_ response: TrueResponse, _ calls: [TrueResponse.Call]) -> [Double] {
        TimeWindow(start: window.start - .hours(1), duration: .hours(7)).intervals(every: .minutes(15)).map {
            (response.energy(undisturbed: load, during: $0, calls: calls) - load).value
        }
    }

    @Test func `sheds in the event, more after the ramp, and rebounds after it`() {
        for number in 0..<50 {
            let response = response("Site \(number)")
            let changes = changes(response, [.init(event: "e", window: window, reduction: Watts(8_000))])
            #expect(changes[0..<4].allSatisfy { $0 == 0 })
            #expect(changes[4] < 0 && changes[5] < changes[4])
            #expect(changes[5..<12].allSatisfy { abs($0 - changes[5]) < 2 })
            let saved = -changes[4..<12].reduce(0, +)
            // Within what is asked (16 kWh) by compliance and luck.
            #expect((6_000...24_000).contains(saved), "\(saved)")
            #expect(changes.last == 0)
        }
    }

    @Test func `the rebound is its share of what was saved`() {
        let response = response("Store", .coldStore)
        let changes = changes(response, [.init(event: "e", window: window, reduction: Watts(8_000))])
        let saved = -changes[5] * 8
        let back = changes[13...].reduce(0, +)
        #expect(response.reboundShare > 0.2)
        #expect(back > 0 && back < saved * response.reboundShare * 1.05)
    }

    @Test func `never sheds more than its share of the load, and nothing of an export`() {
        let response = response("Site")
        let calls = [TrueResponse.Call(event: "e", window: window, reduction: Watts(1e9))]
        let late = TimeWindow(start: window.start + .hours(1), duration: .minutes(15))
        let after = response.energy(undisturbed: load, during: late, calls: calls)
        #expect(abs(after.value - load.value * (1 - response.sheddableShare)) < 1)
        #expect(response.energy(undisturbed: WattHours(-500), during: late, calls: calls) == WattHours(-500))
        #expect(response.energy(undisturbed: load, during: late, calls: []) == load)
    }

    @Test func `opts in as often as its traits say, always the same way for one event`() {
        let traits = SiteTraits(seed: 1, site: "Home 1", kind: .home)
        let response = TrueResponse(seed: 1, site: "Home 1", traits: traits)
        let opted = (0..<2_000).count { response.optsIn(event: "event-\($0)") }
        #expect(abs(Double(opted) / 2_000 - traits.optInProbability) < 0.04)
        #expect((0..<50).allSatisfy { response.optsIn(event: "e\($0)") == response.optsIn(event: "e\($0)") })
    }
}
