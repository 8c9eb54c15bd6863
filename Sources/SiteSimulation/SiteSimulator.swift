public import Measures

/// Makes sites of different kinds that share the weather of one region.
///
/// The same seed and zone give the same sites with the same loads on every machine: nothing depends on the time, on the
/// order of a hash table, or on the C library's mathematics.
public struct SiteSimulator: Sendable {
    public let seed: UInt64
    public let weather: Weather

    /// - Parameter zone: the clock of the region, whose offset before the first transition is standard time.
    public init(seed: UInt64, zone: ZoneRules) {
        self.seed = seed
        weather = Weather(seed: seed, zone: zone)
    }

    /// A mix of kinds in a fixed rhythm; the first sites are the same whatever the count.
    public func sites(count: Int) -> [SimulatedSite] {
        let rhythm: [SiteKind] = [
            .office, .supermarket, .home, .coldStore, .school, .lightIndustry, .office, .home, .supermarket, .office,
        ]
        return (0..<max(count, 0)).map { index in
            let kind = rhythm[index % rhythm.count]
            let round = rhythm.count { $0 == kind } * (index / rhythm.count)
            let number = round + rhythm[0...(index % rhythm.count)].count { $0 == kind }
            return SimulatedSite(seed: seed, name: "\(kind.title) \(number)", kind: kind, weather: weather)
        }
    }
}
