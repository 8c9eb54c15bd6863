import Measures
import Testing

@Suite struct LatencyHistogramTests {
    @Test func `a quantile is that of the sorted values, within a bucket's width`() {
        var random = SplitMix64(seed: 5)
        var values: [UInt64] = []
        var histogram = LatencyHistogram()
        for _ in 0..<20_000 {
            let value = random.next() >> UInt64(30 + Int(random.next() % 30))
            values.append(value)
            histogram.record(microseconds: value)
        }
        values.sort()
        for share in [0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1] {
            let exact = values[max(0, Int((share * Double(values.count)).rounded(.up)) - 1)]
            let found = histogram.quantile(share)
            #expect(found >= exact)
            #expect(Double(found) <= Double(exact) * 1.016 + 1)
        }
        #expect(histogram.longest == values.last)
        #expect(histogram.count == 20_000)
    }

    @Test func `small values are exact, and every value is in a bucket that holds it`() {
        for value in (0..<300).map(UInt64.init) + [1 << 20, (1 << 20) - 1, 12_345_678, .max >> 1] {
            var histogram = LatencyHistogram()
            histogram.record(microseconds: value)
            #expect(histogram.quantile(0.5) == value)
            histogram.record(microseconds: .max)
            #expect(histogram.quantile(0.5) >= value)
            #expect(Double(histogram.quantile(0.5)) <= Double(value) * 1.016 + 1)
        }
    }

    @Test func `merged is as if recorded in one`() {
        var (one, two, both) = (LatencyHistogram(), LatencyHistogram(), LatencyHistogram())
        for value: UInt64 in 0..<1_000 {
            if value % 3 == 0 { one.record(microseconds: value) } else { two.record(microseconds: value * 1_000) }
            both.record(microseconds: value % 3 == 0 ? value : value * 1_000)
        }
        one.merge(two)
        #expect(one.quantile(0.9) == both.quantile(0.9))
        #expect(one.count == both.count)
        #expect(LatencyHistogram().quantile(0.5) == 0)
    }
}
