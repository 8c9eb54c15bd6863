import Testing

@testable import MariaDB

@Suite struct PoolStateTests {
    @Test func `slots are granted up to the limit, then in the order of asking`() {
        var state = PoolState<String>(limit: 2)
        #expect(describe(state.acquire(1)) == "open")
        #expect(describe(state.acquire(2)) == "open")
        #expect(describe(state.acquire(3)) == "wait")
        #expect(describe(state.acquire(4)) == "wait")
        #expect(describe(state.giveBack("a")) == "3 reuses a")
        // A broken connection leaves its slot to the next one.
        #expect(describe(state.giveBack(nil)) == "4 opens")
        #expect(state.granted == 2)
        #expect(describe(state.giveBack("a")) == "nothing")
        #expect(describe(state.giveBack("b")) == "nothing")
        #expect(state.granted == 0)
        #expect(describe(state.acquire(5)) == "reuse b")
    }

    @Test func `who gives up is not served`() {
        var state = PoolState<String>(limit: 1)
        #expect(describe(state.acquire(1)) == "open")
        #expect(describe(state.acquire(2)) == "wait")
        #expect(describe(state.acquire(3)) == "wait")
        #expect([2, 2, 1].map { state.giveUp($0) } == [true, false, false])
        #expect(describe(state.giveBack("a")) == "3 reuses a")
    }

    @Test func `a closed pool grants nothing and closes what comes back`() {
        var state = PoolState<String>(limit: 2)
        _ = state.acquire(1)
        _ = state.acquire(2)
        _ = state.giveBack("idle")
        _ = state.acquire(3)
        _ = state.acquire(4)
        let (resources, callers) = state.close()
        #expect(resources == [])
        #expect(callers == [4])
        #expect(describe(state.acquire(5)) == "closed")
        #expect(describe(state.giveBack("a")) == "close a")
        #expect(describe(state.giveBack(nil)) == "nothing")
        #expect(state.granted == 0)
    }

    @Test func `waits double up to the cap, and are random below`() {
        let whole = RetryPolicy(base: .milliseconds(10), cap: .milliseconds(50), random: { 1 })
        #expect(
            (0..<4).map { whole.wait(afterAttempt: $0) } == [10, 20, 40, 50].map { Duration.milliseconds($0) })
        #expect(whole.wait(afterAttempt: 1_000_000) == .milliseconds(50))
        let none = RetryPolicy(random: { 0 })
        #expect(none.wait(afterAttempt: 3) == .zero)
    }

    private func describe(_ answer: PoolState<String>.Answer) -> String {
        switch answer {
        case .granted(.open): "open"
        case .granted(.reuse(let name)): "reuse \(name)"
        case .wait: "wait"
        case .closed: "closed"
        }
    }

    private func describe(_ release: PoolState<String>.Release) -> String {
        switch release {
        case .resume(let caller, .open): "\(caller) opens"
        case .resume(let caller, .reuse(let name)): "\(caller) reuses \(name)"
        case .close(let name): "close \(name)"
        case .nothing: "nothing"
        }
    }
}
