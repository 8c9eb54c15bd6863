import Testing

@testable import Forecasting

struct DayKindsTests {
    @Test func `weekends are found wherever the week starts`() {
        let load = simulatedLoad(days: 42)
        for shift in 0..<7 {
            let history = Array(load.dropFirst(shift * 24))
            let kinds = DayKinds.infer(history, stepsPerDay: 24)
            let expected = (0..<kinds.count).map { ($0 + shift) % 7 >= 5 ? 1 : 0 }
            #expect(kinds == expected, "shift \(shift)")
        }
    }

    @Test func `a series without weekends has one kind`() {
        var random = SplitMix(state: 6)
        let history = (0..<(42 * 24)).map { Double($0 % 24) + random.normal() }
        #expect(Set(DayKinds.infer(history, stepsPerDay: 24)) == [0])
        #expect(Set(DayKinds.infer([1, 2, 3], stepsPerDay: 24)) == [0])
    }
}
