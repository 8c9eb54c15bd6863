import Forecasting
import Foundation
import Testing

struct RegressorBasisTests {
    @Test func `harmonics are sines and cosines without the empty and the doubled ones`() {
        let columns = RegressorBasis.fourier(period: 8, harmonics: 9, count: 16)
        // Four harmonics; the sine of the fourth is zero everywhere.
        #expect(columns.count == 7)
        for index in 0..<16 {
            #expect((columns[0][index] - sin(2 * .pi * Double(index) / 8)).magnitude < 1e-14)
            #expect((columns[3][index] - cos(4 * .pi * Double(index) / 8)).magnitude < 1e-14)
        }
        let week = RegressorBasis.fourier(period: 168, harmonics: 14, count: 3, skippingMultiplesOf: 7)
        #expect(week.count == 24)
        let later = RegressorBasis.fourier(period: 8, harmonics: 2, start: 5, count: 3)
        #expect(later[0] == Array(columns[0][5..<8]))
    }

    @Test func `a continuous function with bends is a sum of the columns`() {
        let columns = RegressorBasis.piecewiseLinear([0, 5, 12, 20], knots: [4, 10])
        #expect(columns == [[0, 5, 12, 20], [0, 1, 8, 16], [0, 0, 2, 10]])
    }

    @Test func `a season of sines is fitted and continued`() throws {
        var random = SplitMix(state: 4)
        let series = (0..<200).map { 3 + 2 * sin(2 * .pi * Double($0) / 50) + 0.1 * random.normal() }
        let all = RegressorBasis.fourier(period: 50, harmonics: 2, count: 225)
        let fit = try ARIMA.fit(
            series, order: ARIMAOrder(1, 0, 0, constant: .mean), regressors: all.map { Array($0.prefix(200)) })
        #expect((fit.regression[0] - 2).magnitude < 0.05)
        let forecast = try fit.forecast(steps: 25, futureRegressors: all.map { Array($0.suffix(25)) })
        for step in 0..<25 {
            let expected = 3 + 2 * sin(2 * .pi * Double(200 + step) / 50)
            #expect((forecast.mean[step] - expected).magnitude < 0.2)
        }
    }
}
