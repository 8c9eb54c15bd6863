import Synchronization
import Testing

@testable import Persistence

@Suite struct GroupedLookupTests {
    /// Answers when it is told to, and keeps what it was asked.
    private final class Database: Sendable {
        private struct State {
            var questions: [[Int]] = []
            var waiting: [CheckedContinuation<Void, Never>] = []
            var isOpen = false
        }

        private let state = Mutex(State())

        var questions: [[Int]] { state.withLock(\.questions) }

        func ask(_ keys: [Int]) async -> [Int: String] {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    state.questions.append(keys)
                    if !state.isOpen { state.waiting.append(continuation) }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
            return Dictionary(uniqueKeysWithValues: keys.filter { $0 >= 0 }.map { ($0, "\($0)") })
        }

        /// Answers what it was asked; from now on at once.
        func open() {
            let waiting = state.withLock { state in
                defer { (state.isOpen, state.waiting) = (true, []) }
                return state.waiting
            }
            for continuation in waiting { continuation.resume() }
        }
    }

    private func until(_ isReached: () -> Bool) async throws {
        for _ in 0..<2_000 where !isReached() { try await Task.sleep(for: .milliseconds(1)) }
        #expect(isReached())
    }

    @Test func `those who came first are asked for first, however many come`() async throws {
        let database = Database()
        let lookup = GroupedLookup<Int, String>(limit: 10) { await database.ask($0) }
        let answers = try await withThrowingTaskGroup(of: (Int, String?).self) { group in
            group.addTask { (1_000, try await lookup.value(for: 1_000)) }
            try await until { database.questions.count == 1 }
            for key in 0..<95 {
                group.addTask { (key, try await lookup.value(for: key)) }
                try await until { lookup.waiting == key + 1 }
            }
            database.open()
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(answers.count == 96 && answers.allSatisfy { $0.value == "\($0.key)" })
        #expect(database.questions == [[1_000]] + stride(from: 0, to: 95, by: 10).map { Array($0..<min($0 + 10, 95)) })
    }

    @Test func `a question is asked once for all who ask it, and after they asked`() async throws {
        let database = Database()
        let lookup = GroupedLookup<Int, String>(limit: 10) { await database.ask($0) }
        try await withThrowingTaskGroup(of: String?.self) { group in
            group.addTask { try await lookup.value(for: 7) }
            try await until { database.questions.count == 1 }
            for _ in 0..<20 { group.addTask { try await lookup.value(for: 7) } }
            group.addTask { try await lookup.value(for: -1) }
            try await until { lookup.waiting == 2 }
            database.open()
            let answers = try await group.reduce(into: []) { $0.append($1) }
            #expect(answers.count { $0 == "7" } == 21 && answers.count { $0 == nil } == 1)
        }
        #expect(database.questions.map { Set($0) } == [[7], [7, -1]])
    }

    @Test func `an error goes to those who asked, and not to the next`() async throws {
        struct Broken: Error {}
        let attempts = Mutex(0)
        let lookup = GroupedLookup<Int, String>(limit: 10) { keys in
            let attempt = attempts.withLock { count in
                count += 1
                return count
            }
            if attempt == 1 { throw Broken() }
            return [1: "one"]
        }
        await #expect(throws: Broken.self) { try await lookup.value(for: 1) }
        #expect(try await lookup.value(for: 1) == "one")
    }
}
