import Synchronization
public import VirtualTopNode

/// Brings records into the payload log behind the back of whoever answers messages: a bounded queue, one writer, the
/// order kept. When the database is slower than the traffic, new records are dropped and counted; nobody waits.
///
/// ```
/// record(_:) ─▶ queue, at most `capacity` records ─▶ run(): batches ─▶ database
///    └─▶ full: onDrop
/// ```
public final class PayloadJournal: Sendable {
    private struct State {
        var queue: [WireRecord] = []
        var isFinished = false
        /// The writer, while it waits for something to do.
        var sleeper: CheckedContinuation<Void, Never>?
    }

    /// Records of one statement: the more wait, the more go together.
    private static let batch = 1_000

    private let state = Mutex(State())
    private let capacity: Int
    private let write: @Sendable ([WireRecord]) async throws -> Void
    private let gather: @Sendable () async -> Void
    private let pause: @Sendable () async -> Void
    private let onDrop: @Sendable (Int) -> Void
    private let onFailure: @Sendable (any Error) -> Void

    /// - Parameters:
    ///   - capacity: Records that may wait; each holds 16 KiB of text at most.
    ///   - write: Adds records to the log, all or none; it is called again with the same ones after an error.
    ///   - gather: Waits a moment once there is something to write, so that messages which come soon after go along.
    ///   - pause: Waits before a write that failed is tried again.
    ///   - onDrop: Hears how many records were lost, on the thread of the caller of `record`.
    public init(
        capacity: Int = 16_384, write: @escaping @Sendable ([WireRecord]) async throws -> Void,
        gather: @escaping @Sendable () async -> Void = {},
        pause: @escaping @Sendable () async -> Void, onDrop: @escaping @Sendable (Int) -> Void,
        onFailure: @escaping @Sendable (any Error) -> Void
    ) {
        self.capacity = capacity
        self.write = write
        self.gather = gather
        self.pause = pause
        self.onDrop = onDrop
        self.onFailure = onFailure
    }

    /// Never blocks. The records stay together, or are dropped together.
    public func record(_ records: [WireRecord]) {
        let sleeper: CheckedContinuation<Void, Never>?? = state.withLock { state in
            guard state.queue.count + records.count <= capacity else { return nil }
            state.queue += records
            defer { state.sleeper = nil }
            return .some(state.sleeper)
        }
        guard let sleeper else { return onDrop(records.count) }
        sleeper?.resume()
    }

    /// How many records wait.
    public var backlog: Int { state.withLock { $0.queue.count } }

    /// Writes until `finish()` was called and all is written, or until its task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            let (records, isFinished) = state.withLock { state in
                (Array(state.queue.prefix(Self.batch)), state.isFinished)
            }
            if records.isEmpty {
                if isFinished { return }
                await wait()
                if !state.withLock(\.isFinished) { await gather() }
                continue
            }
            do {
                try await write(records)
                state.withLock { $0.queue.removeFirst(records.count) }
            } catch {
                onFailure(error)
                // The end does not wait for a database that is gone.
                if isFinished { return }
                await pause()
            }
        }
    }

    /// Lets `run` return once everything is written.
    public func finish() {
        let sleeper = state.withLock { state in
            state.isFinished = true
            defer { state.sleeper = nil }
            return state.sleeper
        }
        sleeper?.resume()
    }

    /// Until there is a record, or the end.
    private func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isAwake = state.withLock { state in
                    if !state.queue.isEmpty || state.isFinished || Task.isCancelled { return true }
                    state.sleeper = continuation
                    return false
                }
                if isAwake { continuation.resume() }
            }
        } onCancel: {
            finish()
        }
    }
}
