import Measures
import OpenADR
import Testing
import TopNodeTesting
import VirtualTopNode

@Suite struct EventTests {
    private static let start = Counter.start

    @Test func `rule 13: far, near from the ramp-up on, active, completed`() {
        let ramped = EventRecord(
            eventID: "e", terms: Counter.terms(rampUp: .minutes(15)), createdAt: Self.start, changedAt: Self.start)
        let begin = Self.start + .hours(1)
        #expect(ramped.status(at: begin - .minutes(15) - .seconds(1)) == .far)
        #expect(ramped.status(at: begin - .minutes(15)) == .near)
        #expect(ramped.status(at: begin) == .active)
        #expect(ramped.status(at: begin + .hours(1) - .seconds(1)) == .active)
        #expect(ramped.status(at: begin + .hours(1)) == .completed)
        let plain = EventRecord(
            eventID: "e", terms: Counter.terms(), createdAt: Self.start, changedAt: Self.start)
        #expect(plain.status(at: begin - .seconds(1)) == .far)
    }

    @Test func `rule 47: an event of duration zero is active until cancelled`() async throws {
        let counter = try await Counter.registered()
        try await counter.issue("e", steps: [.zero])
        let late = Self.start + .days(30)
        let message = try await counter.requestEvent(now: late)
        #expect(message.events.map(\.descriptor.status) == [.active])
        #expect(message.events.first?.signals.first?.intervals.map(\.duration) == [.zero])
        try await counter.vtn.cancel("e", now: late)
        #expect(try await counter.requestEvent(now: late).events.map(\.descriptor.status) == [.cancelled])
        #expect(try await counter.requestEvent(now: late + .days(2)).events.isEmpty)
    }

    @Test func `rules 2, 8, 21, 40, 41, 63, 102, 103 and 107: the shape of a distribution`() async throws {
        let counter = try await Counter.registered()
        try await counter.issue("e", steps: [.minutes(20), .minutes(40)])
        let message = try await counter.requestEvent()
        #expect(message.vtnID == "VTN_1")
        #expect(message.response?.requestID == "q")
        #expect(!message.requestID.isEmpty)
        let event = try #require(message.events.first)
        #expect(event.target == Target(venIDs: ["ven-1"]))
        #expect(event.activePeriod.duration == .hours(1))
        #expect(event.signals.first?.intervals.map(\.uid) == [0, 1])
        #expect(event.signals.first?.intervals.map(\.duration) == [.minutes(20), .minutes(40)])
        #expect(Set(event.signals.map(\.signalID)).count == event.signals.count)
    }

    @Test func `rules 14, 29 and 110: currentValue is the active interval's; 0 for an idle SIMPLE, else nothing`()
        async throws
    {
        let counter = try await Counter.registered()
        let level = try #require(ProgrammedSignal(.simpleLevel, values: [1, 2]))
        let load = try #require(ProgrammedSignal(.loadDispatchSetpoint, values: [5_000, 6_000]))
        try await counter.vtn.issue(
            "e", terms: Counter.terms(steps: [.minutes(30), .minutes(30)]),
            participants: [ParticipantPlan(venID: "ven-1", signals: [level, load])], now: Self.start)
        func values(_ minutes: Int64) async throws -> [Double?] {
            let message = try await counter.requestEvent(now: Self.start + .minutes(minutes))
            return message.events[0].signals.map(\.currentValue)
        }
        #expect(try await values(0) == [0, nil])
        #expect(try await values(60) == [1, 5_000])
        #expect(try await values(90) == [2, 6_000])
    }

    @Test func `rules 3 and 15: active events come first, by priority; pending ones by start; ties stay`() async throws
    {
        let counter = try await Counter.registered()
        try await counter.issue("far-late", at: .hours(5), priority: 1)
        try await counter.issue("none", at: .minutes(10), steps: [.hours(9)], priority: 0)
        try await counter.issue("third", at: .minutes(10), steps: [.hours(9)], priority: 3)
        try await counter.issue("first-late", at: .minutes(20), steps: [.hours(9)], priority: 1)
        try await counter.issue("first", at: .minutes(15), steps: [.hours(9)], priority: 1)
        try await counter.issue("far-b", at: .hours(4))
        try await counter.issue("far-a", at: .hours(4), now: Self.start + .seconds(1))
        let now = Self.start + .hours(1)
        let expected: [EventID] = ["first", "first-late", "third", "none", "far-b", "far-a", "far-late"]
        #expect(try await counter.requestEvent(now: now).events.map(\.id) == expected)
        // A cancelled event keeps its place.
        try await counter.vtn.cancel("third", now: now)
        #expect(try await counter.requestEvent(now: now).events.map(\.id) == expected)
    }

    @Test func `rule 27: a reply limit cuts the ordered list`() async throws {
        let counter = try await Counter.registered()
        for (index, id) in ["c", "b", "a"].enumerated() {
            try await counter.issue(EventID(id), at: .hours(Int64(3 - index)))
        }
        #expect(try await counter.requestEvent(limit: 2).events.map(\.id) == ["a", "b"])
        #expect(try await counter.requestEvent(limit: 0).events.isEmpty)
    }

    @Test func `rules 4, 5 and 10: the number starts at 0 and rises by one per change and by one for the cancellation`()
        async throws
    {
        let counter = try await Counter.registered()
        try await counter.issue("e")
        #expect(await counter.store.rows.events["e"]?.modificationNumber == 0)
        try await counter.vtn.modify("e", terms: Counter.terms(), now: Self.start)
        #expect(await counter.store.rows.events["e"]?.modificationNumber == 0)
        try await counter.vtn.modify("e", terms: Counter.terms(at: .hours(2)), now: Self.start)
        try await counter.vtn.modify("e", participants: [Counter.level("ven-1", [3])], now: Self.start)
        #expect(await counter.store.rows.events["e"]?.modificationNumber == 2)
        let sent = try await counter.requestEvent()
        #expect(sent.events.map(\.descriptor.modificationNumber) == [2])
        try await counter.vtn.cancel("e", now: Self.start)
        try await counter.vtn.cancel("e", now: Self.start)
        #expect(await counter.store.rows.events["e"]?.modificationNumber == 3)
    }

    @Test func `rule 20: the past of an active event cannot be changed, its future can`() async throws {
        let counter = try await Counter.registered()
        let steps: [TimeSpan] = [.minutes(20), .minutes(20), .minutes(20)]
        try await counter.issue("e", steps: steps)
        let now = Self.start + .minutes(85)
        await #expect(throws: OperatorError.changesThePast("e")) {
            try await counter.vtn.modify("e", terms: Counter.terms(at: .hours(2), steps: steps), now: now)
        }
        await #expect(throws: OperatorError.changesThePast("e")) {
            try await counter.vtn.modify("e", participants: [Counter.level("ven-1", [2, 1, 1])], now: now)
        }
        try await counter.vtn.modify("e", participants: [Counter.level("ven-1", [1, 2, 3])], now: now)
        #expect(await counter.store.rows.events["e"]?.modificationNumber == 1)
        await #expect(throws: OperatorError.eventIsOver("e")) {
            try await counter.vtn.cancel("e", now: Self.start + .hours(2))
        }
    }

    @Test func `rule 115: all events of a payload have one createdDateTime, renewed by any change`() async throws {
        let counter = try await Counter.registered()
        try await counter.issue("a")
        try await counter.issue("b", at: .hours(2), now: Self.start + .minutes(1))
        let first = try await counter.requestEvent(now: Self.start + .minutes(2))
        #expect(Set(first.events.map(\.descriptor.createdDateTime)) == [Self.start + .minutes(1)])
        let again = try await counter.requestEvent(now: Self.start + .minutes(3))
        #expect(again.events == first.events)
        try await counter.vtn.modify(
            "a", participants: [Counter.level("ven-1", [2])], now: Self.start + .minutes(5))
        let changed = try await counter.requestEvent(now: Self.start + .minutes(6))
        #expect(Set(changed.events.map(\.descriptor.createdDateTime)) == [Self.start + .minutes(5)])
    }

    @Test func `rules 50 and 502: a change is polled once with the complete list; a mere status is no change`()
        async throws
    {
        let counter = try await Counter.registered()
        try await counter.issue("a")
        try await counter.issue("b", at: .hours(2))
        guard case .distributeEvent(let message) = try await counter.poll() else {
            Issue.record("no events")
            return
        }
        #expect(message.events.map(\.id) == ["a", "b"])
        #expect(try await counter.answer(message) == 200)
        #expect(try await counter.poll().elementName == "oadrResponse")
        #expect(try await counter.poll(now: Self.start + .minutes(61)).elementName == "oadrResponse")
        try await counter.issue("c", at: .hours(3))
        guard case .distributeEvent(let next) = try await counter.poll() else {
            Issue.record("no events")
            return
        }
        #expect(next.events.map(\.id) == ["a", "b", "c"])
    }

    @Test func `an event that is not answered is sent again after a pause, and never a stale version of it`()
        async throws
    {
        let counter = try await Counter.registered()
        try await counter.issue("e")
        #expect(try await counter.poll().elementName == "oadrDistributeEvent")
        #expect(try await counter.poll().elementName == "oadrResponse")
        try await counter.vtn.modify("e", participants: [Counter.level("ven-1", [3])], now: Self.start)
        guard case .distributeEvent(let message) = try await counter.poll() else {
            Issue.record("no events")
            return
        }
        #expect(message.events.first?.signals.first?.intervals.map(\.value) == [3])
        #expect(try await counter.poll(now: Self.start + .minutes(1)).elementName == "oadrDistributeEvent")
    }

    @Test func `an event whose answer never arrived is there again five seconds later`() async throws {
        let counter = try await Counter.registered()
        try await counter.issue("e")
        #expect(try await counter.poll().elementName == "oadrDistributeEvent")
        #expect(try await counter.poll(now: Self.start + .seconds(4)).elementName == "oadrResponse")
        #expect(try await counter.poll(now: Self.start + .seconds(5)).elementName == "oadrDistributeEvent")
        #expect(try await counter.poll(now: Self.start + .seconds(14)).elementName == "oadrResponse")
        #expect(try await counter.poll(now: Self.start + .seconds(15)).elementName == "oadrDistributeEvent")
    }

    @Test func `what was never told does not wait for what was told and not answered`() async throws {
        let counter = try await Counter.registered()
        try await counter.vtn.requestReregistration(of: "ven-1", now: Self.start)
        #expect(try await counter.poll().elementName == "oadrRequestReregistration")
        try await counter.issue("e")
        #expect(try await counter.poll(now: Self.start + .seconds(10)).elementName == "oadrDistributeEvent")
        #expect(try await counter.poll(now: Self.start + .seconds(10)).elementName == "oadrRequestReregistration")
    }

    @Test func `rules 36 and 52: a cancelled event is repeated until acknowledged, then gone`() async throws {
        let counter = try await Counter.registered()
        try await counter.issue("e")
        _ = try await counter.answer(try await counter.requestEvent())
        try await counter.vtn.cancel("e", now: Self.start)
        for minute in 0..<3 {
            let message = try await counter.requestEvent(now: Self.start + .minutes(Int64(minute)))
            #expect(message.events.map(\.descriptor.status) == [.cancelled])
        }
        let last = try await counter.requestEvent()
        #expect(try await counter.answer(last) == 200)
        #expect(try await counter.requestEvent().events.isEmpty)
        #expect(try await counter.poll().elementName == "oadrResponse")
        // Confirming the end is no decision about taking part.
        #expect(await counter.participation("e")?.opt.type == .optIn)
        #expect(await counter.store.rows.decisions.map(\.reason) == [nil, "cancellation"])
    }

    @Test func `an event that is cancelled before it was told is never told`() async throws {
        let counter = try await Counter.registered()
        try await counter.issue("e")
        try await counter.vtn.cancel("e", now: Self.start)
        #expect(try await counter.poll().elementName == "oadrResponse")
        #expect(try await counter.requestEvent().events.isEmpty)
        #expect(await counter.store.rows.outbox.isEmpty)
    }

    @Test func `rule 12: an event that wants no answer is sent a bounded number of times`() async throws {
        let counter = try await Counter.registered()
        try await counter.issue("e", required: .never)
        var sent = 0
        for minute in 0..<20
        where try await counter.poll(now: Self.start + .minutes(Int64(minute))).elementName
            == "oadrDistributeEvent"
        {
            sent += 1
        }
        #expect(sent == 2)
        #expect(try await counter.requestEvent().events.map(\.responseRequired) == [.never])
    }

    @Test func `rule 66: with a tolerance the event stays until the last VEN may have ended`() async throws {
        let counter = try await Counter.registered()
        try await counter.issue("e", startAfter: .minutes(5))
        let end = Self.start + .hours(2)
        #expect(try await counter.requestEvent(now: end).events.map(\.descriptor.status) == [.completed])
        #expect(try await counter.requestEvent(now: end + .minutes(5)).events.isEmpty)
    }

    @Test func `rule 48: unknown event 452, stale number 450, foreign event as unknown; the good ones count`()
        async throws
    {
        let counter = try await Counter.registered()
        try await counter.issue("e")
        try await counter.vtn.issue(
            "foreign", terms: Counter.terms(), participants: [Counter.level("ven-2", [1])], now: Self.start)
        func answer(_ events: [(EventID, UInt32)]) async throws -> Payload {
            try await counter.send(
                .createdEvent(
                    CreatedEvent(
                        eventResponses: events.map {
                            EventResponse(
                                requestID: "d", event: QualifiedEventID(eventID: $0.0, modificationNumber: $0.1),
                                optType: .optIn)
                        }, venID: "ven-1")))
        }
        let unknown = try await answer([("nothing", 0)])
        #expect(unknown.response?.code == .invalidID)
        #expect(try await answer([("foreign", 0)]) == unknown)
        #expect(try await answer([("e", 1)]).response?.code == .outOfSequence)
        #expect(await counter.participation("e")?.opt.type == nil)
        #expect(try await answer([("nothing", 0), ("e", 0)]).response?.code == .invalidID)
        #expect(await counter.participation("e")?.opt.type == .optIn)
        // The answer to a version that has been changed meanwhile says nothing about the present one.
        try await counter.vtn.modify("e", participants: [Counter.level("ven-1", [2])], now: Self.start)
        #expect(try await answer([("e", 0)]).response?.code == .outOfSequence)
        #expect(await counter.participation("e")?.delivery.acknowledgedModification == 0)
    }

    @Test func `rule 25: an error about the whole message voids its event responses`() async throws {
        let counter = try await Counter.registered()
        try await counter.issue("e")
        let message = CreatedEvent(
            response: EiResponse(code: .invalidID),
            eventResponses: [
                EventResponse(requestID: "d", event: QualifiedEventID(eventID: "e"), optType: .optIn)
            ], venID: "ven-1")
        #expect(try await counter.code(.createdEvent(message)) == 200)
        #expect(await counter.participation("e")?.opt == OptState())
    }

    @Test func `rules 16 and 17: a later answer counts, a repeated one does not; an error is an opt-out`() async throws
    {
        let counter = try await Counter.registered()
        try await counter.issue("e")
        let message = try await counter.requestEvent()
        for opt in [OptType.optIn, .optIn, .optOut, .optOut, .optIn] {
            #expect(try await counter.answer(message, opt, now: Self.start + .minutes(61)) == 200)
        }
        #expect(await counter.store.rows.decisions.map(\.type) == [.optIn, .optOut, .optIn])
        let fault = EventResponse(
            code: .signalNotSupported, requestID: "d", event: QualifiedEventID(eventID: "e"), optType: .optIn)
        #expect(try await counter.code(.createdEvent(CreatedEvent(eventResponses: [fault], venID: "ven-1"))) == 200)
        let opt = try #require(await counter.participation("e")?.opt)
        #expect(opt.type == .optOut)
        #expect(opt.errorCode == .signalNotSupported)
    }

    @Test func `a VEN that is taken out of an event sees it cancelled, the others see it changed`() async throws {
        let counter = try await Counter.registered()
        try await counter.vtn.issue(
            "e", terms: Counter.terms(), participants: [Counter.level("ven-1", [1]), Counter.level("ven-2", [1])],
            now: Self.start)
        _ = try await counter.answer(try await counter.requestEvent())
        try await counter.vtn.modify("e", participants: [Counter.level("ven-2", [2])], now: Self.start)
        let gone = try await counter.requestEvent()
        #expect(gone.events.map(\.descriptor.status) == [.cancelled])
        #expect(try await counter.answer(gone) == 200)
        try await counter.vtn.modify("e", participants: [Counter.level("ven-2", [3])], now: Self.start)
        #expect(try await counter.requestEvent().events.isEmpty)
        #expect(try await counter.poll().elementName == "oadrResponse")
    }

    @Test func `an operator's mistakes leave nothing behind`() async throws {
        let counter = try await Counter.registered()
        let before = await counter.store.rows
        let terms = Counter.terms()
        let load = try #require(ProgrammedSignal(.loadDispatchSetpoint, values: [1]))
        let cases: [(OperatorError, [ParticipantPlan])] = [
            (.noParticipants, []),
            (.unknownVEN("ven-9"), [Counter.level("ven-9", [1])]),
            (.participantTwice("ven-1"), [Counter.level("ven-1", [1]), Counter.level("ven-1", [1])]),
            (.signalsDoNotFitSteps("ven-1"), [Counter.level("ven-1", [1, 2])]),
            (.signalsDoNotFitSteps("ven-1"), [ParticipantPlan(venID: "ven-1", signals: [])]),
            (.signalsDoNotFitSteps("ven-1"), [ParticipantPlan(venID: "ven-1", signals: [load, load])]),
            (
                .unknownResource("boiler", "ven-1"),
                [ParticipantPlan(venID: "ven-1", signals: [load], resources: ["boiler"])]
            ),
        ]
        for (error, participants) in cases {
            await #expect(throws: error) {
                try await counter.vtn.issue("e", terms: terms, participants: participants, now: Self.start)
            }
        }
        await #expect(throws: OperatorError.eventIsOver("e")) {
            try await counter.issue("e", at: .hours(-2))
        }
        #expect(await counter.store.rows == before)
        try await counter.issue("e")
        await #expect(throws: OperatorError.eventExists("e")) { try await counter.issue("e") }
    }

    @Test func `rule 9: SIMPLE knows four levels, and no number is without end`() {
        #expect(ProgrammedSignal(.simpleLevel, values: [0, 1, 2, 3]) != nil)
        #expect(ProgrammedSignal(.simpleLevel, values: [4]) == nil)
        #expect(ProgrammedSignal(.simpleLevel, values: [0.5]) == nil)
        #expect(ProgrammedSignal(.loadDispatchDelta, values: [.nan]) == nil)
    }
}
