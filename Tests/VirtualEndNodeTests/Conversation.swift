import Measures
import MessageAudit
import OpenADR
import Testing
import TopNodeTesting
import VirtualEndNode
import VirtualTopNode

/// A VEN and a VTN in one room: the VEN's state is driven action by action against a real VTN over a memory store, on a
/// clock that jumps to the next deadline.
final class Conversation {
    static let start = Instant(year: 2026, month: 7, day: 1, hour: 12)

    let store: MemoryTopNodeStore
    private(set) var vtn: TopNode
    private(set) var now: Instant
    let venID: VENID
    let peer: PeerIdentity
    private(set) var ven: EndNodeState
    let load: SimulatedLoad
    /// What the VEN says to each event.
    var opts: [EventID: OptType] = [:]
    /// The exchanges so far: what was sent and what came back; nil for an answer that was lost.
    private(set) var transcript: [(at: Instant, sent: Payload, answer: Payload?)] = []
    private(set) var failure: EndNodeFailure?
    /// Decides the fate of each exchange.
    var network: (_ exchange: Int) -> Network = { _ in .works }

    enum Network {
        case works
        /// The message does not arrive.
        case loses
        /// The message arrives and has its effect, the answer does not.
        case losesAnswer
        /// The message arrives twice; the VEN gets the second answer.
        case doubles
    }

    private var input: EndNodeInput? = .started
    private let settings: EndNodeConfiguration
    private var deadline: Instant?
    private var isNew = false
    /// Called before each exchange.
    var beforeExchange: (_ exchange: Int) -> Void = { _ in }

    init(
        venID: VENID = "ven-1", number: UInt8 = 1, store: MemoryTopNodeStore = MemoryTopNodeStore(),
        configuration: TopNodeConfiguration = .testing, reports: [TelemetryOffer] = [.hourOfMinutes],
        resources: [ResourceID] = ["hvac", "line"], ability: SimulatedLoad.Ability = .init(share: 0.5),
        attempts: Int = 3, pauseAfterCancellation: TimeSpan? = nil, now: Instant = start
    ) {
        self.store = store
        self.now = now
        self.venID = venID
        peer = .numbered(number)
        vtn = TopNode(store: store, configuration: configuration, environment: .counting())
        load = SimulatedLoad(ability: ability) { Watts(100_000) * $0.duration }
        settings = EndNodeConfiguration(
            venName: "Site", resources: resources, reports: reports, registrationAttempts: attempts,
            pauseAfterCancellation: pauseAfterCancellation)
        ven = EndNodeState(configuration: settings, environment: .counting(prefix: "\(venID)-"), now: now)
    }

    /// Lets the VTN know the VEN's certificate.
    func admit() async throws {
        try await vtn.admit(
            venID, name: "Site", certificate: peer.certificate, pollFrequency: .seconds(10),
            resources: ["hvac", "line"])
    }

    /// A new VTN on the same store: all that it had in memory is gone.
    func restartVTN(configuration: TopNodeConfiguration = .testing) {
        vtn = TopNode(
            store: store, configuration: configuration,
            environment: .counting(prefix: "restarted-\(transcript.count)-"))
    }

    /// A new process of the VEN, which has what the old one's journal holds.
    func restartVEN(remembering memory: EndNodeMemory? = nil) {
        ven = EndNodeState(
            configuration: settings, environment: .counting(prefix: "\(venID)-again-\(transcript.count)-"),
            memory: memory ?? ven.memory, now: now)
        input = .started
        deadline = nil
        isNew = true
    }

    /// People at the site say something while the VEN waits.
    func tell(_ command: EndNodeCommand) throws {
        _ = try ven.perform(command, now: now)
        input = .woke
        deadline = nil
    }

    /// Lets both talk until the clock shows `end`; nothing happens after it.
    func run(until end: Instant) async throws {
        while failure == nil {
            if let deadline {
                guard deadline <= end else { break }
                now = max(now, deadline)
                self.deadline = nil
                input = .woke
            }
            guard let input else { break }
            isNew = false
            let next = try await execute(ven.handle(input, now: now))
            // A restart in the middle of an exchange leaves nobody to take its answer.
            if !isNew { self.input = next }
        }
        now = max(now, end)
    }

    func run(for span: TimeSpan) async throws { try await run(until: now + span) }

    private func execute(_ action: EndNodeAction) async throws -> EndNodeInput? {
        switch action {
        case .exchange(let payload, let service):
            return try await exchange(payload, service)
        case .wait(let until):
            deadline = until
            return nil
        case .decide(let events):
            return .decided(
                Dictionary(uniqueKeysWithValues: events.map { ($0.id, opts[$0.id] ?? .optIn) }))
        case .read(let queries):
            var readings: [RID: [IntervalReading]] = [:]
            for query in queries {
                readings[query.rID] = try await load.readings(of: query.resource, in: query.window, every: query.step)
            }
            return .readings(readings)
        case .observe(let queries):
            let online = ResourceStatus(isOnline: true, isManuallyOverridden: false)
            return .observed(Dictionary(queries.map { ($0.rID, online) }, uniquingKeysWith: { $1 }))
        case .follow(let timeline):
            await load.follow(timeline)
            return .followed
        case .stop(let failure):
            self.failure = failure
            return nil
        }
    }

    private func exchange(_ payload: Payload, _ service: ServiceName) async throws -> EndNodeInput {
        beforeExchange(transcript.count)
        let fate = network(transcript.count)
        var answer: Payload?
        do {
            if case .doubles = fate { _ = try await vtn.handle(payload, at: service, from: peer, now: now) }
            if case .loses = fate {
            } else {
                answer = try await vtn.handle(payload, at: service, from: peer, now: now)
            }
            if case .losesAnswer = fate { answer = nil }
        } catch is MemoryTopNodeStore.LostConnection {
            answer = nil
        }
        for message in [payload, answer].compactMap(\.self) {
            try? MessageAudit.check(message) { Issue.record("\($0)") }
        }
        transcript.append((now, payload, answer))
        return answer.map { .answered($0) } ?? .failed
    }

    /// The names of what the VEN sent, in order.
    var sent: [String] { transcript.map(\.sent.elementName) }

    var rows: MemoryRows {
        get async { await store.rows }
    }

    func participation(in event: EventID) async -> EventParticipation? {
        await store.rows.participations[MemoryRows.PartKey(event: event, ven: venID)]
    }
}

extension TopNodeConfiguration {
    /// Minute values every five minutes.
    static let testing = TopNodeConfiguration(
        telemetry: TelemetryRule(granularity: .minutes(1), backDuration: .minutes(5)))
}

extension TelemetryOffer {
    static let hourOfMinutes = TelemetryOffer(
        specifierID: "usage", points: [Point(rID: "site")], minPeriod: .minutes(1), maxPeriod: .minutes(15),
        capacity: .hours(2))
}

extension EndNodeEnvironment {
    /// Ids in sequence, and always the middle of every random range.
    static func counting(prefix: String) -> EndNodeEnvironment {
        let ids = TopNodeEnvironment.counting(prefix: prefix)
        return EndNodeEnvironment(makeID: ids.makeID, random: { 0.5 })
    }
}
