import Glibc

/// What independent calls deliver together in one interval, in kW: each takes part with its probability, and is normal
/// when it does; all of them may share a relative error.
///
/// A few parts are enumerated: every combination of taking part and not. For more the distribution is found from its
/// characteristic function, which is the product of the parts', so no draw is needed and equal input gives equal odds.
/// Very many are as good as normal. J. Gil-Pelaez, "Note on the inversion theorem", Biometrika 38 (1951).
struct DeliveryOdds: Sendable {
    struct Part: Sendable {
        let probability: Double
        let mean: Double
        let deviation: Double
    }

    private enum Form: Sendable {
        case mixture([(weight: Double, mean: Double, deviation: Double)])
        /// The characteristic function of the standardised sum at (k + 1/2) times the step.
        case inverted(step: Double, values: [(real: Double, imaginary: Double)])
        case normal
    }

    let mean: Double
    let deviation: Double
    private let form: Form
    /// Values of the shared error with their weights.
    private let common: [(weight: Double, factor: Double)]

    private static let enumerated = 12
    private static let mostInverted = 60_000
    /// Where nothing else does, this spread of each part, relative to its size, makes the inversion end.
    private static let leastSpread = 1e-3
    private static let mostTerms = 20_000

    init(_ given: [Part], commonError: Double = 0) {
        let parts = given.filter { $0.mean != 0 || $0.deviation > 0 }
        let mean = parts.reduce(0) { $0 + $1.probability * $1.mean }
        let variance = parts.reduce(0) { sum, part in
            let own = part.deviation * part.deviation + (1 - part.probability) * part.mean * part.mean
            return sum + part.probability * own
        }
        let deviation = variance.squareRoot()
        self.mean = mean
        self.deviation = deviation
        if parts.count <= Self.enumerated {
            form = .mixture(Self.mixture(parts))
        } else if parts.count > Self.mostInverted || deviation <= 1e-12 * max(1, abs(mean)) {
            form = .normal
        } else {
            form = Self.inverted(parts, mean, deviation)
        }
        common = Self.quadrature(commonError)
    }

    private static func mixture(_ parts: [Part]) -> [(weight: Double, mean: Double, deviation: Double)] {
        var all: [(weight: Double, mean: Double, variance: Double)] = [(1, 0, 0)]
        for part in parts {
            let with = all.map {
                ($0.weight * part.probability, $0.mean + part.mean, $0.variance + part.deviation * part.deviation)
            }
            let without =
                part.probability < 1 ? all.map { ($0.weight * (1 - part.probability), $0.mean, $0.variance) } : []
            all = with + without
        }
        return all.map { ($0.weight, $0.mean, $0.variance.squareRoot()) }
    }

    private static func inverted(_ parts: [Part], _ mean: Double, _ deviation: Double) -> Form {
        let scaled = parts.map { part in
            let size = part.mean / deviation
            return Part(
                probability: part.probability, mean: size,
                deviation: max(part.deviation / deviation, leastSpread * abs(size)))
        }
        // Two spans of the sum must not overlap; beyond sixty deviations lies nothing that counts.
        let range = scaled.reduce(0) { $0 + abs($1.mean) }
        let step = 2 * Double.pi / min(60, max(40, 2 * range))
        let center = mean / deviation
        var values: [(real: Double, imaginary: Double)] = []
        for term in 0..<mostTerms {
            let frequency = (Double(term) + 0.5) * step
            var real = cos(-frequency * center)
            var imaginary = sin(-frequency * center)
            for part in scaled {
                let width = part.deviation * frequency
                let size = part.probability * exp(-0.5 * width * width)
                let a = 1 - part.probability + size * cos(frequency * part.mean)
                let b = size * sin(frequency * part.mean)
                (real, imaginary) = (real * a - imaginary * b, real * b + imaginary * a)
            }
            values.append((real, imaginary))
            if real * real + imaginary * imaginary < 1e-18, frequency > 6 { break }
        }
        return .inverted(step: step, values: values)
    }

    /// The shared error at steps of a quarter of its deviation, out to four.
    private static func quadrature(_ commonError: Double) -> [(weight: Double, factor: Double)] {
        guard commonError > 0 else { return [(1, 1)] }
        let places = (-16...16).map { Double($0) / 4 }
        let weights = places.map { exp(-0.5 * $0 * $0) }
        let total = weights.reduce(0, +)
        return zip(places, weights).map { ($1 / total, max(0.01, 1 + commonError * $0)) }
    }

    /// The probability that at least `target` kW are delivered.
    func probability(ofAtLeast target: Double) -> Double {
        let needed = target - 1e-6 * max(1e-3, abs(target))
        return common.reduce(0) { $0 + $1.weight * atLeast(needed / $1.factor) }
    }

    private func atLeast(_ value: Double) -> Double {
        switch form {
        case .mixture(let parts):
            return parts.reduce(0) { sum, part in
                guard part.deviation > 0 else { return part.mean >= value ? sum + part.weight : sum }
                return sum + part.weight * Normal.probability(below: (part.mean - value) / part.deviation)
            }
        case .normal:
            guard deviation > 0 else { return mean >= value ? 1 : 0 }
            return Normal.probability(below: (mean - value) / deviation)
        case .inverted(let step, let values):
            let place = (value - mean) / deviation
            var sum = 0.0
            for (term, value) in values.enumerated() {
                let frequency = (Double(term) + 0.5) * step
                let turned = value.imaginary * cos(frequency * place) - value.real * sin(frequency * place)
                sum += turned / frequency
            }
            return min(1, max(0, 0.5 + sum * step / Double.pi))
        }
    }

    /// The most kW that are delivered with the probability, to about a millionth of the spread.
    func delivered(withProbability probability: Double) -> Double {
        let spread = deviation + 0.5 * abs(mean) * (common.count > 1 ? 1 : 0)
        let width = (probability > 0.94 ? 40 : 5) * spread + 1e-6
        var low = mean - width
        var high = mean + width
        for _ in 0..<50 where high - low > 1e-7 * width {
            let middle = (low + high) / 2
            if self.probability(ofAtLeast: middle) >= probability { low = middle } else { high = middle }
        }
        return low
    }
}
