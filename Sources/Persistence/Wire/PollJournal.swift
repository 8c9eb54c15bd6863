public import OpenADR
import Synchronization
public import VirtualTopNode

/// Brings polls that brought nothing into the payload log, many in a row of it: most of what a VTN hears.
///
/// With few of them they are written a moment after they came; the more there are, the longer those of a VEN are put
/// together, `longest` looks at most, unless they have other bytes each time. What has not been written when the program is
/// killed is lost to the log, and to nothing else. When the database does not take them, new ones are dropped and counted;
/// nobody waits.
public final class PollJournal: Sendable {
    private struct State {
        var runs: [CertificateDigest: PollRun] = [:]
        /// Those that can take no more polls, or were not written.
        var closed: [PollRun] = []
        var count = 0
        var isFinished = false
    }

    /// Closed runs that are written at the next look, and those beyond which polls with other bytes are dropped.
    static let closedAtOnce = 2_048
    static let closedLimit = 65_536

    private let state = Mutex(State())
    private let capacity: Int
    private let few: Int
    private let longest: Int
    private let write: @Sendable ([PollRun]) async throws -> Void
    private let pause: @Sendable () async -> Void
    private let onDrop: @Sendable (Int) -> Void
    private let onFailure: @Sendable (any Error) -> Void

    /// - Parameters:
    ///   - capacity: Polls that may wait.
    ///   - few: So many are written at the next look.
    ///   - longest: Looks until they are written however many they are.
    ///   - write: Adds runs to the log, all or none; it is called again with the same ones after an error.
    ///   - pause: Waits until the next look.
    ///   - onDrop: Hears how many polls were lost, on the thread of the caller of `record`.
    public init(
        capacity: Int = 262_144, few: Int = 100, longest: Int = 40,
        write: @escaping @Sendable ([PollRun]) async throws -> Void, pause: @escaping @Sendable () async -> Void,
        onDrop: @escaping @Sendable (Int) -> Void, onFailure: @escaping @Sendable (any Error) -> Void
    ) {
        self.capacity = capacity
        self.few = few
        self.longest = longest
        self.write = write
        self.pause = pause
        self.onDrop = onDrop
        self.onFailure = onFailure
    }

    /// Never blocks.
    public func record(
        _ poll: PollRun.Poll, of venID: VENID, certificate: CertificateDigest, exchange: IdleExchange
    ) {
        let isTaken = state.withLock { state in
            guard state.count < capacity else { return false }
            if state.runs[certificate]?.venID == venID, state.runs[certificate]?.exchange == exchange {
                state.count += 1
                state.runs[certificate]?.polls.append(poll)
                return true
            }
            guard state.runs[certificate] == nil || state.closed.count < Self.closedLimit else { return false }
            state.count += 1
            let run = PollRun(venID: venID, certificate: certificate, exchange: exchange, polls: [poll])
            if let other = state.runs.updateValue(run, forKey: certificate) { state.closed.append(other) }
            return true
        }
        if !isTaken { onDrop(1) }
    }

    /// How many polls wait.
    public var backlog: Int { state.withLock { $0.count } }

    /// Writes until `finish()` was called and all is written, or until its task is cancelled.
    public func run() async {
        var looks = 0
        var hasFailed = false
        while true {
            let isFinished = state.withLock(\.isFinished) || Task.isCancelled
            looks += 1
            let isFull = state.withLock { $0.closed.count >= Self.closedAtOnce }
            if isFinished || looks >= longest || (isFull && !hasFailed) || backlog <= few {
                looks = 0
                hasFailed = await !flush()
            }
            if isFinished { return }
            await pause()
        }
    }

    /// - Returns: whether nothing is left of what there was.
    private func flush() async -> Bool {
        let runs = state.withLock { state in
            let runs = state.closed + state.runs.values
            (state.closed, state.runs, state.count) = ([], [:], 0)
            return runs
        }
        guard !runs.isEmpty else { return true }
        do {
            try await write(runs)
            return true
        } catch {
            onFailure(error)
            state.withLock { state in
                state.closed = runs + state.closed
                state.count += runs.reduce(0) { $0 + $1.polls.count }
            }
            return false
        }
    }

    /// Lets `run` return once everything is written.
    public func finish() {
        state.withLock { $0.isFinished = true }
    }
}
