import Testing

@testable import Forecasting

struct GapFillingTests {
    @Test func `a gap without a season is bridged by a line`() {
        #expect(GapFilling.fill([1, .nan, .nan, 4], period: 1) == [1, 2, 3, 4])
        #expect(GapFilling.fill([.nan, 2, .nan], period: 1) == [2, 2, 2])
    }

    @Test func `a gap in a season takes its shape and level`() {
        let day = [0.0, 5, 9, 4]
        var series = day.map { $0 } + day.map { $0 + 2 } + day.map { $0 + 4 }
        series[5] = .nan
        series[6] = .nan
        let filled = GapFilling.fill(series, period: 4)
        #expect((filled[5] - 7).magnitude < 1e-12)
        #expect((filled[6] - 11).magnitude < 1e-12)
    }

    @Test func `nothing known or nothing missing stays`() {
        #expect(GapFilling.fill([1, 2], period: 4) == [1, 2])
        #expect(GapFilling.fill([], period: 4).isEmpty)
        #expect(GapFilling.fill([.nan, .nan], period: 1).allSatisfy { $0.isNaN })
    }
}
