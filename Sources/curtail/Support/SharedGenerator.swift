import SiteSimulation
import Synchronization

/// A seeded generator that several tasks may draw from.
final class SharedGenerator: Sendable {
    private let generator: Mutex<SeededGenerator>

    init(seed: UInt64) {
        generator = Mutex(SeededGenerator(seed: seed))
    }

    /// From 0 up to, but not including, 1.
    func fraction() -> Double {
        generator.withLock { $0.fraction() }
    }
}
