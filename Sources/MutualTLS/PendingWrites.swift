import NIOCore

/// What the application has written and TLS has not yet encrypted.
struct PendingWrites {
    struct Batch {
        let plaintext: [ByteBuffer]
        let promise: EventLoopPromise<Void>?
    }

    /// The most plaintext that one TLS record holds.
    private static let recordSize = 16_384

    private var writes: [(buffer: ByteBuffer, promise: EventLoopPromise<Void>?)] = []
    /// How many of them the application has flushed.
    private var flushed = 0

    mutating func append(_ buffer: ByteBuffer, promise: EventLoopPromise<Void>?) {
        writes.append((buffer, promise))
    }

    mutating func markFlush() {
        flushed = writes.count
    }

    /// Takes what is flushed: buffers joined so that small writes, such as the head and the body of an answer, share a
    /// record, and one promise for all of them. Nil when there is nothing.
    mutating func takeFlushed(on eventLoop: any EventLoop) -> Batch? {
        guard flushed > 0 else { return nil }
        let taken = writes.prefix(flushed)
        writes.removeFirst(flushed)
        flushed = 0
        var plaintext: [ByteBuffer] = []
        for (buffer, _) in taken where buffer.readableBytes > 0 {
            if let last = plaintext.last, last.readableBytes + buffer.readableBytes <= Self.recordSize {
                plaintext[plaintext.count - 1].writeImmutableBuffer(buffer)
            } else {
                plaintext.append(buffer)
            }
        }
        return Batch(plaintext: plaintext, promise: Self.joined(taken.compactMap(\.promise), on: eventLoop))
    }

    mutating func failAll(_ error: any Error) {
        let failed = writes
        writes = []
        flushed = 0
        for write in failed { write.promise?.fail(error) }
    }

    private static func joined(
        _ promises: [EventLoopPromise<Void>], on eventLoop: any EventLoop
    ) -> EventLoopPromise<Void>? {
        guard promises.count > 1 else { return promises.first }
        let all = eventLoop.makePromise(of: Void.self)
        all.futureResult.whenComplete { result in
            for promise in promises { promise.completeWith(result) }
        }
        return all
    }
}
