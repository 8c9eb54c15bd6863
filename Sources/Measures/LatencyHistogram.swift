/// Counts of durations in buckets that grow with them: 64 to each doubling, so that a quantile is off by less than 2 %
/// whatever its size, in constant memory.
///
/// The layout is that of HdrHistogram (G. Tene): the position of the highest bit chooses the group, the six bits after it
/// the bucket in the group.
public struct LatencyHistogram: Hashable, Sendable {
    private static let subBits = 6

    /// By index; groups that nothing fell into are not there.
    private var counts: [UInt64] = []
    public private(set) var count: UInt64 = 0
    /// In microseconds.
    public private(set) var longest: UInt64 = 0

    public init() {}

    /// - Parameter microseconds: how long something took.
    public mutating func record(microseconds: UInt64) {
        let index = Self.index(of: microseconds)
        if index >= counts.count { counts += Array(repeating: 0, count: index + 1 - counts.count) }
        counts[index] += 1
        count += 1
        longest = max(longest, microseconds)
    }

    public mutating func merge(_ other: LatencyHistogram) {
        if other.counts.count > counts.count {
            counts += Array(repeating: 0, count: other.counts.count - counts.count)
        }
        for (index, number) in other.counts.enumerated() { counts[index] += number }
        count += other.count
        longest = max(longest, other.longest)
    }

    /// The duration in microseconds that a share of all durations does not exceed, up to the width of a bucket.
    ///
    /// - Parameter share: above 0, up to 1.
    public func quantile(_ share: Double) -> UInt64 {
        guard count > 0 else { return 0 }
        let rank = max(1, UInt64((share * Double(count)).rounded(.up)))
        var seen: UInt64 = 0
        for (index, number) in counts.enumerated() where number > 0 {
            seen += number
            if seen >= rank { return min(Self.upperEdge(of: index), longest) }
        }
        return longest
    }

    private static func index(of value: UInt64) -> Int {
        guard value >> UInt64(subBits) != 0 else { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount - subBits
        return (exponent << subBits) + Int(value >> UInt64(exponent))
    }

    /// The largest value of a bucket.
    private static func upperEdge(of index: Int) -> UInt64 {
        guard index >= 1 << (subBits + 1) else { return UInt64(index) }
        let exponent = (index >> subBits) - 1
        let base = UInt64(index - (exponent << subBits))
        return ((base + 1) << UInt64(exponent)) - 1
    }
}
