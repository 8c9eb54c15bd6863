import Foundation
import Testing

@testable import Forecasting

/// Our functions against the platform's.
struct ElementaryTests {
    @Test func `logarithm and exponential agree with the platform to the last places`() {
        var random = SplitMix(state: 11)
        for _ in 0..<2_000 {
            let x = exp(Double.random(in: -700...700, using: &random))
            #expect((Elementary.log(x) - log(x)).magnitude <= 4e-16 * max(1, log(x).magnitude))
            let y = Double.random(in: -700...700, using: &random)
            #expect((Elementary.exp(y) / exp(y) - 1).magnitude < 1e-15)
            let t = Double.random(in: -3...3, using: &random)
            #expect((Elementary.tanh(t) - tanh(t)).magnitude < 4e-16)
            #expect((Elementary.atanh(Elementary.tanh(t)) - t).magnitude < 1e-12)
        }
        #expect(Elementary.log(0) == -.infinity)
        #expect(Elementary.log(-1).isNaN)
        #expect(Elementary.exp(-1000) == 0)
        #expect(Elementary.exp(1000) == .infinity)
        let least = Double.leastNonzeroMagnitude
        #expect((Elementary.log(least) - log(least)).magnitude < 1e-12)
    }

    @Test func `sines of any number of turns agree with the platform`() {
        for index in -2000...2000 {
            let turns = Double(index) / 96
            let (sine, cosine) = Elementary.sineAndCosine(turns: turns)
            let angle = 2 * Double.pi * turns.truncatingRemainder(dividingBy: 1)
            #expect((sine - sin(angle)).magnitude < 1e-14)
            #expect((cosine - cos(angle)).magnitude < 1e-14)
        }
    }

    @Test func `the normal quantile inverts the distribution`() {
        for (p, z) in [(0.975, 1.959963984540054), (0.9, 1.2815515655446004), (0.995, 2.5758293035489004)] {
            #expect((NormalDistribution.quantile(p) - z).magnitude < 1e-12)
            #expect((NormalDistribution.quantile(1 - p) + z).magnitude < 1e-12)
        }
        for z in stride(from: -8.0, through: 8, by: 0.125) {
            let expected = 0.5 * erfc(-z / 2.0.squareRoot())
            #expect((NormalDistribution.cumulative(z) / expected - 1).magnitude < 1e-10)
        }
        #expect(NormalDistribution.quantile(1e-12) < -7)
        #expect(NormalDistribution.quantile(2).isNaN)
    }
}
