/// Lets an answer leave only when a whole number of tenths of a second has passed: whether an account was found and written
/// to, which takes some milliseconds, cannot be told from outside (W5).
struct EvenAnswer: Sendable {
    private static let step = Duration.milliseconds(100)

    private let clock = ContinuousClock()
    private let begun: ContinuousClock.Instant

    init() {
        begun = clock.now
    }

    func wait() async throws {
        let steps = ((clock.now - begun) / Self.step).rounded(.up)
        try await Task.sleep(until: begun + Self.step * max(steps, 1), clock: clock)
    }
}
