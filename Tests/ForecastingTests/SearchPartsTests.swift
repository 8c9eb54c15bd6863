import Testing

@testable import Forecasting

/// A series and a model of two factors, and their innovations by the textbook's sums.
private struct Textbook {
    let order = ARIMAOrder(2, 0, 1, seasonal: [SeasonalOrder(1, 0, 1, period: 5)])
    let series: [Double]
    let coefficients: ARIMACoefficients

    init(seed: UInt64) {
        var random = SplitMix(state: seed)
        series = (0..<160).map { _ in random.normal() }
        func partial() -> Double { Double.random(in: -0.8...0.8, using: &random) }
        coefficients = ARIMACoefficients(
            autoregressive: PartialAutocorrelation.coefficients([partial(), partial()]), movingAverage: [partial()],
            seasonalAutoregressive: [[partial()]], seasonalMovingAverage: [[partial()]])
    }

    /// Products of the factors, lag 0 first.
    static func products(_ c: ARIMACoefficients, period: Int) -> (phi: [Double], theta: [Double]) {
        func spread(_ values: [Double], _ period: Int, _ sign: Double) -> [Double] {
            var polynomial = [Double](repeating: 0, count: values.count * period + 1)
            polynomial[0] = 1
            for (index, value) in values.enumerated() { polynomial[(index + 1) * period] = sign * value }
            return polynomial
        }
        func multiply(_ a: [Double], _ b: [Double]) -> [Double] {
            var product = [Double](repeating: 0, count: a.count + b.count - 1)
            for i in a.indices { for j in b.indices { product[i + j] += a[i] * b[j] } }
            return product
        }
        return (
            multiply(spread(c.autoregressive, 1, -1), spread(c.seasonalAutoregressive[0], period, -1)),
            multiply(spread(c.movingAverage, 1, 1), spread(c.seasonalMovingAverage[0], period, 1))
        )
    }

    /// Innovations with zeros before the series; `known` replaces the first ones.
    func innovations(_ c: ARIMACoefficients, known: [Double] = []) -> [Double] {
        let (phi, theta) = Self.products(c, period: 5)
        var errors = known
        for row in known.count..<series.count {
            var sum = 0.0
            for (lag, value) in phi.enumerated() where lag <= row { sum += value * series[row - lag] }
            for (lag, value) in theta.enumerated() where lag > 0 && lag <= row { sum -= value * errors[row - lag] }
            errors.append(sum)
        }
        return errors
    }
}

struct FactorRecursionTests {
    @Test(arguments: 1...20)
    func `factor by factor gives the innovations of the product`(seed: UInt64) {
        let text = Textbook(seed: seed)
        let start = 40
        // Any innovations may stand before the first row, not only those of the model.
        let past = text.innovations(
            ARIMACoefficients(
                autoregressive: [0.2, 0], movingAverage: [0.1], seasonalAutoregressive: [[0]],
                seasonalMovingAverage: [[0]])
        ).prefix(start)
        let expected = text.innovations(text.coefficients, known: Array(past))
        var errors = Array(past) + [Double](repeating: 0, count: text.series.count - start)
        let model = ARMAModel(text.coefficients, order: text.order)
        text.series.withUnsafeBufferPointer { series in
            errors.withUnsafeMutableBufferPointer { errors in
                guard let series = series.baseAddress, let errors = errors.baseAddress else { return }
                FactorRecursion(rows: start..<160, reach: 8).run(model, series, onto: errors)
            }
        }
        #expect(Array(errors.prefix(start)) == Array(past))
        let worst = zip(errors, expected).map { ($0 - $1).magnitude }.max() ?? .infinity
        #expect(worst < 1e-10)
    }
}

struct InnovationGradientTests {
    @Test(arguments: 1...20)
    func `slope and curvature are those of differences`(seed: UInt64) throws {
        let text = Textbook(seed: seed)
        let point = try #require(text.coefficients.unconstrained())
        func errors(_ point: [Double]) -> [Double] {
            text.innovations(ARIMACoefficients(unconstrained: point, order: text.order))
        }
        let gradient = InnovationGradient(errors(point), at: point, order: text.order)
        let width = 1e-5
        let derivatives = point.indices.map { index -> [Double] in
            var (above, below) = (point, point)
            above[index] += width
            below[index] -= width
            return zip(errors(above), errors(below)).map { ($0 - $1) / (2 * width) }
        }
        let innovations = errors(point)
        func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        for i in point.indices {
            let slope = dot(derivatives[i], innovations)
            #expect((gradient.slope[i] - slope).magnitude <= 1e-5 * max(slope.magnitude, 10), "\(i)")
            for j in point.indices {
                let product = dot(derivatives[i], derivatives[j])
                let found = gradient.curvature[i * point.count + j]
                #expect((found - product).magnitude <= 1e-5 * max(product.magnitude, 10), "\(i) \(j)")
            }
        }
    }
}

struct NeighbourStartTests {
    private let from = ARIMACoefficients(
        autoregressive: PartialAutocorrelation.coefficients([0.6, -0.3]), movingAverage: [0.4],
        seasonalAutoregressive: [[0.5]], seasonalMovingAverage: [[-0.7]])

    @Test func `a shorter block keeps its first partial autocorrelations`() throws {
        let order = ARIMAOrder(1, 0, 1, seasonal: [SeasonalOrder(0, 0, 1, period: 12)])
        let start = try #require(from.start(for: order))
        #expect(start.matches(order))
        #expect((start.autoregressive[0] - 0.6).magnitude < 1e-12 && start.movingAverage == [0.4])
        #expect(start.seasonalAutoregressive == [[]] && start.seasonalMovingAverage == [[-0.7]])
    }

    @Test func `a longer block is near, stationary, invertible and on no saddle`() throws {
        let order = ARIMAOrder(3, 1, 2, seasonal: [SeasonalOrder(2, 1, 2, period: 12)])
        let start = try #require(from.start(for: order))
        #expect(start.matches(order) && start.unconstrained() != nil)
        let partials = try #require(PartialAutocorrelation.partials(start.autoregressive))
        #expect(zip(partials, [0.6, -0.3, 0.1]).allSatisfy { ($0 - $1).magnitude < 1e-12 })
        // A common factor would cancel: its derivative is zero.
        #expect(start.autoregressive.last.map { -$0 } != start.movingAverage.last)
    }

    @Test func `a model outside the region has no neighbour`() {
        let explosive = ARIMACoefficients(
            autoregressive: [1.2], seasonalAutoregressive: [[]], seasonalMovingAverage: [[]])
        #expect(explosive.start(for: ARIMAOrder(2, 0, 0, seasonal: [SeasonalOrder(0, 0, 0, period: 4)])) == nil)
    }
}
