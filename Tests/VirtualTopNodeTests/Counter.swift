import Measures
import MessageAudit
import OpenADR
import Testing
import TopNodeTesting
import VirtualTopNode

/// A VTN with one admitted VEN, spoken to message by message.
struct Counter {
    static let start = Instant(year: 2026, month: 7, day: 1, hour: 12)

    let store = MemoryTopNodeStore()
    let vtn: TopNode
    let peer = PeerIdentity.numbered(1)

    init(_ configuration: TopNodeConfiguration = TopNodeConfiguration()) async throws {
        vtn = TopNode(store: store, configuration: configuration, environment: .counting())
        try await vtn.admit(
            "ven-1", name: "One", certificate: peer.certificate, pollFrequency: .seconds(10),
            resources: ["hvac", "line"])
        try await vtn.admit(
            "ven-2", name: "Two", certificate: PeerIdentity.numbered(2).certificate, pollFrequency: .seconds(10))
    }

    /// Registers `ven-1` and takes the VTN's greeting out of the queue.
    static func registered(_ configuration: TopNodeConfiguration = TopNodeConfiguration()) async throws -> Counter {
        let counter = try await Counter(configuration)
        _ = try await counter.register()
        _ = try await counter.send(.poll(Poll(venID: "ven-1")))
        _ = try await counter.send(.registeredReport(RegisteredReport(response: EiResponse(), venID: "ven-1")))
        return counter
    }

    func send(
        _ payload: Payload, from peer: PeerIdentity? = nil, at service: ServiceName? = nil, now: Instant = start
    ) async throws -> Payload {
        let answer = try await vtn.handle(
            payload, at: service ?? payload.service ?? .eiRegisterParty, from: peer ?? self.peer, now: now)
        try MessageAudit.check(answer) { Issue.record("\($0)") }
        return answer
    }

    func code(
        _ payload: Payload, from peer: PeerIdentity? = nil, now: Instant = start
    ) async throws -> Int? {
        try await send(payload, from: peer, now: now).response?.code.rawValue
    }

    @discardableResult
    func register(_ requestID: RequestID = "r-1", now: Instant = start) async throws -> CreatedPartyRegistration {
        let answer = try await send(
            .createPartyRegistration(CreatePartyRegistration(requestID: requestID)), now: now)
        guard case .createdPartyRegistration(let message) = answer else { throw Unexpected(answer: answer) }
        return message
    }

    func requestEvent(limit: UInt32? = nil, now: Instant = start) async throws -> DistributeEvent {
        let answer = try await send(
            .requestEvent(RequestEvent(requestID: "q", venID: "ven-1", replyLimit: limit)), now: now)
        guard case .distributeEvent(let message) = answer else { throw Unexpected(answer: answer) }
        return message
    }

    func poll(now: Instant = start) async throws -> Payload {
        try await send(.poll(Poll(venID: "ven-1")), now: now)
    }

    /// Answers every event of a message.
    func answer(
        _ message: DistributeEvent, _ opt: OptType = .optIn, now: Instant = start
    ) async throws -> Int? {
        let responses = message.events.map {
            EventResponse(requestID: message.requestID, event: $0.qualifiedID, optType: opt)
        }
        return try await code(.createdEvent(CreatedEvent(eventResponses: responses, venID: "ven-1")), now: now)
    }

    func issue(
        _ id: EventID, at offset: TimeSpan = .hours(1), steps: [TimeSpan] = [.hours(1)], priority: UInt32 = 0,
        startAfter: TimeSpan = .zero, rampUp: TimeSpan = .zero, required: ResponseRequired = .always,
        now: Instant = start
    ) async throws {
        try await vtn.issue(
            id,
            terms: Self.terms(
                at: offset, steps: steps, priority: priority, startAfter: startAfter, rampUp: rampUp,
                required: required),
            participants: [Self.level("ven-1", steps.map { _ in 1 })], now: now)
    }

    static func terms(
        at offset: TimeSpan = .hours(1), steps: [TimeSpan] = [.hours(1)], priority: UInt32 = 0,
        startAfter: TimeSpan = .zero, rampUp: TimeSpan = .zero, required: ResponseRequired = .always
    ) -> EventTerms {
        guard
            let terms = EventTerms(
                marketContext: "http://programme.example", start: start + offset, steps: steps,
                startAfter: startAfter, rampUp: rampUp, priority: priority, responseRequired: required)
        else { preconditionFailure("the terms of a test are sane") }
        return terms
    }

    static func level(_ ven: VENID, _ values: [Double]) -> ParticipantPlan {
        guard let signal = ProgrammedSignal(.simpleLevel, values: values) else {
            preconditionFailure("the levels of a test are 0 to 3")
        }
        return ParticipantPlan(venID: ven, signals: [signal])
    }

    func participation(_ event: EventID) async -> EventParticipation? {
        await store.rows.participations[MemoryRows.PartKey(event: event, ven: "ven-1")]
    }
}

struct Unexpected: Error { let answer: Payload }
