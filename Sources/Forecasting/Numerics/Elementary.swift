/// Elementary functions in plain Swift.
///
/// No C library stands behind them, so a forecast has the same bits on every machine that has IEEE 754 doubles.
/// Errors are below 2 units in the last place for the arguments that this module uses.
enum Elementary {
    private static let ln2High = 6.93147180369123816490e-01
    private static let ln2Low = 1.90821492927058770002e-10

    /// The natural logarithm. NaN below zero, -infinity at zero.
    static func log(_ x: Double) -> Double {
        guard x > 0 else { return x == 0 ? -.infinity : .nan }
        guard x.isFinite else { return x }
        var exponent = Double(x.exponent)
        var mantissa = x.significand
        if mantissa > 1.4142135623730951 {
            mantissa *= 0.5
            exponent += 1
        }
        // log m = 2 atanh((m - 1) / (m + 1)); the argument is at most 0.172.
        let s = (mantissa - 1) / (mantissa + 1)
        let s2 = s * s
        var series = 0.0
        var k = 23.0
        while k >= 3 {
            series = series * s2 + 1 / k
            k -= 2
        }
        return exponent * ln2High + (2 * s + (2 * s * s2 * series + exponent * ln2Low))
    }

    /// The exponential: 0 and infinity outside the range of Double.
    static func exp(_ x: Double) -> Double {
        guard !x.isNaN else { return x }
        if x > 709.78 { return .infinity }
        if x < -745 { return 0 }
        let k = (x * 1.4426950408889634).rounded()
        let rest = (x - k * ln2High) - k * ln2Low
        var sum = 1.0
        var n = 14.0
        while n >= 1 {
            sum = 1 + sum * rest / n
            n -= 1
        }
        return sum * Double(sign: .plus, exponent: Int(k), significand: 1)
    }

    /// The hyperbolic tangent.
    static func tanh(_ x: Double) -> Double {
        if x.magnitude > 20 { return x > 0 ? 1 : -1 }
        if x.magnitude < 1e-4 { return x * (1 - x * x / 3) }
        let e = exp(2 * x)
        return (e - 1) / (e + 1)
    }

    /// The inverse of ``tanh(_:)`` inside (-1, 1).
    static func atanh(_ x: Double) -> Double {
        if x.magnitude < 1e-4 { return x * (1 + x * x / 3) }
        return 0.5 * log((1 + x) / (1 - x))
    }

    /// Sine and cosine of an angle given in full turns: exact range reduction for any whole number of periods.
    static func sineAndCosine(turns: Double) -> (sine: Double, cosine: Double) {
        let quarter = (turns * 4).rounded()
        let angle = (turns - quarter / 4) * (2 * Double.pi)
        let square = angle * angle
        var sine = 0.0
        var cosine = 0.0
        var k = 18.0
        while k >= 2 {
            cosine = 1 - square / (k * (k - 1)) * (k == 18 ? 1 : cosine)
            sine = 1 - square / (k * (k + 1)) * (k == 18 ? 1 : sine)
            k -= 2
        }
        sine *= angle
        switch Int(quarter.truncatingRemainder(dividingBy: 4) + 4) % 4 {
        case 0: return (sine, cosine)
        case 1: return (cosine, -sine)
        case 2: return (-sine, -cosine)
        default: return (-cosine, sine)
        }
    }
}
