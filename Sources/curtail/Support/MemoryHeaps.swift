import CMalloc
import Foundation

/// How many heaps the C library keeps.
enum MemoryHeaps {
    /// As many as there are processors, and two at least. By itself it makes eight for each processor, and what a thread has
    /// given back to one is not there for the others: 4 KB for each of thousands of connected VENs.
    static func limit() {
        _ = mallopt(M_ARENA_MAX, Int32(max(2, ProcessInfo.processInfo.activeProcessorCount)))
    }
}
