import Measures
import OpenADR
import Testing
import VirtualEndNode

/// Rules of the profile that bind a VEN and are about more than one event or exchange.
@Suite struct EndNodeRuleTests {
    private static let start = Solo.start

    private static func codes(_ messages: [CreatedEvent]) -> [Int] {
        messages.flatMap(\.eventResponses).map(\.code.rawValue)
    }

    @Test func `rule 22: no target is everything here; of several criteria one that fits is enough`() {
        var solo = Solo.polling()
        let events = [
            Event.testing("all"), .testing("ven", at: .hours(3), target: Target(venIDs: ["ven-1"])),
            .testing("either", at: .hours(5), target: Target(groupIDs: ["nobody"], resourceIDs: ["hvac"])),
        ]
        #expect(Self.codes(solo.take(events)) == [200, 200, 200])
        #expect(solo.timeline.slot(of: "line", at: Self.start + .minutes(90)) != nil)
        #expect(solo.timeline.slot(of: "hvac", at: Self.start + .minutes(330)) != nil)
        #expect(solo.timeline.slot(of: "line", at: Self.start + .minutes(330)) == nil)
    }

    @Test func `rules 18 and 32: values hold from a start to before the next one, ends are exclusive`() {
        var solo = Solo.polling()
        _ = solo.take([
            .testing("a", steps: [.minutes(30), .minutes(30)], values: [1, 2]),
            .testing("b", at: .hours(2), values: [3]),
        ])
        func level(_ seconds: Int64) -> Dispatch? {
            solo.timeline.slot(at: Self.start + .hours(1) + .seconds(seconds))?.dispatch
        }
        #expect(level(-1) == nil)
        #expect([0, 1_799, 1_800, 3_599, 3_600].map(level) == [.level(1), .level(1), .level(2), .level(2), .level(3)])
        #expect(level(7_200) == nil)
    }

    @Test func `rules 37, 51 and 501: a VEN pulls: everything begins with a message of its own, at last a poll`() {
        var solo = Solo()
        guard case .exchange = solo.action else {
            Issue.record("it does not begin")
            return
        }
        solo.settle()
        #expect(solo.sent == .poll(Poll(venID: "ven-1")))
        solo.rest()
        _ = solo.wake()
        #expect(solo.sent == .poll(Poll(venID: "ven-1")))
    }

    @Test func `rule 112: a resource that is not here is 469, and only for its own event`() {
        var solo = Solo.polling()
        let answers = solo.take([
            .testing("a", target: Target(resourceIDs: ["boiler"])),
            .testing("b", target: Target(resourceIDs: ["hvac"])),
        ])
        #expect(Self.codes(answers) == [469, 200])
    }

    @Test func `rule 43: two distributions with one requestID are two messages`() {
        var solo = Solo.polling()
        #expect(Self.codes(solo.take([.testing("a")], requestID: "same")) == [200])
        let second = solo.take([.testing("a"), .testing("b", at: .hours(3))], requestID: "same")
        #expect(second.flatMap(\.eventResponses).map(\.event.eventID) == ["a", "b"])
        #expect(solo.timeline.layers.map(\.eventID) == ["a", "b"])
    }

    @Test(arguments: [
        (SignalName.bidPrice, SignalType.price, ItemBase.currency(.amount, code: .eur)),
        (.chargeState, .setpoint, .energy(.real)), (.loadDispatch, .setpoint, .energy(.real)),
        (.loadDispatch, .level, .realPower()), (.electricityPrice, .priceMultiplier, .temperature(.celsius)),
    ])
    func `rule 109: a signal, type or unit that is not supported is 460`(
        name: SignalName, type: SignalType, unit: ItemBase
    ) {
        var solo = Solo.polling()
        let answers = solo.take([.testing(name: name, type: type, itemBase: unit)])
        #expect(Self.codes(answers) == [460])
        #expect(answers.flatMap(\.eventResponses).map(\.optType) == [.optOut])
    }

    @Test func `rule 106: SIMPLE beside a signal that is not supported is enough`() {
        var solo = Solo.polling()
        var event = Event.testing()
        event.signals.append(Event.testing(name: .bidLoad, type: .setpoint, itemBase: .realPower()).signals[0])
        #expect(Self.codes(solo.take([event])) == [200])
        #expect(solo.timeline.slot(at: Self.start + .minutes(90))?.dispatch == .level(1))
    }

    @Test(arguments: [EventStatus.far, .near, .active, .completed])
    func `rule 114: what the VTN says of the status does not matter, the clock does`(status: EventStatus) {
        var solo = Solo.polling()
        _ = solo.take([.testing(status: status)])
        #expect(solo.timeline.slot(at: Self.start + .minutes(59)) == nil)
        #expect(solo.timeline.slot(at: Self.start + .minutes(60))?.dispatch == .level(1))
    }

    @Test func `rule 344: requests that come with the answer to metadata are taken and confirmed`() {
        var solo = Solo()
        while solo.sent?.elementName != "oadrRegisterReport" {
            guard let sent = solo.sent else { break }
            solo.answer(Solo.plainAnswer(to: sent))
        }
        let specifier = ReportSpecifier(
            specifierID: "usage", granularity: .minutes(1), reportBackDuration: .minutes(5),
            interval: RequestedInterval(start: Self.start), payloads: [SpecifierPayload(rID: "site")])
        solo.answer(
            .registeredReport(
                RegisteredReport(
                    response: EiResponse(), requests: [ReportRequest(requestID: "rr", specifier: specifier)],
                    venID: "ven-1")))
        guard case .createdReport(let created)? = solo.sent else {
            Issue.record("not confirmed")
            return
        }
        #expect(created.response.code == .success)
        #expect(created.pending == ["rr"])
    }
}
