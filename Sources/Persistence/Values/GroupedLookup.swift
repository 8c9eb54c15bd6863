import Synchronization

/// Look-ups of many callers put together: those that come while a question is on its way to the database are asked as one
/// when its answer is there. A caller alone waits for nobody; a thousand at once cost a few statements.
///
/// Nobody gets an answer to a question that was asked before they called, so that all see what was committed by then.
final class GroupedLookup<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    typealias Waiter = @Sendable (Result<Value?, any Error>) -> Void

    private struct State {
        var waiters: [Key: [Waiter]] = [:]
        /// The keys of those who wait, the first to come first.
        var order: [Key] = []
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
        limit: Int = 4_096, gather: @escaping @Sendable () async -> Void = {},
        ask: @escaping @Sendable ([Key]) async throws -> [Key: Value]
    ) {
        self.limit = limit
        self.gather = gather
        self.ask = ask
    }

    /// How many keys are waited for that have not been asked yet.
    var waiting: Int { state.withLock { $0.order.count } }

    /// Nil when there is nothing for the key.
    func value(for key: Key) async throws -> Value? {
        try await withCheckedThrowingContinuation { waiter in find(key) { waiter.resume(with: $0) } }
    }

    /// Tells `waiter` what there is for the key, nil when there is nothing. It is called on any thread, and must not block.
    func find(_ key: Key, _ waiter: @escaping Waiter) {
        let starts = state.withLock { state in
            if state.waiters[key] == nil { state.order.append(key) }
            state.waiters[key, default: []].append(waiter)
            defer { state.isAsking = true }
            return !state.isAsking
        }
        if starts { Task { await askUntilNobodyWaits() } }
    }

    private func askUntilNobodyWaits() async {
        var asked = 0
        while true {
            if asked >= Self.many { await gather() }
            let taken = take()
            guard !taken.isEmpty else { return }
            asked = taken.count
            do {
                let values = try await ask(taken.map(\.key))
                for (key, waiters) in taken { for waiter in waiters { waiter(.success(values[key])) } }
            } catch {
                for waiter in taken.flatMap(\.waiters) { waiter(.failure(error)) }
            }
        }
    }

    /// Those who are next; nobody when nobody waits.
    private func take() -> [(key: Key, waiters: [Waiter])] {
        state.withLock { state in
            let next = state.order.prefix(limit)
            state.order.removeFirst(next.count)
            state.isAsking = !next.isEmpty
            return next.map { ($0, state.waiters.removeValue(forKey: $0) ?? []) }
        }
    }
}
