import Measures
import OpenADR
import TopNodeTesting
import VirtualEndNode

/// A VEN alone with a VTN of hand-made answers.
struct Solo {
    static let start = Conversation.start

    var ven: EndNodeState
    var now = start
    /// What the VEN wants to do now.
    var action: EndNodeAction
    var opts: [EventID: OptType] = [:]
    /// What its resources are.
    var status = ResourceStatus(isOnline: true, isManuallyOverridden: false)
    /// What the load was told last.
    var timeline = Timeline()

    init(
        resources: [ResourceID] = ["hvac", "line"], contexts: Set<MarketContext>? = ["http://Programme.example/shed"],
        reports: [TelemetryOffer] = [.hourOfMinutes], attempts: Int = 3, random: Double = 0.5,
        memory: EndNodeMemory = EndNodeMemory(), transport: Transport = .httpPull, venID: VENID? = nil
    ) {
        ven = EndNodeState(
            configuration: EndNodeConfiguration(
                venName: "Site", venID: venID, resources: resources, marketContexts: contexts, transport: transport,
                reports: reports, registrationAttempts: attempts, pauseAfterCancellation: .minutes(5)),
            environment: EndNodeEnvironment(
                makeID: EndNodeEnvironment.counting(prefix: "v-").makeID, random: { random }), memory: memory,
            now: now)
        action = ven.handle(.started, now: now)
    }

    /// Registered, with everything said that comes first: about to poll.
    static func polling(
        resources: [ResourceID] = ["hvac", "line"], contexts: Set<MarketContext>? = ["http://Programme.example/shed"],
        reports: [TelemetryOffer] = [.hourOfMinutes], random: Double = 0.5
    ) -> Solo {
        var solo = Solo(resources: resources, contexts: contexts, reports: reports, random: random)
        solo.settle()
        return solo
    }

    /// What is on its way, if anything is.
    var sent: Payload? {
        if case .exchange(let payload, _) = action { payload } else { nil }
    }

    mutating func feed(_ input: EndNodeInput) { action = ven.handle(input, now: now) }

    mutating func answer(_ payload: Payload) { feed(.answered(payload)) }

    /// Goes on with the plainest answers until the VEN polls or waits; returns what it sent on the way.
    @discardableResult
    mutating func settle() -> [Payload] {
        var messages: [Payload] = []
        for _ in 0..<100 {
            switch action {
            case .exchange(let payload, _):
                if case .poll = payload { return messages }
                messages.append(payload)
                answer(Self.plainAnswer(to: payload))
            case .decide(let events):
                feed(.decided(Dictionary(uniqueKeysWithValues: events.map { ($0.id, opts[$0.id] ?? .optIn) })))
            case .follow(let timeline):
                self.timeline = timeline
                feed(.followed)
            case .read(let queries):
                feed(.readings(Self.readings(queries)))
            case .observe(let queries):
                feed(.observed(Dictionary(queries.map { ($0.rID, status) }, uniquingKeysWith: { $1 })))
            case .wait, .stop:
                return messages
            }
        }
        return messages
    }

    /// Lets the load follow what is new, and stops at what the VEN wants then.
    mutating func follow() {
        guard case .follow(let timeline) = action else { return }
        self.timeline = timeline
        feed(.followed)
    }

    /// Lets the time come that the VEN waits for, and goes on; returns what it sent.
    mutating func wake() -> [Payload] {
        guard case .wait(let until) = action else { return [] }
        now = max(now, until)
        feed(.woke)
        return settle()
    }

    /// Answers the poll that is on its way with these events and returns the VEN's answers to them.
    mutating func take(
        _ events: [Event], faulty: [FaultyEvent] = [], requestID: RequestID = "d", vtnID: VTNID = "VTN_1"
    ) -> [CreatedEvent] {
        answer(
            .distributeEvent(
                DistributeEvent(
                    response: EiResponse(), requestID: requestID, vtnID: vtnID, events: events, faultyEvents: faulty)))
        return settle().compactMap { if case .createdEvent(let message) = $0 { message } else { nil } }
    }

    /// Answers the poll with nothing: from now on the VEN waits.
    mutating func rest() { answer(.response(Response(response: EiResponse()))) }

    static func plainAnswer(to payload: Payload) -> Payload {
        let ok = EiResponse(requestID: payload.requestID ?? .empty)
        switch payload {
        case .createPartyRegistration(let message):
            return .createdPartyRegistration(
                CreatedPartyRegistration(
                    response: ok, registrationID: message.registrationID ?? "reg-1", venID: "ven-1", vtnID: "VTN_1",
                    pollFrequency: .seconds(10)))
        case .queryRegistration:
            return .createdPartyRegistration(CreatedPartyRegistration(response: ok, vtnID: "VTN_1"))
        case .registerReport: return .registeredReport(RegisteredReport(response: ok))
        case .requestEvent:
            return .distributeEvent(DistributeEvent(response: ok, requestID: "first", vtnID: "VTN_1"))
        case .updateReport: return .updatedReport(UpdatedReport(response: ok))
        case .createOpt(let message): return .createdOpt(CreatedOpt(response: ok, optID: message.optID))
        case .cancelOpt(let message): return .canceledOpt(CanceledOpt(response: ok, optID: message.optID))
        default: return .response(Response(response: ok))
        }
    }

    static func readings(_ queries: [MeterQuery]) -> [RID: [IntervalReading]] {
        Dictionary(
            uniqueKeysWithValues: queries.map { query in
                (
                    query.rID,
                    query.window.intervals(every: query.step).map {
                        IntervalReading(start: $0.start, duration: $0.duration, energy: WattHours(1_000))
                    }
                )
            })
    }
}

extension Event {
    /// An hour of SIMPLE level 1 an hour from the start of the tests, changed as the arguments say.
    static func testing(
        _ id: EventID = "e", number: UInt32 = 0, at offset: TimeSpan = .hours(1), steps: [TimeSpan] = [.hours(1)],
        values: [Double]? = nil, status: EventStatus = .far, startAfter: TimeSpan = .zero, priority: UInt32? = nil,
        context: MarketContext = "HTTP://programme.example/shed", target: Target = .everything,
        required: ResponseRequired = .always, name: SignalName = .simple, type: SignalType = .level,
        itemBase: ItemBase? = nil
    ) -> Event {
        Event(
            descriptor: EventDescriptor(
                eventID: id, modificationNumber: number, priority: priority, marketContext: context,
                createdDateTime: Solo.start, status: status),
            activePeriod: ActivePeriod(
                start: Solo.start + offset, duration: steps.reduce(.zero, +), startAfter: startAfter),
            signals: [
                EventSignal(
                    signalID: "s", name: name, type: type, itemBase: itemBase,
                    intervals: SignalInterval.numbered(
                        zip(steps, values ?? steps.map { _ in 1 }).map { ($0, $1) }))
            ], target: target, responseRequired: required)
    }
}
