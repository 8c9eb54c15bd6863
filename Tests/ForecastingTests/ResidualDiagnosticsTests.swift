import Testing

@testable import Forecasting

struct ResidualDiagnosticsTests {
    @Test func `autocorrelations are those of the definition`() {
        let values = [1.0, 3, 2, 5, 4, 7, 3]
        let mean = 25.0 / 7
        let deviations = values.map { $0 - mean }
        let squares = deviations.reduce(0) { $0 + $1 * $1 }
        let expected = (1...3).map { lag in
            (lag..<7).reduce(0) { $0 + deviations[$1] * deviations[$1 - lag] } / squares
        }
        for (found, value) in zip(ResidualDiagnostics.autocorrelations(values, lags: 3), expected) {
            #expect((found - value).magnitude < 1e-14)
        }
        #expect(ResidualDiagnostics.autocorrelations([2, 2, 2], lags: 2).isEmpty)
    }

    @Test func `the tail of the chi-square distribution agrees with R`() {
        let rows = [
            (8.75790452585347, 8.6, 0.421072467382405), (26.4458488125141, 22.0, 0.233032471357969),
            (13.955039834776, 21, 0.871522725354571), (31.4030366332293, 15.8, 0.0109864412283933),
        ]
        for (statistic, degrees, p) in rows {
            let found = ChiSquare.upperTail(statistic, degreesOfFreedom: degrees)
            #expect((found / p - 1).magnitude < 1e-9, "\(statistic), \(degrees): \(found)")
        }
        // Two degrees: exp(-x / 2).
        #expect((ChiSquare.upperTail(3, degreesOfFreedom: 2) / Elementary.exp(-1.5) - 1).magnitude < 1e-13)
    }

    @Test func `noise passes the Ljung-Box test and a wave does not`() throws {
        var random = SplitMix(state: 3)
        let noise = (0..<300).map { _ in random.normal() }
        let wave = noise.enumerated().map { $1 + Double($0 % 12) / 3 }
        #expect(try #require(ResidualDiagnostics.ljungBox(noise, lags: 24, fitted: 0)).pValue > 0.05)
        #expect(try #require(ResidualDiagnostics.ljungBox(wave, lags: 24, fitted: 2)).pValue < 1e-6)
        #expect(ResidualDiagnostics.ljungBox([1, 2, 3], lags: 24, fitted: 0) == nil)
    }

    @Test func `the statistic follows from the autocorrelations`() throws {
        let values = (0..<40).map { Double($0 * $0 % 11) }
        let test = try #require(ResidualDiagnostics.ljungBox(values, lags: 5, fitted: 1))
        let correlations = ResidualDiagnostics.autocorrelations(values, lags: 5)
        let sum = correlations.enumerated().reduce(0) { $0 + $1.element * $1.element / Double(39 - $1.offset) }
        #expect((test.statistic - 40 * 42 * sum).magnitude < 1e-10)
        #expect(test.degreesOfFreedom == 4)
    }
}
