import DemandResponse

/// Draws who takes part and how wrong the forecasts are, as the generator's mc.py does: opting in, the relative error
/// and the common error each hold for the whole event.
struct MonteCarlo {
    let instance: Instance
    let plan: PortfolioPlan

    /// For each interval with a target, the share of draws that deliver it (less what the plan says is missing).
    func delivered(draws: Int, commonError: Double, seed: UInt64) -> [Double] {
        let portfolio = instance.portfolio
        let targets = (0..<portfolio.intervalCount).filter { portfolio.demands[$0] != nil }
        var optIn: [Double] = []
        var error: [Double] = []
        var power: [Double] = []
        var rebound: [Double] = []
        for (place, pattern) in plan.patterns.enumerated() where pattern.isCall {
            let given = Int(portfolio.givenPlaces[place])
            let probability = instance.optIn[given]
            optIn.append(probability)
            error.append(instance.relativeError[given])
            for interval in targets {
                let row = place * portfolio.callable.count + interval - portfolio.callable.lowerBound
                let first = interval == Int(pattern.start) ? portfolio.resources[place].firstShare : 1
                power.append(pattern.run.contains(interval) ? first * portfolio.means[row] / probability : 0)
                let lag = interval - Int(pattern.end)
                rebound.append(
                    lag >= 0 && lag < portfolio.reboundLength
                        ? portfolio.rebounds[place * portfolio.reboundLength + lag] / probability : 0)
            }
        }
        var generator = Generator(state: seed)
        var hits = [Int](repeating: 0, count: targets.count)
        var total = [Double](repeating: 0, count: targets.count)
        for _ in 0..<draws {
            for index in total.indices { total[index] = 0 }
            for called in optIn.indices where generator.unit() < optIn[called] {
                let factor = 1 + error[called] * generator.normal()
                let row = called * targets.count
                for index in 0..<targets.count { total[index] += power[row + index] * factor - rebound[row + index] }
            }
            let common = 1 + commonError * generator.normal()
            for (index, interval) in targets.enumerated() {
                let needed = instance.target[interval] - plan.shortfall[interval]
                if total[index] * common >= needed - 1e-6 { hits[index] += 1 }
            }
        }
        return hits.map { Double($0) / Double(draws) }
    }

    /// xorshift64* and the polar method's cousin of Box and Muller: fast, and good enough for shares.
    private struct Generator {
        var state: UInt64

        mutating func unit() -> Double {
            state ^= state >> 12
            state ^= state << 25
            state ^= state >> 27
            return Double((state &* 0x2545_F491_4F6C_DD1D) >> 11) * 0x1p-53
        }

        /// The sum of twelve uniform numbers, which is normal enough out to three standard deviations.
        mutating func normal() -> Double {
            var sum = -6.0
            for _ in 0..<12 { sum += unit() }
            return sum
        }
    }
}
