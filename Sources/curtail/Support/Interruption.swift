import UnixSignals

/// Ctrl-C and its kin as the cancellation of a task, so that everything that was started is stopped in order.
enum Interruption {
    /// Runs `work` until it ends or a signal asks it to; in the latter case throws `CancellationError` once `work` has
    /// cleaned up.
    static func cancelling(_ work: @escaping @Sendable () async throws -> Void) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await work() }
            group.addTask {
                for await _ in signals { throw CancellationError() }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
