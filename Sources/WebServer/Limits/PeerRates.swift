import Measures
import OpenADR
import Synchronization
import VirtualTopNode

/// How often each certificate may ask: a token bucket for polls, which go by the VEN's interval, and one for all else.
///
/// A poll that brought something costs nothing: the VEN is to come again at once until it hears that there is no more
/// (rule 500).
public final class PeerRates: Sendable {
    /// Polls at once; then one per quarter of the interval.
    static let pollBurst = 5
    /// Other messages at once; then one per `otherInterval`.
    static let otherBurst = 100
    static let otherInterval = Duration.milliseconds(100)

    private struct Buckets {
        var polls: TokenBucket
        var others: TokenBucket
    }

    /// When there are more, those that are full are forgotten.
    private static let limit = 20_000

    private let buckets = Mutex<[PeerIdentity: Buckets]>([:])

    public init() {}

    /// Nil when the request may go on, else how long the peer has to wait.
    func admit(
        _ peer: PeerIdentity, to service: ServiceName, pollFrequency: TimeSpan, now: ContinuousClock.Instant
    ) -> Duration? {
        let interval = Duration.seconds(max(pollFrequency.seconds, 1)) / 4
        return buckets.withLock { buckets in
            if buckets.count > Self.limit, buckets[peer] == nil {
                buckets = buckets.filter {
                    !$0.value.polls.isFull(burst: Self.pollBurst, interval: .seconds(60), now: now)
                        || !$0.value.others.isFull(burst: Self.otherBurst, interval: Self.otherInterval, now: now)
                }
            }
            var own =
                buckets[peer]
                ?? Buckets(
                    polls: TokenBucket(burst: Self.pollBurst, now: now),
                    others: TokenBucket(burst: Self.otherBurst, now: now))
            defer { buckets[peer] = own }
            return service == .oadrPoll
                ? own.polls.take(burst: Self.pollBurst, interval: interval, now: now)
                : own.others.take(burst: Self.otherBurst, interval: Self.otherInterval, now: now)
        }
    }

    /// The last poll does not count: it brought something, or is going to be admitted once more.
    func giveBackPoll(of peer: PeerIdentity) {
        buckets.withLock { $0[peer]?.polls.giveBack(burst: Self.pollBurst) }
    }
}
