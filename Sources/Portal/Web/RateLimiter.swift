import Measures
import Synchronization

/// Buckets of tokens, one for each name: a request takes one, and they come back with time.
///
/// It stands in the memory of one replica: it protects that replica. What must hold for all of them, such as the wait
/// after wrong passwords, is in the database.
final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var at: Instant
    }

    private let capacity: Double
    private let perSecond: Double
    /// So many names are kept; when there are more, the full buckets go.
    private let limit = 20_000
    private let buckets = Mutex<[String: Bucket]>([:])

    /// - Parameters:
    ///   - capacity: requests that may come at once.
    ///   - refill: how long until all of them are back.
    init(capacity: Int, refill: TimeSpan) {
        self.capacity = Double(capacity)
        perSecond = Double(capacity) / Double(refill.seconds)
    }

    /// Nil when the request may go on, else the seconds until the next one may.
    func take(_ name: String, at now: Instant) -> Int64? {
        buckets.withLock { buckets in
            if buckets.count >= limit { clean(&buckets, now) }
            var bucket = buckets[name] ?? Bucket(tokens: capacity, at: now)
            bucket.tokens = min(capacity, bucket.tokens + perSecond * Double(max((now - bucket.at).seconds, 0)))
            bucket.at = max(now, bucket.at)
            defer { buckets[name] = bucket }
            guard bucket.tokens >= 1 else { return Int64(((1 - bucket.tokens) / perSecond).rounded(.up)) }
            bucket.tokens -= 1
            return nil
        }
    }

    private func clean(_ buckets: inout [String: Bucket], _ now: Instant) {
        buckets = buckets.filter { _, bucket in
            bucket.tokens + perSecond * Double(max((now - bucket.at).seconds, 0)) < capacity
        }
        // More names than anyone honest has, all of them active: forget them rather than the memory's limit.
        if buckets.count >= limit { buckets = [:] }
    }
}
