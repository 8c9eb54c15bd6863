/// The chi-square distribution.
enum ChiSquare {
    /// Probability of more than `x`.
    static func upperTail(_ x: Double, degreesOfFreedom: Double) -> Double {
        guard x > 0 else { return 1 }
        let (a, half) = (degreesOfFreedom / 2, x / 2)
        let front = Elementary.exp(a * Elementary.log(half) - half - logGamma(a))
        return half < a + 1 ? 1 - front * lowerSeries(a, half) : front * upperFraction(a, half)
    }

    /// Series of the lower incomplete gamma function without its leading factor.
    private static func lowerSeries(_ a: Double, _ x: Double) -> Double {
        var term = 1 / a
        var sum = term
        var k = a + 1
        while term > 1e-17 * sum {
            term *= x / k
            sum += term
            k += 1
        }
        return sum
    }

    /// Lentz's continued fraction of the upper incomplete gamma function without its leading factor.
    private static func upperFraction(_ a: Double, _ x: Double) -> Double {
        var b = x + 1 - a
        var c = 1e300
        var d = 1 / b
        var product = d
        for step in 1...500 {
            let n = Double(step)
            let weight = -n * (n - a)
            b += 2
            d = 1 / (weight * d + b)
            c = b + weight / c
            product *= d * c
            if (d * c - 1).magnitude < 1e-16 { break }
        }
        return product
    }

    /// Logarithm of the gamma function for positive arguments: Stirling's series, moved up to 12 first.
    static func logGamma(_ x: Double) -> Double {
        var (shifted, correction) = (x, 1.0)
        while shifted < 12 {
            correction *= shifted
            shifted += 1
        }
        let inverse = 1 / shifted
        let square = inverse * inverse
        let series =
            inverse * (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square * (1.0 / 1680 - square / 1188))))
        let half = 0.9189385332046727
        return (shifted - 0.5) * Elementary.log(shifted) - shifted + half + series - Elementary.log(correction)
    }
}
