import Measures
import OpenADR
import Testing
import VirtualEndNode

/// A VEN that takes pushes: the same state machine, fed from the other side.
@Suite struct PushTests {
    private static func pushed() -> Solo {
        var solo = Solo(transport: .httpPush(address: "https://site.example:8444/"))
        // A push VEN has nothing to poll for: it waits when everything is said.
        solo.settle()
        return solo
    }

    private static func distribution(_ events: [Event], vtnID: VTNID = "VTN_1") -> Payload {
        .distributeEvent(DistributeEvent(requestID: "p", vtnID: vtnID, events: events))
    }

    @Test func `rules 37, 51 and 402: it registers with its address, asks once for events, and never polls`() throws {
        var solo = Solo(transport: .httpPush(address: "https://site.example:8444/"))
        let messages = solo.settle()
        #expect(
            messages.map(\.elementName) == [
                "oadrQueryRegistration", "oadrCreatePartyRegistration", "oadrRegisterReport", "oadrRequestEvent",
            ])
        guard case .createPartyRegistration(let create) = messages[1] else { throw Missing() }
        #expect(create.transport == .httpPush(address: "https://site.example:8444/"))
        for _ in 0..<20 { #expect(solo.wake().allSatisfy { $0.elementName == "oadrRequestEvent" }) }
        #expect(solo.now >= Solo.start + .hours(1))
    }

    @Test func `clause 8.1: pushed events get an empty answer, then an oadrCreatedEvent`() {
        var solo = Self.pushed()
        #expect(solo.ven.receive(Self.distribution([.testing("e")]), at: .eiEvent, now: solo.now) == .nothing)
        solo.feed(.woke)
        let answers = solo.settle().compactMap { if case .createdEvent(let message) = $0 { message } else { nil } }
        #expect(answers.flatMap(\.eventResponses).map(\.requestID) == ["p"])
        #expect(solo.timeline.layers.map(\.eventID) == ["e"])
        // The same again is answered again (rule 12), and decided by nobody.
        _ = solo.ven.receive(Self.distribution([.testing("e")]), at: .eiEvent, now: solo.now)
        solo.feed(.woke)
        if case .decide = solo.action { Issue.record("asked twice") }
        #expect(solo.settle().count == 1)
    }

    @Test func `pushes that come while people decide wait for their turn`() {
        var solo = Self.pushed()
        _ = solo.ven.receive(Self.distribution([.testing("a")]), at: .eiEvent, now: solo.now)
        solo.feed(.woke)
        guard case .decide(let first) = solo.action else {
            Issue.record("nobody is asked")
            return
        }
        _ = solo.ven.receive(
            Self.distribution([.testing("a"), .testing("b", at: .hours(4))]), at: .eiEvent, now: solo.now)
        #expect(first.map(\.id) == ["a"])
        let answers = solo.settle().compactMap { if case .createdEvent(let message) = $0 { message } else { nil } }
        #expect(answers.map { $0.eventResponses.map(\.event.eventID) } == [["a"], ["a", "b"]])
    }

    @Test func `rule 21: events of another VTN are an error, and change nothing`() {
        var solo = Self.pushed()
        _ = solo.ven.receive(Self.distribution([.testing("e")], vtnID: "OTHER"), at: .eiEvent, now: solo.now)
        solo.feed(.woke)
        let messages = solo.settle()
        #expect(messages.compactMap { $0.response?.code } == [.invalidID])
        #expect(solo.ven.timeline.layers.isEmpty)
    }

    @Test func `the other messages are answered in the same exchange`() throws {
        var solo = Self.pushed()
        let request = ReportRequest(
            requestID: "rr",
            specifier: ReportSpecifier(
                specifierID: "usage", granularity: .minutes(1), reportBackDuration: .minutes(5),
                interval: RequestedInterval(start: Solo.start), payloads: [SpecifierPayload(rID: "site")]))
        let ask = Payload.createReport(CreateReport(requestID: "c", requests: [request], venID: "ven-1"))
        guard case .payload(.createdReport(let created)) = solo.ven.receive(ask, at: .eiReport, now: solo.now) else {
            throw Missing()
        }
        #expect(created.pending == ["rr"])
        let stop = Payload.cancelReport(
            CancelReport(requestID: "x", reportRequestIDs: ["rr", "no"], venID: "ven-1"))
        guard case .payload(.canceledReport(let canceled)) = solo.ven.receive(stop, at: .eiReport, now: solo.now) else {
            throw Missing()
        }
        #expect(canceled.response.code == .invalidID)
        #expect(canceled.pending.isEmpty)
        let offer = Payload.registerReport(RegisterReport(requestID: "r", venID: "ven-1"))
        guard case .payload(.registeredReport) = solo.ven.receive(offer, at: .eiReport, now: solo.now) else {
            throw Missing()
        }
        let again = Payload.requestReregistration(RequestReregistration(venID: "ven-1"))
        guard case .payload(.response) = solo.ven.receive(again, at: .eiRegisterParty, now: solo.now) else {
            throw Missing()
        }
        solo.feed(.woke)
        #expect(solo.settle().map(\.elementName) == ["oadrCreatePartyRegistration"])
    }

    @Test func `rule 407: a pushed cancellation is confirmed, and the VEN forgets`() throws {
        var solo = Self.pushed()
        let cancel = Payload.cancelPartyRegistration(
            CancelPartyRegistration(requestID: "x", registrationID: "reg-1", venID: "ven-1"))
        guard
            case .payload(.canceledPartyRegistration(let answer)) = solo.ven.receive(
                cancel, at: .eiRegisterParty, now: solo.now)
        else { throw Missing() }
        #expect(answer.response.code == .success)
        #expect(solo.ven.registration == nil)
        let late = solo.ven.receive(Self.distribution([]), at: .eiEvent, now: solo.now)
        guard case .payload(.response(let refusal)) = late else { throw Missing() }
        #expect(refusal.response.code == .notRegistered)
    }

    @Test func `rules 21 and 33: another VEN's message, and one at the wrong service`() throws {
        var solo = Self.pushed()
        let foreign = Payload.requestReregistration(RequestReregistration(venID: "VEN-1"))
        guard case .payload(let first) = solo.ven.receive(foreign, at: .eiRegisterParty, now: solo.now) else {
            throw Missing()
        }
        #expect(first.response?.code == .invalidID)
        guard case .payload(let second) = solo.ven.receive(Self.distribution([]), at: .eiReport, now: solo.now) else {
            throw Missing()
        }
        #expect(second.response?.code == .complianceError)
    }
}
