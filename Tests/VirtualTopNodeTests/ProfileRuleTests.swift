import Measures
import OpenADR
import Testing
import TopNodeTesting
import VirtualTopNode

/// Rules of the profile that bind a VTN and are about more than one service.
@Suite struct ProfileRuleTests {
    private static let start = Counter.start

    @Test func `rules 23 and 51: what only a VTN says is refused from a VEN`() async throws {
        let counter = try await Counter.registered()
        let before = await counter.store.rows
        let reversed: [Payload] = [
            .distributeEvent(DistributeEvent(requestID: "d", vtnID: "VTN_1")),
            .requestReregistration(RequestReregistration(venID: "ven-1")),
            .createdPartyRegistration(CreatedPartyRegistration(response: EiResponse(), vtnID: "VTN_1")),
            .createdOpt(CreatedOpt(response: EiResponse(), optID: "o")),
            .canceledOpt(CanceledOpt(response: EiResponse(), optID: "o")),
        ]
        for payload in reversed { #expect(try await counter.code(payload) == 459, "\(payload.elementName)") }
        #expect(await counter.store.rows == before)
    }

    @Test func `rule 70: a venID has one certificate, a certificate one venID, and an eventID one event`() async throws
    {
        let counter = try await Counter()
        await #expect(throws: OperatorError.certificateInUse("ven-2")) {
            try await counter.vtn.admit(
                "ven-1", name: "One", certificate: .numbered(2), pollFrequency: .seconds(10))
        }
        try await counter.issue("e")
        await #expect(throws: OperatorError.eventExists("e")) { try await counter.issue("e") }
        // Case tells ids apart (rule 512).
        try await counter.issue("E")
    }

    @Test func `rules 106 and 510: SIMPLE, a price and a dispatch in one event, aimed at a resource`() async throws {
        let counter = try await Counter.registered()
        let signals = [
            try #require(ProgrammedSignal(.simpleLevel, values: [2])),
            try #require(ProgrammedSignal(.electricityPriceEUR, values: [0.42])),
            try #require(ProgrammedSignal(.loadDispatchSetpoint, values: [5_000])),
        ]
        try await counter.vtn.issue(
            "e", terms: Counter.terms(),
            participants: [ParticipantPlan(venID: "ven-1", signals: signals, resources: ["hvac"])], now: Self.start)
        let event = try #require(try await counter.requestEvent().events.first)
        #expect(event.target == Target(resourceIDs: ["hvac"]))
        #expect(event.signals.map(\.name) == [.simple, .electricityPrice, .loadDispatch])
        #expect(event.signals.map(\.type) == [.level, .price, .setpoint])
        #expect(
            event.signals.map(\.itemBase) == [nil, .currency(.perKilowattHour, code: .eur), .realPower()])
        #expect(Set(event.signals.map(\.signalID)).count == 3)
    }

    @Test func `rule 205: a schedule for one programme leaves the others alone`() async throws {
        let counter = try await Counter.registered()
        func create(_ id: OptID, _ context: MarketContext?, created: TimeSpan = .zero) -> Payload {
            .createOpt(
                CreateOpt(
                    optID: id, optType: .optOut, reason: .economic, venID: "ven-1",
                    createdDateTime: Self.start + created, requestID: "",
                    scope: .schedule([TimeWindow(start: Self.start, duration: .hours(1))], marketContext: context)))
        }
        func states() async -> [String: OptSchedule.State] {
            Dictionary(
                uniqueKeysWithValues: await counter.store.rows.schedules.values.map { ($0.optID.rawValue, $0.state) })
        }
        #expect(try await counter.code(create("a", "http://a.example")) == 200)
        #expect(try await counter.code(create("b", "http://b.example")) == 200)
        #expect(await states() == ["a": .inForce, "b": .inForce])
        #expect(try await counter.code(create("a2", "http://a.example", created: .minutes(1))) == 200)
        #expect(await states() == ["a": .superseded, "b": .inForce, "a2": .inForce])
        #expect(try await counter.code(create("all", nil, created: .minutes(2))) == 200)
        #expect(await states() == ["a": .superseded, "b": .superseded, "a2": .superseded, "all": .inForce])
    }

    @Test func `rule 204: an optID may stand for several schedules, and a cancellation withdraws all of them`()
        async throws
    {
        let counter = try await Counter.registered()
        for (index, context) in ["http://a.example", "http://b.example"].enumerated() {
            let opt = CreateOpt(
                optID: "same", optType: .optOut, reason: .economic, venID: "ven-1",
                createdDateTime: Self.start + .minutes(Int64(index)), requestID: "",
                scope: .schedule(
                    [TimeWindow(start: Self.start, duration: .hours(1))], marketContext: MarketContext(context)))
            #expect(try await counter.code(.createOpt(opt)) == 200)
        }
        #expect(await counter.store.rows.schedules.count == 2)
        #expect(try await counter.code(.cancelOpt(CancelOpt(requestID: "", optID: "same", venID: "ven-1"))) == 200)
        #expect(await counter.store.rows.schedules.values.map(\.state) == [.cancelled, .cancelled])
    }

    @Test func `rules 322 and 344: every request has an id of its own, and one rides in the answer to metadata`()
        async throws
    {
        let counter = try await Counter.registered()
        let answer = try await counter.send(.registerReport(ReportTests.metadata()))
        guard case .registeredReport(let message) = answer else { throw Unexpected(answer: answer) }
        var ids = message.requests.map(\.requestID)
        #expect(ids.count == 1)
        for _ in 0..<3 {
            ids.append(
                try await counter.vtn.requestReport(
                    "usage", of: "ven-1", granularity: .minutes(1), backDuration: .minutes(5), start: Self.start,
                    now: Self.start))
        }
        #expect(Set(ids).count == 4)
        let created = CreatedReport(response: EiResponse(), pending: [ids[0]], venID: "ven-1")
        #expect(try await counter.code(.createdReport(created)) == 200)
    }

    @Test func `rules 331 and 343: METADATA_ is no part of the name, and no source is the whole VEN`() async throws {
        let counter = try await Counter.registered()
        let plain = ReportDescription(rID: "all", reportType: .usage, itemBase: .realPower(), readingType: .directRead)
        let report = MetadataReport(
            specifierID: "s", name: .metadataTelemetryUsage, duration: .hours(1), descriptions: [plain],
            createdDateTime: Self.start)
        _ = try await counter.send(.registerReport(RegisterReport(requestID: "m", reports: [report], venID: "ven-1")))
        let offer = try #require(await counter.store.rows.offers.values.first)
        #expect(offer.name == .telemetryUsage)
        #expect(offer.dataPoints.map(\.resource) == [nil])
    }

    @Test func `rule 301: a VEN without reports registers its emptiness and is asked for nothing`() async throws {
        let counter = try await Counter.registered()
        let answer = try await counter.send(.registerReport(RegisterReport(requestID: "m", venID: "ven-1")))
        guard case .registeredReport(let message) = answer else { throw Unexpected(answer: answer) }
        #expect(message.response.code == .success)
        #expect(message.requests.isEmpty)
    }

    @Test func `rules 500 and 501: a poll brings one message at a time, in a fixed order, and then oadrResponse`()
        async throws
    {
        let counter = try await Counter.registered()
        _ = try await counter.send(.registerReport(ReportTests.metadata()))
        try await counter.issue("e")
        let request = try await counter.vtn.requestReport(
            "usage", of: "ven-1", granularity: .minutes(1), backDuration: .minutes(5), start: Self.start,
            now: Self.start)
        try await counter.vtn.requestReregistration(of: "ven-1", now: Self.start)
        var names: [String] = []
        for _ in 0..<5 { names.append(try await counter.poll().elementName) }
        #expect(
            names == [
                "oadrRequestReregistration", "oadrDistributeEvent", "oadrCreateReport", "oadrResponse", "oadrResponse",
            ])
        #expect(!request.isEmpty)
    }
}
