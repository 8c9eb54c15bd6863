import Measures
import OpenADR
import Testing
import TopNodeTesting
import VirtualEndNode
import VirtualTopNode

/// What people at the site decide, and how the VTN hears of it.
@Suite struct OptTests {
    private static func created(_ messages: [Payload]) -> [CreateOpt] {
        messages.compactMap { if case .createOpt(let message) = $0 { message } else { nil } }
    }

    @Test func `rules 206, 208 and 209: an opt-out is an oadrCreateOpt about the event, and ends it at once`() throws {
        var solo = Solo.polling()
        _ = solo.take([.testing("e", at: .minutes(10))])
        solo.rest()
        solo.now = Solo.start + .minutes(20)
        let id = try solo.ven.perform(.opt("e", .optOut, .emergency), now: solo.now)
        solo.feed(.woke)
        let messages = solo.settle()
        let opt = try #require(Self.created(messages).first)
        #expect(opt.optID == id)
        #expect(opt.venID == "ven-1")
        #expect(opt.scope == .event(QualifiedEventID(eventID: "e", modificationNumber: 0)))
        #expect(opt.optType == .optOut)
        #expect(opt.reason == .emergency)
        #expect(opt.target == Target(venIDs: ["ven-1"]))
        #expect(opt.deviceClasses.isEmpty)
        #expect(solo.timeline.layers.first?.slots.last?.end == solo.now)
        solo.rest()
        #expect(Self.created(solo.wake()).isEmpty)
    }

    @Test func `rules 206 and 209: one load is kept out of an event, and the VTN hears of it alone`() throws {
        var solo = Solo.polling()
        _ = solo.take([.testing("e", at: .minutes(10))])
        solo.rest()
        solo.now = Solo.start + .minutes(20)
        _ = try solo.ven.perform(.optResources("e", ["hvac"], .optOut, .mustRun), now: solo.now)
        solo.feed(.woke)
        let opt = try #require(Self.created(solo.settle()).first)
        #expect(opt.target == Target(resourceIDs: ["hvac"]) && opt.optType == .optOut)
        #expect(opt.scope == .event(QualifiedEventID(eventID: "e", modificationNumber: 0)))
        #expect(solo.timeline.slot(of: "hvac", at: solo.now) == nil)
        #expect(solo.timeline.slot(of: "line", at: solo.now)?.dispatch == .level(1))
        #expect(solo.timeline.slot(at: solo.now)?.dispatch == .level(1))
        // It is remembered, and the rest of the event goes on.
        #expect(solo.ven.memory.timeline == solo.timeline)
        _ = try solo.ven.perform(.optResources("e", ["hvac"], .optIn, .participating), now: solo.now)
        #expect(solo.ven.timeline.slot(of: "hvac", at: solo.now)?.dispatch == .level(1))
        #expect(throws: EndNodeRefusal.unknownResource("boiler")) {
            try solo.ven.perform(.optResources("e", ["boiler"], .optOut, .mustRun), now: solo.now)
        }
    }

    @Test func `an opt-in joins what is left of the event`() throws {
        var solo = Solo.polling()
        _ = solo.take([.testing("e", at: .minutes(10), steps: [.minutes(30), .minutes(30)], values: [1, 2])])
        solo.now = Solo.start + .minutes(15)
        _ = try solo.ven.perform(.opt("e", .optOut, .economic), now: solo.now)
        solo.now = Solo.start + .minutes(20)
        _ = try solo.ven.perform(.opt("e", .optIn, .participating), now: solo.now)
        let slots = solo.ven.timeline.layers.flatMap(\.slots)
        #expect(slots.map(\.start) == [10, 20, 40].map { Solo.start + .minutes($0) })
        #expect(slots.map(\.end) == [15, 40, 70].map { Solo.start + .minutes($0) })
    }

    @Test func `rule 206: what people said holds for a new version of the event, and nobody is asked`() throws {
        var solo = Solo.polling()
        _ = solo.take([.testing("e")])
        _ = try solo.ven.perform(.opt("e", .optOut, .mustRun), now: solo.now)
        solo.feed(.woke)
        solo.answer(
            .distributeEvent(
                DistributeEvent(
                    response: EiResponse(), requestID: "d2", vtnID: "VTN_1",
                    events: [.testing("e", number: 1, steps: [.minutes(30)])])))
        if case .decide = solo.action { Issue.record("people are asked about what they said") }
        let answers = solo.settle().compactMap { if case .createdEvent(let message) = $0 { message } else { nil } }
        #expect(answers.flatMap(\.eventResponses).map(\.optType) == [.optOut])
    }

    @Test func `rule 206: about an event that wants no answer nothing is sent`() throws {
        var solo = Solo.polling()
        _ = solo.take([.testing("e", required: .never)])
        _ = try solo.ven.perform(.opt("e", .optOut, .mustRun), now: solo.now)
        solo.feed(.woke)
        #expect(Self.created(solo.settle()).isEmpty)
        #expect(solo.ven.timeline.layers.isEmpty)
    }

    @Test(arguments: [nil, ResponseCode.complianceError])
    func `rule 17: a VTN without EiOpt gets a new answer to the event`(code: ResponseCode?) throws {
        var solo = Solo.polling()
        _ = solo.take([.testing("e")], requestID: "d7")
        solo.rest()
        _ = try solo.ven.perform(.opt("e", .optOut, .economic), now: solo.now)
        solo.feed(.woke)
        solo.follow()
        #expect(solo.sent?.elementName == "oadrCreateOpt")
        if let code {
            solo.answer(.response(Response(response: EiResponse(code: code))))
        } else {
            solo.feed(.rejected)
        }
        guard case .createdEvent(let answer)? = solo.sent else { throw Missing() }
        #expect(answer.eventResponses.map(\.optType) == [.optOut])
        #expect(answer.eventResponses.map(\.requestID) == ["d7"])
        solo.settle()
        #expect(EndNodeStatus(of: solo.ven.memory, at: solo.now).opts.map(\.state) == [.refused])
    }

    @Test func `rules 200, 204 and 211: a schedule is sent, counts for events in it, and is withdrawn`() throws {
        var solo = Solo.polling()
        _ = solo.take([.testing("before")])
        let window = TimeWindow(start: Solo.start + .minutes(30), duration: .hours(3))
        let id = try solo.ven.perform(.schedule(.optOut, [window], .schedule, nil), now: solo.now)
        #expect(solo.ven.timeline.layers.isEmpty)
        solo.feed(.woke)
        solo.answer(.response(Response(response: EiResponse())))
        let sent = Self.created(solo.settle())
        #expect(sent.map(\.scope) == [.schedule([window])])
        _ = solo.wake()
        let answers = solo.take([
            .testing("before"), .testing("in it", at: .hours(2)), .testing("after", at: .hours(5)),
        ])
        #expect(answers.flatMap(\.eventResponses).map(\.optType) == [.optOut, .optOut, .optIn])
        solo.rest()
        _ = try solo.ven.perform(.withdraw(id), now: solo.now)
        solo.feed(.woke)
        solo.follow()
        guard case .cancelOpt(let cancel)? = solo.sent else { throw Missing() }
        #expect(cancel.optID == id)
        solo.settle()
        #expect(EndNodeStatus(of: solo.ven.memory, at: solo.now).opts.isEmpty)
        #expect(throws: EndNodeRefusal.unknownOpt(id)) { try solo.ven.perform(.withdraw(id), now: solo.now) }
    }

    @Test func `rule 406: a new registration is told the schedules again`() throws {
        var solo = Solo.polling()
        _ = try solo.ven.perform(
            .schedule(.optOut, [TimeWindow(start: solo.now, duration: .zero)], .schedule, nil), now: solo.now)
        solo.feed(.woke)
        solo.answer(.response(Response(response: EiResponse())))
        #expect(Self.created(solo.settle()).count == 1)
        _ = solo.wake()
        solo.answer(.response(Response(response: EiResponse(code: .notRegistered))))
        while let payload = solo.sent, payload.elementName != "oadrPoll" {
            if case .createPartyRegistration = payload {
                solo.answer(
                    .createdPartyRegistration(
                        CreatedPartyRegistration(
                            response: EiResponse(), registrationID: "reg-2", venID: "ven-1", vtnID: "VTN_1")))
            } else if case .createOpt = payload {
                return
            } else {
                solo.answer(Solo.plainAnswer(to: payload))
            }
        }
        Issue.record("the schedule is not sent again")
    }

    @Test func `what makes no sense is refused`() throws {
        var solo = Solo.polling()
        _ = solo.take([.testing("e", at: .minutes(1), steps: [.minutes(1)])])
        let later = solo.now + .hours(1)
        #expect(throws: EndNodeRefusal.unknownEvent("x")) {
            try solo.ven.perform(.opt("x", .optOut, .economic), now: later)
        }
        #expect(throws: EndNodeRefusal.eventIsOver("e")) {
            try solo.ven.perform(.opt("e", .optOut, .economic), now: later)
        }
        #expect(throws: EndNodeRefusal.emptySchedule) {
            try solo.ven.perform(
                .schedule(.optOut, [TimeWindow(start: later - .hours(2), duration: .hours(1))], .schedule, nil),
                now: later)
        }
    }

    @Test func `VTN and VEN agree on what people said`() async throws {
        let talk = Conversation()
        try await talk.admit()
        try await talk.run(for: .minutes(1))
        try await talk.vtn.issue(
            "peak", terms: .hour(at: talk.now + .minutes(10)), participants: [.shed("ven-1", watts: 5_000)],
            now: talk.now)
        try await talk.run(for: .minutes(1))
        #expect(await talk.rows.decisions.map(\.type) == [.optIn])
        try talk.tell(.opt("peak", .optOut, .overrideStatus))
        try await talk.run(for: .minutes(1))
        #expect(await talk.rows.decisions.map(\.type) == [.optIn, .optOut])
        #expect(talk.ven.timeline.layers.isEmpty)
    }
}
