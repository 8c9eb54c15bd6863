/// The standard normal distribution.
public enum NormalDistribution {
    /// Density at `z`.
    public static func density(_ z: Double) -> Double {
        Elementary.exp(-0.5 * z * z) * 0.3989422804014327
    }

    /// Probability of a value at most `z`; absolute error below 1e-15.
    public static func cumulative(_ z: Double) -> Double {
        guard !z.isNaN else { return z }
        if z < -38 { return 0 }
        if z > 38 { return 1 }
        if z.magnitude > 3 {
            let tail = upperTail(z.magnitude)
            return z > 0 ? 1 - tail : tail
        }
        // Abramowitz and Stegun 26.2.11: a series without cancellation.
        var term = z
        var sum = z
        var k = 3.0
        while term.magnitude > 1e-18 * sum.magnitude, k < 400 {
            term *= z * z / k
            sum += term
            k += 2
        }
        return 0.5 + density(z) * sum
    }

    /// The value that is not exceeded with the given probability; infinite at 0 and 1, NaN outside.
    public static func quantile(_ probability: Double) -> Double {
        guard probability >= 0, probability <= 1 else { return .nan }
        if probability == 0 { return -.infinity }
        if probability == 1 { return .infinity }
        if probability == 0.5 { return 0 }
        let tail = min(probability, 1 - probability)
        // Abramowitz and Stegun 26.2.23 (error 4.5e-4), then Halley steps on the exact function.
        let t = (-2 * Elementary.log(tail)).squareRoot()
        let numerator = 2.515517 + t * (0.802853 + t * 0.010328)
        let denominator = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308))
        var z = t - numerator / denominator
        for _ in 0..<3 {
            let excess = (cumulative(-z) - tail) / density(z)
            z += excess / (1 - 0.5 * z * excess)
        }
        return probability < 0.5 ? -z : z
    }

    /// One standard normal number: the quantile of a uniform one.
    public static func draw(using random: inout some RandomNumberGenerator) -> Double {
        quantile((Double(random.next() >> 11) + 0.5) / 9_007_199_254_740_992)
    }

    /// Continued fraction of the upper tail, for z above 3.
    private static func upperTail(_ z: Double) -> Double {
        var fraction = z
        var k = 60.0
        while k >= 1 {
            fraction = z + k / fraction
            k -= 1
        }
        return density(z) / fraction
    }
}
