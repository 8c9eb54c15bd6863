import Optimization

/// The cheapest assignment of a small model whose columns are all binary, found by trying every one.
struct ExactEnumeration {
    let model: LinearModel

    /// Nil when no assignment meets every limit.
    func best() -> (values: [Double], objective: Double)? {
        let count = model.columns.count
        precondition(count <= 20 && model.columns.allSatisfy { $0.isInteger && $0.lower == 0 && $0.upper == 1 })
        var best: (values: [Double], objective: Double)?
        for bits in 0..<(1 << count) {
            let values = (0..<count).map { bits >> $0 & 1 == 1 ? 1.0 : 0.0 }
            guard model.violation(of: values) == nil else { continue }
            let objective = model.objective(of: values)
            if objective < best?.objective ?? .infinity { best = (values, objective) }
        }
        return best
    }
}

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
}
