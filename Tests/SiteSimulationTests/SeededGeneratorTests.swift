import SiteSimulation
import Testing

@Suite struct SeededGeneratorTests {
    /// The authors' C code, started with SplitMix64 from 42, gives these.
    @Test func `gives the published generator's numbers`() {
        var random = SeededGenerator(seed: 42)
        #expect((0..<3).map { _ in random.next() } == [0x15780B2E0C2EC716, 0x6104D9866D113A7E, 0xAE17533239E499A1])
    }

    @Test func `fractions are even`() {
        var random = SeededGenerator(seed: 1)
        let fractions = (0..<100_000).map { _ in random.fraction() }
        #expect(fractions.allSatisfy { (0..<1).contains($0) })
        #expect(abs(fractions.reduce(0, +) / 100_000 - 0.5) < 0.005)
        let tenths = Dictionary(grouping: fractions) { Int($0 * 10) }.mapValues(\.count)
        #expect(tenths.count == 10 && tenths.values.allSatisfy { (9_600...10_400).contains($0) })
    }
}
