import Logging
import Measures
import OpenADR
import Synchronization
import Testing
import TopNodeTesting
import VirtualEndNode
import VirtualTopNode

/// The runner itself, with a VTN behind an in-memory transport and a clock that jumps.
@Suite struct EndNodeTests {
    @Test func `a running VEN registers, answers an event and reports, and stops when it is cancelled`() async throws {
        let store = MemoryTopNodeStore()
        let vtn = TopNode(store: store, configuration: .testing, environment: .counting())
        try await vtn.admit(
            "ven-1", name: "Site", certificate: .numbered(1), pollFrequency: .seconds(10), resources: [])
        let start = Conversation.start
        try await vtn.issue(
            "peak", terms: .hour(at: start + .minutes(10)), participants: [.shed("ven-1", watts: 30_000)], now: start)
        let time = JumpingTime(start: start, stopsAt: start + .minutes(80))
        let load = SimulatedLoad(ability: .init(share: 0.5)) { Watts(100_000) * $0.duration }
        let node = EndNode(
            configuration: EndNodeConfiguration(venName: "Site", reports: [.hourOfMinutes]),
            environment: .counting(prefix: "v-"),
            surroundings: EndNode.Surroundings(
                transport: Direct(vtn: vtn, time: time), time: time, meter: load, target: load,
                policy: AlwaysOptIn(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        try await node.run()
        let rows = await store.rows
        #expect(rows.decisions.map(\.type) == [.optIn])
        #expect(rows.measurements.count >= 75)
        let shed = rows.measurements.values.filter { $0.value == .energy(Watts(70_000) * .minutes(1)) }
        #expect(shed.count == 60)
    }

    @Test func `a VEN that nobody admits throws its reason`() async throws {
        let vtn = TopNode(store: MemoryTopNodeStore(), configuration: .testing, environment: .counting())
        let time = JumpingTime(start: Conversation.start, stopsAt: Conversation.start + .days(1))
        let load = SimulatedLoad(ability: .init(share: 0)) { _ in nil }
        let node = EndNode(
            configuration: EndNodeConfiguration(venName: "Site", registrationAttempts: 2),
            environment: .counting(prefix: "v-"),
            surroundings: EndNode.Surroundings(
                transport: Direct(vtn: vtn, time: time), time: time, meter: load, target: load,
                policy: AlwaysOptIn(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        await #expect(throws: EndNodeFailure.notAdmitted(.notRegistered)) { try await node.run() }
    }
}

private struct Direct: OpenADRTransport {
    let vtn: TopNode
    let time: JumpingTime

    func exchange(_ payload: Payload, with service: ServiceName) async throws -> Payload {
        try await vtn.handle(payload, at: service, from: .numbered(1), now: time.now())
    }
}

/// Whoever sleeps is at once where it wanted to be; at the end it is cancelled.
private final class JumpingTime: TimeSource {
    private let instant: Mutex<Instant>
    private let end: Instant

    init(start: Instant, stopsAt end: Instant) {
        instant = Mutex(start)
        self.end = end
    }

    func now() -> Instant { instant.withLock { $0 } }

    func sleep(until deadline: Instant) async throws {
        guard deadline <= end else { throw CancellationError() }
        instant.withLock { $0 = max($0, deadline) }
    }
}
