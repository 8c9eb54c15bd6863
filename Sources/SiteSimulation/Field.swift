import Measures

/// Randomness that has a value at every moment, whatever was asked before: noise from the key and the time alone.
struct Field {
    let key: SeedKey

    /// Between -1 and 1, a new value every `period`, smooth in between (value noise with a cubic blend).
    func smooth(_ instant: Instant, every period: TimeSpan) -> Double {
        let cell = instant.floored(to: period)
        let index = cell.secondsSinceEpoch / period.seconds
        let part = Double((instant - cell).seconds) / Double(period.seconds)
        let blend = part * part * (3 - 2 * part)
        let before = value(index)
        return before + (value(index + 1) - before) * blend
    }

    /// Between -1 and 1 with most values near zero, another for every number.
    func bell(_ index: Int64) -> Double {
        let own = key.appending(index)
        return (own.appending(1).fraction + own.appending(2).fraction + own.appending(3).fraction) / 1.5 - 1
    }

    private func value(_ index: Int64) -> Double { key.appending(index).fraction * 2 - 1 }
}

/// A wave of period one between -1 and 1 that is highest at zero: a cosine to within a thousandth, made of
/// multiplications only, as the C library's differs from machine to machine in the last bit.
func wave(_ turns: Double) -> Double {
    let phase = turns + 0.25 - (turns + 0.25).rounded(.down)
    let half = phase < 0.5 ? phase : phase - 0.5
    let parabola = 16 * half * (0.5 - half)
    let sine = parabola * (0.775 + 0.225 * parabola)
    return phase < 0.5 ? sine : -sine
}

/// From zero below `low` to one above `high`, smoothly.
func ramp(_ value: Double, _ low: Double, _ high: Double) -> Double {
    let part = min(max((value - low) / (high - low), 0), 1)
    return part * part * (3 - 2 * part)
}
