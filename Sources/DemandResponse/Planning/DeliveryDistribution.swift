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
        var generator = SplitMix64(seed: seed)
        let probabilities = contributions.map(\.probability)
        var participants: [[Int]] = []
        participants.reserveCapacity(count)
        for _ in 0..<count {
            var chosen: [Int] = []
            chosen.reserveCapacity(probabilities.count)
            for (resource, probability) in probabilities.enumerated() where generator.fraction() < probability {
                chosen.append(resource)
            }
            participants.append(chosen)
        }
        return ([Double](repeating: 1 / Double(count), count: count), participants)
    }

    /// One interval's mixture of normal distributions.
    struct Interval {
        fileprivate let parts: [(weight: Double, mean: Double, deviation: Double)]

        /// The probability that at least `target` watts are delivered.
        func probability(ofAtLeast target: Double) -> Double {
            let needed = target - 1e-6 * max(1, abs(target))
            var sum = 0.0
            for part in parts {
                let distance = part.mean - needed
                // Beyond six deviations the normal distribution adds less than 1e-9.
                if abs(distance) >= 6 * part.deviation {
                    if distance >= 0 { sum += part.weight }
                } else {
                    sum += part.weight * Normal.probability(below: distance / part.deviation)
                }
            }
            return sum
        }

        /// The most watts that are delivered with the probability.
        func delivered(withProbability probability: Double) -> Double {
            let mean = parts.reduce(0) { $0 + $1.weight * $1.mean }
            let spread = parts.reduce(0) { sum, part in
                let distance = part.mean - mean
                return sum + part.weight * (distance * distance + part.deviation * part.deviation)
            }
            // Cantelli: outside four standard deviations lies less than 1/17, so a far quantile starts wider.
            let width = (probability > 0.94 ? 40 : 4) * spread.squareRoot() + 1e-3
            var low = mean - width
            var high = mean + width
            while high - low > 1e-5 * width {
                let middle = (low + high) / 2
                if self.probability(ofAtLeast: middle) >= probability { low = middle } else { high = middle }
            }
            return low
        }
    }

    func interval(_ index: Int) -> Interval {
        let means = contributions.map { $0.capacity[index] }
        let variances = contributions.map { $0.standardError[index] * $0.standardError[index] }
        var parts: [(weight: Double, mean: Double, deviation: Double)] = []
        parts.reserveCapacity(weights.count)
        for (weight, chosen) in zip(weights, participants) {
            var mean = 0.0
            var variance = 0.0
            for resource in chosen {
                mean += means[resource]
                variance += variances[resource]
            }
            parts.append((weight, mean, variance.squareRoot()))
        }
        return Interval(parts: parts)
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
