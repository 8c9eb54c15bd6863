import DemandResponse
import Measures

/// SplitMix64: small, seeded, the same everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        return bits ^ (bits >> 31)
    }

    mutating func unit() -> Double { Double.random(in: 0..<1, using: &self) }

    /// Box and Muller.
    mutating func normal() -> Double {
        let radius = (-2 * logarithm(1 - unit())).squareRoot()
        return radius * cosine(2 * .pi * unit())
    }
}

/// 17:00 UTC on Wednesday 1 July 2026.
let eventStart = Instant(year: 2026, month: 7, day: 1, hour: 17)

extension Money {
    static func cents(_ count: Int64) -> Money { Money(minorUnits: count, currency: .usd) }
}

extension ZoneRules {
    /// Summer time from 12 March to 5 November.
    static let newYork2017 = ZoneRules(
        identifier: "America/New_York", initialOffset: .hours(-5),
        transitions: [
            Transition(at: Instant(year: 2017, month: 3, day: 12, hour: 7), offset: .hours(-4)),
            Transition(at: Instant(year: 2017, month: 11, day: 5, hour: 6), offset: .hours(-5)),
        ])
}
