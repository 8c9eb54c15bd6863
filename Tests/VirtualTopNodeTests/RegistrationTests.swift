import Measures
import OpenADR
import Testing
import TopNodeTesting
import VirtualTopNode

@Suite struct RegistrationTests {
    private static let poll = Payload.poll(Poll(venID: "ven-1"))

    @Test func `rule 404: a query gives no ids before registration, and the ids after it`() async throws {
        let counter = try await Counter()
        let query = Payload.queryRegistration(QueryRegistration(requestID: "q"))
        guard case .createdPartyRegistration(let before) = try await counter.send(query) else {
            throw Unexpected(answer: query)
        }
        #expect(before.response.code == .success)
        #expect(before.registrationID == nil && before.venID == nil)
        let created = try await counter.register()
        guard case .createdPartyRegistration(let after) = try await counter.send(query) else {
            throw Unexpected(answer: query)
        }
        #expect(after.registrationID == created.registrationID)
        #expect(after.venID == "ven-1")
    }

    @Test func `rule 403: a registration gives ids, vtnID, profiles and the poll frequency`() async throws {
        let created = try await Counter().register()
        #expect(created.registrationID?.isEmpty == false)
        #expect(created.venID == "ven-1")
        #expect(created.vtnID == "VTN_1")
        #expect(created.profiles.map(\.name) == [.twoPointZeroB])
        #expect(created.pollFrequency == .seconds(10))
    }

    @Test func `rule 402: registering again keeps the id; a wrong one is 452`() async throws {
        let counter = try await Counter.registered()
        let id = try #require(await counter.store.rows.vens["ven-1"]?.registration.registrationID)
        let again = CreatePartyRegistration(requestID: "again", registrationID: id, venID: "ven-1")
        let answer = try await counter.send(.createPartyRegistration(again))
        guard case .createdPartyRegistration(let message) = answer else { throw Unexpected(answer: answer) }
        #expect(message.registrationID == id)
        let wrong = CreatePartyRegistration(requestID: "wrong", registrationID: "other", venID: "ven-1")
        #expect(try await counter.code(.createPartyRegistration(wrong)) == 452)
        let foreign = CreatePartyRegistration(requestID: "foreign", venID: "ven-2")
        #expect(try await counter.code(.createPartyRegistration(foreign)) == 452)
    }

    @Test func `rule 406: a new registration wipes reports and opts and starts over`() async throws {
        let counter = try await Counter.registered()
        let first = await counter.store.rows.vens["ven-1"]?.registration
        _ = try await counter.send(.registerReport(ReportTests.metadata()))
        #expect(await counter.store.rows.offers.count == 1)
        try await counter.register("r-2")
        let rows = await counter.store.rows
        #expect(rows.vens["ven-1"]?.registration != first)
        #expect(rows.offers.isEmpty)
        #expect(rows.requests.values.allSatisfy { $0.state == .ended })
        #expect(rows.outbox.keys.map(\.kind) == [.registerReport])
    }

    @Test func `the same create twice is one registration; other content under its requestID is 454`() async throws {
        let counter = try await Counter()
        let first = try await counter.register("same")
        let rows = await counter.store.rows
        #expect(try await counter.register("same") == first)
        #expect(await counter.store.rows == rows)
        let other = CreatePartyRegistration(requestID: "same", venName: "another")
        #expect(try await counter.code(.createPartyRegistration(other)) == 454)
        #expect(try await counter.register("") != first)
    }

    @Test func `rule 407: a VEN that cancels is forgotten, may say so twice, and may come back`() async throws {
        let counter = try await Counter.registered()
        let id = try #require(await counter.store.rows.vens["ven-1"]?.registration.registrationID)
        let cancel = Payload.cancelPartyRegistration(
            CancelPartyRegistration(requestID: "", registrationID: id, venID: "ven-1"))
        let wrong = Payload.cancelPartyRegistration(
            CancelPartyRegistration(requestID: "", registrationID: "x", venID: "ven-1"))
        #expect(try await counter.code(wrong) == 452)
        #expect(try await counter.code(cancel) == 200)
        #expect(try await counter.code(cancel) == 200)
        #expect(try await counter.code(Self.poll) == 463)
        #expect(try await counter.register("back").registrationID != id)
        #expect(try await counter.code(Self.poll) == nil)
    }

    @Test func `rule 401: the VTN cancels through the queue, and takes the confirmation`() async throws {
        let counter = try await Counter.registered()
        try await counter.issue("e")
        try await counter.vtn.cancelRegistration(of: "ven-1", now: Counter.start)
        let events = Payload.requestEvent(RequestEvent(requestID: "q", venID: "ven-1"))
        #expect(try await counter.code(events) == 463)
        guard case .cancelPartyRegistration(let cancel) = try await counter.poll() else {
            Issue.record("no cancellation")
            return
        }
        // Asked again at once it waits for the reply; later it says so again.
        #expect(try await counter.poll().elementName == "oadrResponse")
        #expect(try await counter.poll(now: Counter.start + .minutes(1)).elementName == "oadrCancelPartyRegistration")
        let confirmation = Payload.canceledPartyRegistration(
            CanceledPartyRegistration(
                response: EiResponse(requestID: cancel.requestID), registrationID: cancel.registrationID,
                venID: "ven-1"))
        #expect(try await counter.code(confirmation) == 200)
        #expect(try await counter.code(confirmation) == 200)
        #expect(try await counter.code(Self.poll) == 463)
        #expect(await counter.store.rows.outbox.isEmpty)
    }

    @Test func `rule 405: a wish to register again keeps everything`() async throws {
        let counter = try await Counter.registered()
        _ = try await counter.send(.registerReport(ReportTests.metadata()))
        try await counter.vtn.requestReregistration(of: "ven-1", now: Counter.start)
        #expect(try await counter.poll().elementName == "oadrRequestReregistration")
        #expect(try await counter.code(.response(Response(response: EiResponse(), venID: "ven-1"))) == 200)
        let id = try #require(await counter.store.rows.vens["ven-1"]?.registration.registrationID)
        let again = CreatePartyRegistration(requestID: "again", registrationID: id, venID: "ven-1")
        #expect(try await counter.code(.createPartyRegistration(again)) == 200)
        let rows = await counter.store.rows
        #expect(rows.vens["ven-1"]?.registration == .registered(id))
        #expect(rows.outbox.isEmpty)
        #expect(rows.requests.values.map(\.state) == [.requested])
    }

    @Test func `a certificate belongs to one VEN`() async throws {
        let counter = try await Counter()
        await #expect(throws: OperatorError.certificateInUse("ven-1")) {
            try await counter.vtn.admit(
                "ven-3", name: "Three", certificate: .numbered(1), pollFrequency: .seconds(10))
        }
    }
}
