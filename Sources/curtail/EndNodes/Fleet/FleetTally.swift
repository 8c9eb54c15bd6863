import Measures
import OpenADR
import Synchronization

/// What a fleet lived through, counted while it runs.
final class FleetTally: Sendable {
    struct Counts: Sendable {
        var registered = 0
        var messages: [String: Int] = [:]
        /// Attempts that got no answer, by the reason.
        var failures: [String: Int] = [:]
        /// Messages that got no answer at first.
        var interrupted = 0
        /// Those of them that got one when they were sent again.
        var recovered = 0
        /// Answers with a code of 4xx, by message and code.
        var refusals: [String: Int] = [:]
        /// VENs that gave up, by the reason.
        var stopped: [String: Int] = [:]
        var decisions: [String: Int] = [:]
        /// From the moment at which a poll was due to its answer.
        var polls = LatencyHistogram()
        /// From sending to answer, of everything.
        var exchanges = LatencyHistogram()
    }

    private let counts = Mutex(Counts())

    var now: Counts { counts.withLock { $0 } }

    func update(_ change: (inout Counts) -> Void) { counts.withLock { change(&$0) } }
}

/// What `--json` prints, and the text is made of.
struct FleetReport: Encodable {
    struct Latency: Encodable {
        let count: UInt64
        let p50: Double
        let p90: Double
        let p99: Double
        let p999: Double
        let longest: Double

        /// In milliseconds.
        init(_ histogram: LatencyHistogram) {
            func milliseconds(_ microseconds: UInt64) -> Double { Double(microseconds) / 1_000 }
            count = histogram.count
            p50 = milliseconds(histogram.quantile(0.5))
            p90 = milliseconds(histogram.quantile(0.9))
            p99 = milliseconds(histogram.quantile(0.99))
            p999 = milliseconds(histogram.quantile(0.999))
            longest = milliseconds(histogram.longest)
        }

        var text: String {
            "p50 \(p50.fixed(1))  p90 \(p90.fixed(1))  p99 \(p99.fixed(1))  p99.9 \(p999.fixed(1))  longest "
                + "\(longest.fixed(1)) ms of \(count)"
        }
    }

    let vens: Int
    let registered: Int
    let seconds: Int64
    let messages: [String: Int]
    let decisions: [String: Int]
    let failures: [String: Int]
    let interrupted: Int
    let recovered: Int
    let refusals: [String: Int]
    let stopped: [String: Int]
    let pollLatencyMilliseconds: Latency
    let exchangeLatencyMilliseconds: Latency

    init(_ counts: FleetTally.Counts, vens: Int, seconds: Int64) {
        self.vens = vens
        registered = counts.registered
        self.seconds = seconds
        messages = counts.messages
        decisions = counts.decisions
        failures = counts.failures
        interrupted = counts.interrupted
        recovered = counts.recovered
        refusals = counts.refusals
        stopped = counts.stopped
        pollLatencyMilliseconds = Latency(counts.polls)
        exchangeLatencyMilliseconds = Latency(counts.exchanges)
    }

    var text: String {
        """
        \(registered) of \(vens) VENs registered; \(seconds) s
          messages   \(Self.list(messages))
          decisions  \(Self.list(decisions))
          failures   \(Self.list(failures))\(failures.isEmpty ? "" : "; \(recovered) of \(interrupted) messages got through when repeated")
          refusals   \(Self.list(refusals))
          gave up    \(Self.list(stopped))
          polls      \(pollLatencyMilliseconds.text), from when they were due
          exchanges  \(exchangeLatencyMilliseconds.text)
        """
    }

    private static func list(_ counts: [String: Int]) -> String {
        counts.isEmpty
            ? "none" : counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
}
