import Measures
import OpenADR
import Testing
import TopNodeTesting
import VirtualTopNode

/// A VTN that brings its messages to a VEN instead of waiting for polls.
@Suite struct PushTests {
    private static let start = Counter.start

    private static func registered(_ configuration: TopNodeConfiguration = TopNodeConfiguration()) async throws
        -> Counter
    {
        let counter = try await Counter(configuration)
        let answer = try await counter.send(
            .createPartyRegistration(
                CreatePartyRegistration(requestID: "r", transport: .httpPush(address: "https://ven.example:8443/a/"))))
        guard case .createdPartyRegistration(let created) = answer, created.response.code == .success,
            created.pollFrequency == nil
        else { throw Unexpected(answer: answer) }
        return counter
    }

    /// Sends what waits and answers it as the VEN would.
    private static func drain(_ counter: Counter, now: Instant = start) async throws -> [Payload] {
        var sent: [Payload] = []
        while sent.count < 20, let push = try await counter.vtn.nextPush(to: "ven-1", now: now) {
            sent.append(push.payload)
            try await counter.vtn.delivered(push, reply: reply(to: push.payload), now: now)
        }
        return sent
    }

    private static func reply(to payload: Payload) -> Payload? {
        let ok = EiResponse(requestID: payload.requestID ?? .empty)
        return switch payload {
        case .registerReport: .registeredReport(RegisteredReport(response: ok, venID: "ven-1"))
        case .createReport(let message):
            .createdReport(CreatedReport(response: ok, pending: message.requests.map(\.requestID), venID: "ven-1"))
        case .cancelReport: .canceledReport(CanceledReport(response: ok, venID: "ven-1"))
        case .cancelPartyRegistration(let message):
            .canceledPartyRegistration(
                CanceledPartyRegistration(response: ok, registrationID: message.registrationID, venID: "ven-1"))
        case .requestReregistration: .response(Response(response: ok, venID: "ven-1"))
        default: nil
        }
    }

    @Test func `an address is https with a host, whatever else stands there`() {
        let good = [
            ("https://ven.example", "ven.example", 443, ""), ("https://ven.example/", "ven.example", 443, ""),
            ("HTTPS://10.0.0.7:8443/site/", "10.0.0.7", 8_443, "/site"),
            ("https://[2001:db8::1]:99/a/b/OpenADR2/Simple/2.0b/", "2001:db8::1", 99, "/a/b"),
            ("https://ven.example/OpenADR2/Simple/2.0b", "ven.example", 443, ""),
        ]
        for (text, host, port, base) in good {
            let address = PushAddress(text)
            #expect(address?.host == host && address?.port == port && address?.base == base, "\(text)")
        }
        for text in [
            "", "http://ven.example", "ven.example", "https://", "https:///x", "https://u:p@ven.example",
            "https://ven.example:0", "https://ven.example:70000", "https://ven.example:x", "https://ven.example/?q",
            "https://ven.example/#f", "https://ven.example/a/../b", "https://ven example", "https://[::1", "None",
            "https://vén.example", "https://ven.example\\@evil.example", "file:///etc/passwd",
        ] {
            #expect(PushAddress(text) == nil, "\(text)")
        }
    }

    @Test func `rules 40 and 51: events come by themselves, without eiResponse, and a push VEN does not poll`()
        async throws
    {
        let counter = try await Self.registered()
        #expect(try await counter.code(.poll(Poll(venID: "ven-1"))) == 459)
        #expect(try await Self.drain(counter).map(\.elementName) == ["oadrRegisterReport"])
        try await counter.issue("e")
        #expect(try await counter.vtn.pushesWaiting(now: Self.start) == ["ven-1"])
        guard case .distributeEvent(let message)? = try await Self.drain(counter).first else {
            Issue.record("no events")
            return
        }
        #expect(message.response == nil)
        #expect(!message.requestID.isEmpty)
        #expect(message.events.map(\.id) == ["e"])
        #expect(try await counter.answer(message) == 200)
        #expect(try await counter.vtn.pushesWaiting(now: Self.start + .hours(1)).isEmpty)
    }

    @Test func `one push is on its way at a time, and one that is lost is sent again after a growing pause`()
        async throws
    {
        let counter = try await Self.registered()
        var pauses: [Int64] = []
        var now = Self.start
        for _ in 0..<9 {
            let push = try #require(try await counter.vtn.nextPush(to: "ven-1", now: now))
            #expect(push.payload.elementName == "oadrRegisterReport")
            #expect(try await counter.vtn.nextPush(to: "ven-1", now: now) == nil)
            #expect(try await counter.vtn.pushesWaiting(now: now).isEmpty)
            try await counter.vtn.lost(push, now: now)
            let failed = now
            while try await counter.vtn.pushesWaiting(now: now).isEmpty { now = now + .seconds(1) }
            pauses.append((now - failed).seconds)
        }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 64, 120, 120])
        // It arrives at last, and the pauses begin anew.
        #expect(try await Self.drain(counter, now: now).map(\.elementName) == ["oadrRegisterReport"])
        #expect(await counter.store.rows.pushes["ven-1"] == PushState(venID: "ven-1"))
    }

    @Test func `a VTN that dies with a push on its way leaves it to the next one`() async throws {
        let counter = try await Self.registered()
        #expect(try await counter.vtn.nextPush(to: "ven-1", now: Self.start) != nil)
        #expect(try await counter.vtn.nextPush(to: "ven-1", now: Self.start + .seconds(59)) == nil)
        #expect(try await counter.vtn.nextPush(to: "ven-1", now: Self.start + .seconds(60)) != nil)
    }

    @Test func `an event that is not answered is pushed again, more and more rarely`() async throws {
        let counter = try await Self.registered()
        _ = try await Self.drain(counter)
        try await counter.issue("e", at: .days(1))
        var halves: [Int64] = []
        for half in 0..<Int64(80) where try await !Self.drain(counter, now: Self.start + .seconds(30 * half)).isEmpty {
            halves.append(half)
        }
        // It arrived: what is waited for is a decision, not a message.
        #expect(halves == [0, 1, 3, 7, 15, 31, 63])
    }

    @Test func `reports are asked for, cancelled, and their answers taken in the same exchange`() async throws {
        let counter = try await Self.registered(TopNodeConfiguration(telemetry: nil))
        _ = try await Self.drain(counter)
        _ = try await counter.send(.registerReport(ReportTests.metadata()))
        let request = try await counter.vtn.requestReport(
            "usage", of: "ven-1", granularity: .minutes(1), backDuration: .minutes(5), start: Self.start,
            now: Self.start)
        #expect(try await Self.drain(counter).map(\.elementName) == ["oadrCreateReport"])
        func state() async -> ReportRequestRecord.State? {
            await counter.store.rows.requests[MemoryRows.RequestKey(ven: "ven-1", request: request)]?.state
        }
        #expect(await state() == .accepted)
        try await counter.vtn.cancelReport(request, of: "ven-1", now: Self.start)
        #expect(try await Self.drain(counter).map(\.elementName) == ["oadrCancelReport"])
        #expect(await state() == .ended)
    }

    @Test func `rules 401 and 405: re-registration and cancellation are pushed, and confirmed in the answer`()
        async throws
    {
        let counter = try await Self.registered()
        _ = try await Self.drain(counter)
        try await counter.vtn.requestReregistration(of: "ven-1", now: Self.start)
        #expect(try await Self.drain(counter).map(\.elementName) == ["oadrRequestReregistration"])
        let id = try #require(await counter.store.rows.vens["ven-1"]?.registration.registrationID)
        let again = CreatePartyRegistration(
            requestID: "again", registrationID: id, venID: "ven-1", transport: .httpPush(address: "https://new.example")
        )
        #expect(try await counter.code(.createPartyRegistration(again)) == 200)
        try await counter.vtn.cancelRegistration(of: "ven-1", now: Self.start)
        let push = try #require(try await counter.vtn.nextPush(to: "ven-1", now: Self.start))
        #expect(push.address.host == "new.example")
        #expect(push.payload.elementName == "oadrCancelPartyRegistration")
        try await counter.vtn.delivered(push, reply: Self.reply(to: push.payload), now: Self.start)
        #expect(await counter.store.rows.vens["ven-1"]?.registration == .cancelled(id))
        #expect(try await counter.vtn.pushesWaiting(now: Self.start + .days(1)).isEmpty)
    }

    @Test func `an address that cannot be, and XMPP, are refused`() async throws {
        let counter = try await Counter()
        for (transport, code) in [
            (Transport.httpPush(address: "http://ven.example"), 454), (.httpPush(address: "None"), 454),
            (.xmpp(address: "ven@domain/client"), 469),
        ] {
            #expect(
                try await counter.code(
                    .createPartyRegistration(CreatePartyRegistration(requestID: "", transport: transport))) == code)
        }
        #expect(await counter.store.rows.vens["ven-1"]?.registration == .provisioned)
    }

    @Test func `a report-only VEN registers, reports and polls, but takes no events`() async throws {
        let counter = try await Counter()
        _ = try await counter.send(
            .createPartyRegistration(CreatePartyRegistration(requestID: "r", isReportOnly: true)))
        #expect(try await counter.code(.registerReport(ReportTests.metadata())) == 200)
        #expect(try await counter.poll().elementName == "oadrRegisterReport")
        #expect(try await counter.code(.requestEvent(RequestEvent(requestID: "q", venID: "ven-1"))) == 459)
        await #expect(throws: OperatorError.takesNoEvents("ven-1")) { try await counter.issue("e") }
    }
}
