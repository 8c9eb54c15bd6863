import DemandResponse

/// Draws who takes part and how wrong the forecasts are, as the generator's mc.py does: opting in, the relative error
/// and the common error each hold for the whole event.
struct MonteCarlo {
    /// For each called resource.
    private var optIn: [Double] = []
    private var error: [Double] = []
    /// For each called resource a row with a value for each interval with a target, kW.
    private var power: [Double] = []
    private var rebound: [Double] = []
    /// What each of these intervals needs, kW.
    private let needed: [Double]

    /// Of a plan as `curtail dispatch plan` makes it.
    init(problem: DispatchProblem, plan: DispatchProposal) {
        let targets = plan.totals.filter { $0.target != nil }
        needed = targets.map { ($0.target ?? 0) - $0.shortfall }
        let resources = Dictionary(problem.resources.map { ($0.name, $0) }) { first, _ in first }
        for call in plan.calls {
            guard let resource = resources[call.resource] else { continue }
            optIn.append(resource.optIn)
            let capacity = call.run.map { resource.capacity[$0] }.max() ?? 0
            let deviation = call.run.map { resource.standardError[$0] }.max() ?? 0
            error.append(capacity > 0 ? deviation / capacity : 0)
            for total in targets {
                let interval = total.interval
                let first = interval == call.first ? resource.firstShare : 1
                power.append(call.run.contains(interval) ? first * call.share * resource.capacity[interval] : 0)
                let lag = interval - call.end
                rebound.append(resource.rebound.indices.contains(lag) ? call.share * resource.rebound[lag] : 0)
            }
        }
    }

    /// For each interval with a target, the share of draws that deliver it (less what the plan says is missing).
    func delivered(draws: Int, commonError: Double, seed: UInt64) -> [Double] {
        var generator = Generator(state: seed)
        var hits = [Int](repeating: 0, count: needed.count)
        var total = [Double](repeating: 0, count: needed.count)
        for _ in 0..<draws {
            for index in total.indices { total[index] = 0 }
            for called in optIn.indices where generator.unit() < optIn[called] {
                let factor = 1 + error[called] * generator.normal()
                let row = called * needed.count
                for index in needed.indices { total[index] += power[row + index] * factor - rebound[row + index] }
            }
            let common = 1 + commonError * generator.normal()
            for index in needed.indices where total[index] * common >= needed[index] - 1e-6 { hits[index] += 1 }
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
