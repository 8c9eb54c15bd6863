/// Transactions side by side in a fixed number of lanes, those of a lane one after the other.
///
/// What must stay in order goes through one lane. Whoever sends waits while a lane has `depth` transactions: memory stays
/// bounded.
struct WriteLanes {
    private let depth: Int
    /// In order; each waits for the one before it.
    private var running: [[Task<Void, any Error>]]

    init(_ count: Int, depth: Int) {
        self.depth = depth
        running = Array(repeating: [], count: count)
    }

    var count: Int { running.count }

    /// Returns when there was room. An error of an earlier transaction of the lane is thrown, and nothing runs after it.
    mutating func send(to lane: Int, _ work: @escaping @Sendable () async throws -> Void) async throws {
        while running[lane].count >= depth {
            try await running[lane][0].value
            running[lane].removeFirst()
        }
        let before = running[lane].last
        running[lane].append(
            Task {
                try await before?.value
                try await work()
            })
    }

    /// Returns when everything is done.
    func finish() async throws {
        for lane in running { try await lane.last?.value }
    }

    /// Ends what is under way; what is committed stays.
    func cancel() async {
        for lane in running { for task in lane { task.cancel() } }
        for lane in running { for task in lane { _ = await task.result } }
    }
}

extension Array {
    /// One after the other, each of at most `size` elements.
    func parts(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
