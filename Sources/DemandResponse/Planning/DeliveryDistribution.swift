import Measures

/// What a set of called resources delivers together: who takes part is drawn, the forecast's error is normal.
///
/// The pattern model works with mean and variance, which is too kind to a few large resources (three of 10 kW at 90 %
/// have a normal 90 % quantile of 20.3 kW, but deliver less than that with 27 %). So a selection is judged here:
/// every combination of opting in and out for up to `enumerated` resources, a fixed seed's draws for more, and given
/// who takes part the exact normal probability.
struct DeliveryDistribution {
    /// What one called resource does in each interval, in watts.
    struct Contribution {
        let probability: Double
        let capacity: [Double]
        let standardError: [Double]
    }

    private static let enumerated = 12
    private static let seed: UInt64 = 0x5eed
    /// Draws times resources, so that large portfolios, which are close to normal anyway, take no longer.
    private static let work = 4_000_000

    private let contributions: [Contribution]
    /// For each outcome of opting: its weight and who takes part.
    private let weights: [Double]
    private let participants: [[Int]]

    init(_ contributions: [Contribution]) {
        self.contributions = contributions
        if contributions.count <= Self.enumerated {
            (weights, participants) = Self.everyOutcome(contributions)
        } else {
            (weights, participants) = Self.draws(contributions)
        }
    }

    private static func everyOutcome(_ contributions: [Contribution]) -> ([Double], [[Int]]) {
        var weights: [Double] = []
        var participants: [[Int]] = []
        for bits in 0..<(1 << contributions.count) {
            let chosen = contributions.indices.filter { bits >> $0 & 1 == 1 }
            let weight = contributions.indices.reduce(1.0) {
                $0 * (bits >> $1 & 1 == 1 ? contributions[$1].probability : 1 - contributions[$1].probability)
            }
            guard weight > 0 else { continue }
            weights.append(weight)
            participants.append(chosen)
        }
        return (weights, participants)
    }

    private static func draws(_ contributions: [Contribution]) -> ([Double], [[Int]]) {
        let count = min(max(work / contributions.count, 4_000), 20_000)
        var generator = SplitMix(seed: seed)
        let participants = (0..<count).map { _ in
            contributions.indices.filter { generator.unit() < contributions[$0].probability }
        }
        return ([Double](repeating: 1 / Double(count), count: count), participants)
    }

    /// One interval's mixture of normal distributions.
    struct Interval {
        fileprivate let parts: [(weight: Double, mean: Double, deviation: Double)]

        /// The probability that at least `target` watts are delivered.
        func probability(ofAtLeast target: Double) -> Double {
            let needed = target - 1e-6 * max(1, abs(target))
            return parts.reduce(0) { sum, part in
                guard part.deviation > 0 else { return part.mean >= needed ? sum + part.weight : sum }
                return sum + part.weight * Normal.probability(below: (part.mean - needed) / part.deviation)
            }
        }

        /// The most watts that are delivered with the probability.
        func delivered(withProbability probability: Double) -> Double {
            var low = parts.lazy.map { $0.mean - 8 * $0.deviation }.min() ?? 0
            var high = parts.lazy.map { $0.mean + 8 * $0.deviation }.max() ?? 0
            for _ in 0..<50 {
                let middle = (low + high) / 2
                if self.probability(ofAtLeast: middle) >= probability { low = middle } else { high = middle }
            }
            return low
        }
    }

    func interval(_ index: Int) -> Interval {
        Interval(
            parts: zip(weights, participants).map { weight, chosen in
                var mean = 0.0
                var variance = 0.0
                for resource in chosen {
                    let error = contributions[resource].standardError[index]
                    mean += contributions[resource].capacity[index]
                    variance += error * error
                }
                return (weight, mean, variance.squareRoot())
            })
    }
}

extension DeliveryDistribution {
    /// The distribution of a selection of patterns over `count` intervals.
    init(_ patterns: [DispatchPattern], of resources: [DispatchResource], count: Int) {
        self.init(
            patterns.map { pattern in
                let resource = resources[pattern.resource]
                return Contribution(
                    probability: resource.optInProbability,
                    capacity: (0..<count).map {
                        pattern.run.contains($0) ? pattern.level * resource.capacity[$0].value : 0
                    },
                    standardError: (0..<count).map {
                        pattern.run.contains($0) ? pattern.level * resource.standardError[$0].value : 0
                    })
            })
    }
}
