import Measures

/// xoshiro256**, started from SplitMix64: the same numbers on every machine.
///
/// D. Blackman and S. Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47 (2021);
/// https://prng.di.unimi.it/
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    public init(seed: UInt64) {
        var key = SplitMix64(seed: seed)
        state = (key.next(), key.next(), key.next(), key.next())
    }

    public mutating func next() -> UInt64 {
        let result = Self.rotated(state.1 &* 5, by: 7) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = Self.rotated(state.3, by: 45)
        return result
    }

    private static func rotated(_ word: UInt64, by bits: UInt64) -> UInt64 { (word << bits) | (word >> (64 - bits)) }

    /// Between zero (included) and one (excluded).
    public mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Evenly between two numbers.
    mutating func between(_ low: Double, _ high: Double) -> Double { low + (high - low) * fraction() }

    /// A whole number from `range`, evenly but for a part in 2^50.
    mutating func whole(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int((fraction() * Double(range.count)).rounded(.down))
    }
}

/// What a random number is for: numbers of different keys have nothing to do with each other.
struct SeedKey {
    private(set) var value: UInt64

    init(_ seed: UInt64) {
        value = SplitMix64.mixed(seed &+ SplitMix64.increment)
    }

    func appending(_ number: Int64) -> SeedKey {
        var key = self
        key.value = SplitMix64.mixed(key.value ^ SplitMix64.mixed(UInt64(bitPattern: number) &+ SplitMix64.increment))
        return key
    }

    /// FNV-1a over the UTF-8 bytes (https://www.rfc-editor.org/rfc/rfc9923), then as a number.
    func appending(_ text: String) -> SeedKey {
        let hash = text.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
        return appending(Int64(bitPattern: hash))
    }

    var generator: SeededGenerator { SeededGenerator(seed: value) }

    /// Between zero (included) and one (excluded).
    var fraction: Double { Double(value >> 11) * 0x1p-53 }
}
