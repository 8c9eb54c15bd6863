import DemandResponse
import Measures
import Testing

@Suite struct DeliveryEstimateTests {
    private let start = Instant(secondsSinceEpoch: 1_784_221_200)

    /// One event a day; each meter delivers this share of a promise of 10 kWh.
    private func records(_ shares: [[Double]]) -> [DeliveryRecord] {
        shares.enumerated().flatMap { day, shares in
            shares.enumerated().map { meter, share in
                DeliveryRecord(
                    event: ProgramEventID("event-\(day)"), meter: MeterID(Int64(meter)),
                    endedAt: start + .days(Int64(day)), promised: WattHours(10_000),
                    delivered: WattHours(10_000 * share))
            }
        }
    }

    @Test func `without events the terms hold`() {
        let estimate = DeliveryEstimate([]) { _ in 0.1 }
        let delivery = estimate.delivery(of: MeterID(1), error: 0.1)
        #expect(delivery.share == 1 && abs(delivery.error - 0.1) < 1e-12)
        #expect(estimate.commonError == 0)
    }

    @Test func `a meter that delivers half is counted on for less, another for no less`() {
        let estimate = DeliveryEstimate(records([[Double]](repeating: [0.5, 1], count: 12))) { _ in 0.1 }
        let half = estimate.delivery(of: MeterID(0), error: 0.1)
        let full = estimate.delivery(of: MeterID(1), error: 0.1)
        // Weights 4 for the terms; 1, 0.9, 0.81 ... for the events: 7.176 in all.
        #expect(abs(half.share - (4 + 0.5 * 7.1757) / 11.1757) < 1e-4)
        #expect(full.share == 1)
        #expect(half.error > full.error && full.error < 0.1)
    }

    @Test func `newer events count more`() {
        let better = DeliveryEstimate(records([[0.2], [1]])) { _ in 0.1 }.delivery(of: MeterID(0), error: 0.1)
        let worse = DeliveryEstimate(records([[1], [0.2]])) { _ in 0.1 }.delivery(of: MeterID(0), error: 0.1)
        #expect(better.share > worse.share)
    }

    @Test func `what all meters miss together is their common error, what each misses alone is not`() {
        var together: [[Double]] = []
        var alone: [[Double]] = []
        for day in 0..<30 {
            let shift = day % 2 == 0 ? 0.8 : 1.2
            together.append([Double](repeating: shift, count: 20))
            alone.append((0..<20).map { ($0 + day) % 2 == 0 ? 0.8 : 1.2 })
        }
        let shared = DeliveryEstimate(records(together)) { _ in 0.1 }.commonError
        #expect(shared > 0.12 && shared < 0.2)
        #expect(DeliveryEstimate(records(alone)) { _ in 0.1 }.commonError < 0.02)
    }

    @Test func `a settlement beyond reason moves the estimate only so far`() {
        let estimate = DeliveryEstimate(records([[-30], [50]])) { _ in 0.1 }
        let delivery = estimate.delivery(of: MeterID(0), error: 0.1)
        #expect(delivery.share > 0.5 && delivery.share < 1.5)
        #expect(estimate.commonError <= 0.3)
    }
}
