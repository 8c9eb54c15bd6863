extension ARIMACoefficients {
    /// True if no factor has a root nearer to the unit circle than `modulus` allows.
    ///
    /// Roots are those of the factor in its own operator (B or B^s): in B, a seasonal root is pulled to the circle by
    /// the length of the season alone. Tested without roots: the polynomial in `modulus` times B must be stationary.
    func isAdmissible(modulus: Double = 1.01) -> Bool {
        let blocks =
            [autoregressive, movingAverage.map { -$0 }] + seasonalAutoregressive
            + seasonalMovingAverage.map { $0.map { -$0 } }
        return blocks.allSatisfy { block in
            var power = 1.0
            let stretched = block.map { coefficient in
                power *= modulus
                return coefficient * power
            }
            return PartialAutocorrelation.partials(stretched) != nil
        }
    }
}
