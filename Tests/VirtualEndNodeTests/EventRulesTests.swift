import Measures
import OpenADR
import Testing
import VirtualEndNode

/// What a VEN makes of the events that it is told, rule by rule.
@Suite struct EventRulesTests {
    private static let start = Solo.start

    private static func codes(_ messages: [CreatedEvent]) -> [Int] {
        messages.flatMap(\.eventResponses).map(\.code.rawValue)
    }

    @Test func `rules 12, 42 and 62: always is answered every time, never not at all`() {
        var solo = Solo.polling()
        let events = [Event.testing("a"), .testing("b", at: .hours(3), required: .never), .testing("c", at: .hours(5))]
        for request in ["d-1", "d-2"] {
            let answers = solo.take(events, requestID: RequestID(request))
            #expect(answers.count == 1)
            #expect(answers.first?.response.requestID == .empty)
            #expect(answers.first?.venID == "ven-1")
            #expect(answers.first?.eventResponses.map(\.event.eventID) == ["a", "c"])
            #expect(answers.first?.eventResponses.allSatisfy { $0.requestID == RequestID(request) } == true)
        }
        #expect(solo.timeline.layers.map(\.eventID) == ["a", "b", "c"])
    }

    @Test func `rule 35: events that need no answer get no message`() {
        var solo = Solo.polling()
        #expect(solo.take([.testing(required: .never)]).isEmpty)
        #expect(solo.take([]).isEmpty)
    }

    @Test func `rules 56 and 57: a new event is added, a higher number replaces it`() {
        var solo = Solo.polling()
        _ = solo.take([.testing()])
        #expect(solo.timeline.slot(at: Self.start + .minutes(90))?.dispatch == .level(1))
        let answers = solo.take([.testing(number: 1, values: [3])])
        #expect(answers.first?.eventResponses.map(\.event.modificationNumber) == [1])
        #expect(solo.timeline.slot(at: Self.start + .minutes(90))?.dispatch == .level(3))
    }

    @Test func `rule 58: a lower number is 450 and changes nothing, not even as a cancellation`() {
        var solo = Solo.polling()
        _ = solo.take([.testing(number: 2)])
        let before = solo.timeline
        let answers = solo.take([.testing(number: 1, status: .cancelled)])
        #expect(Self.codes(answers) == [450])
        #expect(answers.first?.eventResponses.map(\.optType) == [.optOut])
        #expect(solo.timeline == before)
    }

    @Test func `rule 19: an event that cannot be read is answered with its code and stays as it was`() {
        var solo = Solo.polling()
        _ = solo.take([.testing("a"), .testing("b", at: .hours(3))])
        let faulty = FaultyEvent(
            event: QualifiedEventID(eventID: "b", modificationNumber: 1), code: .invalidData, reason: "nonsense")
        let stranger = FaultyEvent(
            event: QualifiedEventID(eventID: "z"), responseRequired: .never, code: .invalidData, reason: "nonsense")
        let answers = solo.take([.testing("a", number: 1)], faulty: [faulty, stranger])
        #expect(answers.first?.eventResponses.map(\.event.eventID) == ["a", "b"])
        #expect(Self.codes(answers) == [200, 454])
        #expect(answers.first?.eventResponses.map(\.event.modificationNumber) == [1, 1])
        #expect(solo.timeline.layers.map(\.eventID) == ["a", "b"])
    }

    @Test func `rules 36 and 59: a cancellation is confirmed and ends the event`() {
        var solo = Solo.polling()
        _ = solo.take([.testing()])
        let answers = solo.take([.testing(number: 1, status: .cancelled)])
        #expect(Self.codes(answers) == [200])
        #expect(answers.first?.eventResponses.map(\.optType) == [.optIn])
        #expect(solo.timeline == Timeline())
    }

    @Test func `rules 21 and 60: an unknown cancelled event is answered and otherwise ignored`() {
        var solo = Solo.polling()
        let answers = solo.take([.testing(number: 4, status: .cancelled)])
        #expect(Self.codes(answers) == [200])
        #expect(solo.timeline == Timeline())
        #expect(solo.take([.testing(status: .cancelled, required: .never)]).isEmpty)
    }

    @Test func `rule 61: an event that is missing from the list is cancelled`() {
        var solo = Solo.polling()
        _ = solo.take([.testing("a"), .testing("b", at: .hours(3))])
        _ = solo.take([.testing("b", at: .hours(3))])
        #expect(solo.timeline.layers.map(\.eventID) == ["b"])
        // Back again with the same number it counts again.
        _ = solo.take([.testing("a"), .testing("b", at: .hours(3))])
        #expect(solo.timeline.layers.map(\.eventID) == ["a", "b"])
    }

    @Test func `rule 21: a distribution of another VTN is refused as a whole`() {
        var solo = Solo.polling()
        let answers = solo.take([.testing()], vtnID: "VTN_2")
        #expect(answers.map(\.response.code) == [.invalidID])
        #expect(answers.first?.eventResponses.isEmpty == true)
        #expect(solo.timeline == Timeline())
    }

    @Test func `rule 19: bad events do not spoil the good ones`() {
        var solo = Solo.polling()
        let mixed = [
            Event.testing("context", context: "http://other.example/"),
            .testing("foreign", target: Target(venIDs: ["ven-2"])),
            .testing("resource", target: Target(resourceIDs: ["boiler"])),
            .testing("group", target: Target(groupIDs: ["g"])),
            .testing("signal", name: .bidLoad, type: .setpoint, itemBase: .realPower()),
            .testing("unit", name: .loadDispatch, type: .setpoint, itemBase: .voltage()),
            .testing("range", values: [7]),
            .testing("good", target: Target(groupIDs: ["g"], resourceIDs: ["hvac"], venIDs: ["ven-1"])),
        ]
        let answers = solo.take(mixed)
        #expect(Self.codes(answers) == [462, 462, 469, 462, 460, 460, 454, 200])
        #expect(answers.first?.eventResponses.map(\.optType).last == .optIn)
        #expect(solo.timeline.layers.map(\.eventID) == ["good"])
    }

    @Test func `rules 8 and 102: intervals that do not add up are 459, uids out of order 450`() {
        var solo = Solo.polling()
        var short = Event.testing("short")
        short.activePeriod.duration = .hours(2)
        var mixed = Event.testing("mixed", steps: [.minutes(30), .minutes(30)])
        mixed.signals[0].intervals.swapAt(0, 1)
        #expect(Self.codes(solo.take([short, mixed])) == [459, 450])
    }

    @Test func `rule 20: a change of what has passed is 451 and changes nothing`() {
        var solo = Solo.polling()
        let steps: [TimeSpan] = [.minutes(30), .minutes(30)]
        _ = solo.take([.testing(steps: steps)])
        solo.now = Self.start + .minutes(95)
        let before = solo.timeline
        #expect(Self.codes(solo.take([.testing(number: 1, steps: steps, values: [2, 2])])) == [451])
        #expect(Self.codes(solo.take([.testing(number: 1, at: .minutes(70), steps: steps)])) == [451])
        #expect(solo.timeline == before)
        #expect(Self.codes(solo.take([.testing(number: 1, steps: steps, values: [1, 2])])) == [200])
    }

    @Test func `a change holds from now on, and a step that stays as it was stays one`() {
        var solo = Solo.polling()
        let steps: [TimeSpan] = [.minutes(20), .minutes(20), .minutes(20)]
        _ = solo.take([.testing(steps: steps)])
        solo.now = Self.start + .minutes(65)
        _ = solo.take([.testing(number: 1, steps: steps, values: [3, 3, 3])])
        let seen = [61, 66, 79, 80, 119].map { solo.timeline.slot(at: Self.start + .minutes($0))?.dispatch }
        #expect(seen == [.level(1), .level(3), .level(3), .level(3), .level(3)])
        solo.now = Self.start + .minutes(70)
        let before = solo.timeline.slot(at: Self.start + .minutes(75))
        _ = solo.take([.testing(number: 2, steps: steps, values: [3, 3, 2])])
        #expect(solo.timeline.slot(at: Self.start + .minutes(75)) == before)
        #expect(before?.start == Self.start + .minutes(65))
    }

    @Test func `an event that is heard of late is joined in its course`() {
        var solo = Solo.polling()
        solo.now = Self.start + .minutes(65)
        _ = solo.take([.testing(steps: [.minutes(20), .minutes(40)])])
        #expect(solo.timeline.slot(at: Self.start + .minutes(64)) == nil)
        let joined = solo.timeline.slot(at: Self.start + .minutes(70))
        #expect(joined?.start == solo.now && joined?.end == Self.start + .minutes(80))
        #expect(solo.timeline.slot(at: Self.start + .minutes(80))?.dispatch == .level(1))
        // Over before it was heard of: there is nothing to take part in.
        let answers = solo.take([.testing("old", at: .minutes(-90))])
        #expect(answers.flatMap(\.eventResponses).map(\.optType) == [.optOut])
    }

    @Test func `rule 47: an open-ended event runs until cancelled`() {
        var solo = Solo.polling()
        _ = solo.take([.testing(steps: [.zero])])
        solo.now = Self.start + .days(9)
        #expect(solo.timeline.slot(at: solo.now)?.dispatch == .level(1))
        _ = solo.take([.testing(number: 1, steps: [.zero], status: .cancelled)])
        #expect(solo.timeline.slot(at: solo.now) == nil)
        #expect(solo.timeline.slot(at: Self.start + .days(8))?.dispatch == .level(1))
    }

    @Test func `rules 30 and 65: the random offset is kept, moves the end, and delays a cancellation`() {
        var solo = Solo.polling(random: 0.5)
        let tolerant = Event.testing(startAfter: .minutes(10))
        _ = solo.take([tolerant])
        func begin() -> Instant? { solo.timeline.layers.first?.slots.first?.start }
        func end() -> Instant?? { solo.timeline.layers.first?.slots.last?.end }
        #expect(begin() == Self.start + .minutes(65))
        #expect(end() == Self.start + .minutes(125))
        _ = solo.take([.testing(number: 1, values: [2], startAfter: .minutes(10))])
        #expect(begin() == Self.start + .minutes(65))
        solo.now = Self.start + .minutes(90)
        _ = solo.take([.testing(number: 2, values: [2], status: .cancelled, startAfter: .minutes(10))])
        #expect(end() == Self.start + .minutes(95))
    }

    @Test func `rule 66: completed, as the VTN sees it, does not stop a VEN that started later`() {
        var solo = Solo.polling(random: 0.5)
        _ = solo.take([.testing(startAfter: .minutes(10))])
        let before = solo.timeline
        solo.now = Self.start + .minutes(121)
        _ = solo.take([.testing(status: .completed, startAfter: .minutes(10))])
        #expect(solo.timeline == before)
        #expect(solo.timeline.slot(at: Self.start + .minutes(124)) != nil)
    }

    @Test func `an opt-out sheds nothing, and an opt-out of a change stops at once`() {
        var solo = Solo.polling()
        solo.opts["e"] = .optOut
        let answers = solo.take([.testing()])
        #expect(answers.flatMap(\.eventResponses).map(\.optType) == [.optOut])
        #expect(solo.timeline == Timeline())
        solo.opts["e"] = .optIn
        _ = solo.take([.testing(number: 1)])
        solo.now = Self.start + .minutes(90)
        solo.opts["e"] = .optOut
        _ = solo.take([.testing(number: 2)])
        #expect(solo.timeline.slot(at: Self.start + .minutes(89)) != nil)
        #expect(solo.timeline.slot(at: Self.start + .minutes(90)) == nil)
    }

    @Test func `LOAD_DISPATCH is followed before SIMPLE, in W whatever its scale`() {
        var solo = Solo.polling()
        var event = Event.testing()
        event.signals.append(
            Event.testing(values: [-5], name: .loadDispatch, type: .delta, itemBase: .realPower(scale: .kilo))
                .signals[0])
        _ = solo.take([event])
        #expect(solo.timeline.slot(at: Self.start + .hours(1))?.dispatch == .delta(Watts(-5_000)))
    }
}
