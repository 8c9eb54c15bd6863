import Foundation
import Measures
import Testing

@Suite struct InstantTests {
    private func foundation(_ instant: Instant) -> String {
        let date = Date(timeIntervalSince1970: Double(instant.secondsSinceEpoch))
        return date.formatted(.iso8601)
    }

    /// Seconds between the years 1600 and 9999, always the same ones.
    private func seconds(_ count: Int) -> [Int64] {
        var state: UInt64 = 1
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return -11_676_096_000 + Int64((state >> 20) % 265_000_000_000)
        }
    }

    @Test func `is written as Foundation writes it, and read back`() {
        let all = seconds(5_000) + [0, -1, 86_399, 86_400, 951_782_400, 4_107_542_399]
        let wrong = all.filter { second in
            let instant = Instant(secondsSinceEpoch: second)
            return instant.description != foundation(instant) || Instant(utc: instant.description) != instant
        }
        #expect(wrong.isEmpty)
    }

    @Test(arguments: [
        "", "Z", "2025-01-01", "2025-01-01T00:00:00", "2025-01-01T00:00:00+00:00", "2025-01-01t00:00:00Z",
        "2025-13-01T00:00:00Z", "2025-00-01T00:00:00Z", "2025-02-29T00:00:00Z", "2025-01-32T00:00:00Z",
        "2025-01-00T00:00:00Z", "2025-01-01T24:00:00Z", "2025-01-01T00:60:00Z", "2025-01-01T00:00:60Z",
        "2025-01-01T00:00:00.Z", "2025-01-01T00:00:00.1xZ", "2025-01-01 00:00:00Z", "+025-01-01T00:00:00Z",
        "2025-01-01T00:00:00ZZ", " 2025-01-01T00:00:00Z", "2025-1-001T00:00:00Z", "२०२५-01-01T00:00:00Z",
    ])
    func `refuses what is no UTC time`(text: String) {
        #expect(Instant(utc: text) == nil)
    }

    @Test func `cuts a fraction off`() {
        let whole = Instant(year: 2025, month: 7, day: 1, hour: 14, minute: 5, second: 9)
        #expect(Instant(utc: "2025-07-01T14:05:09.999999999Z") == whole)
        #expect(whole.description == "2025-07-01T14:05:09Z")
    }

    @Test func `floors towards the past on both sides of the epoch`() {
        #expect(Instant(secondsSinceEpoch: 901).floored(to: .minutes(15)).secondsSinceEpoch == 900)
        #expect(Instant(secondsSinceEpoch: -1).floored(to: .minutes(15)).secondsSinceEpoch == -900)
        #expect(Instant(secondsSinceEpoch: -900).floored(to: .minutes(15)).secondsSinceEpoch == -900)
    }

    @Test func `is described at the ends of its range`() {
        #expect(!Instant(secondsSinceEpoch: .min).description.isEmpty)
        #expect(!Instant(secondsSinceEpoch: .max).description.isEmpty)
    }
}
