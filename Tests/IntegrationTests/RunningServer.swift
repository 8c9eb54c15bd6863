import ServiceLifecycle

/// A server in a task of its own.
struct RunningServer: Sendable {
    let task: Task<Void, any Error>
    private let group: ServiceGroup

    /// Runs `server`; `onEnd` is called when it has ended, for whatever reason.
    init(_ server: any Service, onEnd: @escaping @Sendable () -> Void = {}) {
        let group = ServiceGroup(configuration: .init(services: [server], logger: silence))
        self.group = group
        task = Task {
            defer { onEnd() }
            try await group.run()
        }
    }

    /// Ends it where it stands, as a crash would, with one difference: it stops listening first. SwiftNIO has an assertion
    /// that no connection comes in while the task that takes them is being cancelled.
    func stop() async {
        await group.triggerGracefulShutdown()
        try? await Task.sleep(for: .milliseconds(100))
        task.cancel()
        _ = await task.result
    }
}
