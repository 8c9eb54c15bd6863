import Synchronization

/// Look-ups of many callers put together: those that come while a question is on its way to the database are asked as one
/// when its answer is there. A caller alone waits for nobody; a thousand at once cost a few statements.
///
/// Nobody gets an answer to a question that was asked before they called, so that all see what was committed by then.
final class GroupedLookup<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private typealias Waiter = CheckedContinuation<Value?, any Error>

    private struct State {
        var waiters: [Key: [Waiter]] = [:]
        var isAsking = false
    }

    /// Keys in one question from which on it is worth to wait for more.
    private static var many: Int { 4 }

    private let state = Mutex(State())
    private let limit: Int
    private let gather: @Sendable () async -> Void
    private let ask: @Sendable ([Key]) async throws -> [Key: Value]

    /// - Parameters:
    ///   - limit: Keys in one question.
    ///   - gather: Waits a moment while many ask, so that the next question has more of them in it.
    ///   - ask: What is there for these keys, each of them once.
    init(
        limit: Int, gather: @escaping @Sendable () async -> Void = {},
        ask: @escaping @Sendable ([Key]) async throws -> [Key: Value]
    ) {
        self.limit = limit
        self.gather = gather
        self.ask = ask
    }

    /// Nil when there is nothing for the key.
    func value(for key: Key) async throws -> Value? {
        try await withCheckedThrowingContinuation { waiter in
            let starts = state.withLock { state in
                state.waiters[key, default: []].append(waiter)
                defer { state.isAsking = true }
                return !state.isAsking
            }
            if starts { Task { await askUntilNobodyWaits() } }
        }
    }

    private func askUntilNobodyWaits() async {
        var asked = 0
        while true {
            if asked >= Self.many { await gather() }
            guard let waiters = take() else { return }
            asked = waiters.count
            do {
                let values = try await ask(Array(waiters.keys))
                for (key, waiters) in waiters { for waiter in waiters { waiter.resume(returning: values[key]) } }
            } catch {
                for waiter in waiters.values.joined() { waiter.resume(throwing: error) }
            }
        }
    }

    private func take() -> [Key: [Waiter]]? {
        state.withLock { state in
            guard !state.waiters.isEmpty else {
                state.isAsking = false
                return nil
            }
            guard state.waiters.count > limit else {
                defer { state.waiters = [:] }
                return state.waiters
            }
            var taken: [Key: [Waiter]] = [:]
            for (key, waiters) in state.waiters.prefix(limit) { taken[key] = waiters }
            for key in taken.keys { state.waiters.removeValue(forKey: key) }
            return taken
        }
    }
}
