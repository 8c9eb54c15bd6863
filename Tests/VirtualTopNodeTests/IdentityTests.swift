import Measures
import OpenADR
import Testing
import TopNodeTesting
import VirtualTopNode

/// Who may say what: rules 33, 463 and 452 of every message that a VEN can send.
@Suite struct IdentityTests {
    /// Every message of a VEN, under a venID.
    static func messages(_ ven: VENID) -> [Payload] {
        let ok = EiResponse()
        let now = Counter.start
        return [
            .requestEvent(RequestEvent(requestID: "q", venID: ven)),
            .createdEvent(CreatedEvent(eventResponses: [], venID: ven)),
            .registerReport(RegisterReport(requestID: "q", venID: ven)),
            .registeredReport(RegisteredReport(response: ok, venID: ven)),
            .createReport(CreateReport(requestID: "q", requests: [], venID: ven)),
            .createdReport(CreatedReport(response: ok, venID: ven)),
            .updateReport(UpdateReport(requestID: "q", reports: [], venID: ven)),
            .updatedReport(UpdatedReport(response: ok, venID: ven)),
            .cancelReport(CancelReport(requestID: "q", reportRequestIDs: ["x"], venID: ven)),
            .canceledReport(CanceledReport(response: ok, venID: ven)),
            .createOpt(
                CreateOpt(
                    optID: "o", optType: .optOut, reason: .economic, venID: ven, createdDateTime: now,
                    requestID: "q", scope: .schedule([TimeWindow(start: now, duration: .hours(1))]))),
            .cancelOpt(CancelOpt(requestID: "q", optID: "o", venID: ven)),
            .poll(Poll(venID: ven)),
            .response(Response(response: ok, venID: ven)),
        ]
    }

    static let answers = [
        "oadrDistributeEvent", "oadrResponse", "oadrRegisteredReport", "oadrResponse", "oadrCreatedReport",
        "oadrResponse", "oadrUpdatedReport", "oadrResponse", "oadrCanceledReport", "oadrResponse", "oadrCreatedOpt",
        "oadrCanceledOpt", "oadrResponse", "oadrResponse",
    ]

    @Test func `rule 517: an unknown certificate gets 463 in the natural response, whatever it claims`() async throws {
        let counter = try await Counter.registered()
        let before = await counter.store.rows
        for (message, name) in zip(Self.messages("ven-1"), Self.answers) {
            let answer = try await counter.send(message, from: .numbered(9))
            #expect(answer.elementName == name)
            #expect(answer.response?.code == .notRegistered, "\(name)")
        }
        for message in [
            Payload.queryRegistration(QueryRegistration(requestID: "q")),
            .createPartyRegistration(CreatePartyRegistration(requestID: "q")),
        ] {
            let answer = try await counter.send(message, from: .numbered(9))
            #expect(answer.elementName == "oadrCreatedPartyRegistration")
            #expect(answer.response?.code == .notRegistered)
        }
        #expect(await counter.store.rows == before)
    }

    @Test func `rule 517: an admitted VEN that is not registered gets 463`() async throws {
        let counter = try await Counter()
        for message in Self.messages("ven-1") {
            #expect(try await counter.code(message) == 463, "\(message.elementName)")
        }
    }

    @Test(arguments: ["ven-2", "ven-9", "VEN-1"])
    func `rules 400 and 512: another venID gets 452, foreign or unknown alike`(claimed: VENID) async throws {
        let counter = try await Counter.registered()
        let before = await counter.store.rows
        for message in Self.messages(claimed) {
            let answer = try await counter.send(message)
            #expect(answer.response?.code == .invalidID, "\(message.elementName)")
            #expect(answer.response?.description == "venID is not known")
        }
        #expect(await counter.store.rows == before)
    }

    @Test func `rule 46: without a venID the certificate says who it is`() async throws {
        let counter = try await Counter.registered()
        #expect(try await counter.code(.updateReport(UpdateReport(requestID: "q", reports: []))) == 200)
        #expect(try await counter.code(.poll(Poll(venID: ""))) == 200)
    }

    @Test func `rule 33: a message at the wrong service, or from the wrong side, gets 459`() async throws {
        let counter = try await Counter.registered()
        let poll = try await counter.send(.poll(Poll(venID: "ven-1")), at: .eiEvent)
        #expect(poll.elementName == "oadrResponse")
        #expect(poll.response?.code == .complianceError)
        let pushed = try await counter.send(
            .distributeEvent(DistributeEvent(requestID: "d", vtnID: "VTN_1")), at: .eiEvent)
        #expect(pushed.response?.code == .complianceError)
    }

    @Test func `rules 207 and 303: the requestID is echoed`() async throws {
        let counter = try await Counter.registered()
        for message in Self.messages("ven-1") {
            guard let id = message.requestID, message.service != .oadrPoll else { continue }
            #expect(try await counter.send(message).response?.requestID == id, "\(message.elementName)")
        }
    }
}
