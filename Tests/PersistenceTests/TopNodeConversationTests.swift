import DemandResponse
import MariaDB
import Measures
import OpenADR
import Persistence
import Synchronization
import Testing
import VirtualTopNode

/// A whole conversation of one VEN with a top node on MariaDB. Every message is handled by a top node that was made anew,
/// as after a restart.
@Suite struct TopNodeConversationTests {
    private let step = TimeSpan.minutes(15)

    private final class Ids: Sendable {
        private let count = Mutex(0)
        func next() -> String {
            count.withLock {
                $0 += 1
                return "id-\($0)"
            }
        }
    }

    /// A VEN and how to reach the VTN.
    private struct Conversation {
        let pool: MariaDBPool
        let peer: PeerIdentity
        let ven: VENID
        let ids = Ids()

        var node: TopNode {
            TopNode(
                store: MariaDBTopNodeStore(pool), configuration: TopNodeConfiguration(),
                environment: TopNodeEnvironment { [ids] in ids.next() })
        }

        func send(_ payload: Payload, now: Instant) async throws -> Payload {
            let service = payload.service ?? .oadrPoll
            return try await node.handle(payload, at: service, from: peer, now: now)
        }

        func poll(now: Instant) async throws -> Payload {
            try await send(.poll(Poll(venID: ven)), now: now)
        }
    }

    private func digest(_ number: UInt8) throws -> CertificateDigest {
        try #require(CertificateDigest(bytes: [UInt8](repeating: number, count: 32)))
    }

    private func admitted(_ pool: MariaDBPool) async throws -> Conversation {
        let conversation = Conversation(pool: pool, peer: PeerIdentity(certificate: try digest(7)), ven: "VEN-1")
        try await conversation.node.admit(
            "VEN-1", name: "Site 1", certificate: try digest(7), pollFrequency: .seconds(10), resources: ["hvac"])
        return conversation
    }

    private func registered(_ pool: MariaDBPool) async throws -> Conversation {
        let conversation = try await admitted(pool)
        let answer = try await conversation.send(
            .createPartyRegistration(CreatePartyRegistration(requestID: "r1", venName: "Site one")), now: midsummer)
        guard case .createdPartyRegistration(let created) = answer else {
            throw TestFailure("\(answer)")
        }
        #expect(created.venID == "VEN-1" && created.response.code == .success)
        return conversation
    }

    private var metadata: RegisterReport {
        RegisterReport(
            requestID: "r2",
            reports: [
                MetadataReport(
                    specifierID: "usage", name: .metadataTelemetryUsage, duration: .days(1),
                    descriptions: [
                        ReportDescription(
                            rID: "power", reportType: .usage, itemBase: .realPower(scale: .kilo),
                            readingType: .mean,
                            samplingRate: SamplingRate(minPeriod: .minutes(1), maxPeriod: .hours(1)))
                    ], createdDateTime: midsummer)
            ], venID: "VEN-1")
    }

    /// The report request that follows the metadata, wherever the VTN puts it.
    private func reporting(_ conversation: Conversation) async throws -> ReportRequest {
        let answer = try await conversation.send(.registerReport(metadata), now: midsummer)
        guard case .registeredReport(let registered) = answer else { throw TestFailure("\(answer)") }
        #expect(registered.response.code == .success)
        var requests = registered.requests
        if requests.isEmpty, case .createReport(let create) = try await conversation.poll(now: midsummer) {
            requests = create.requests
        }
        let request = try #require(requests.first)
        _ = try await conversation.send(
            .createdReport(
                CreatedReport(
                    response: EiResponse(requestID: "r2"), pending: [request.requestID], venID: "VEN-1")),
            now: midsummer)
        return request
    }

    private func update(
        _ request: ReportRequest, _ kilowatts: [Double], id: RequestID, at createdDateTime: Instant
    ) -> Payload {
        .updateReport(
            UpdateReport(
                requestID: id,
                reports: [
                    DataReport(
                        requestID: request.requestID, specifierID: "usage", name: .telemetryUsage, start: midsummer,
                        intervals: kilowatts.enumerated().map { index, value in
                            ReportInterval(
                                start: midsummer + step * Int64(index), duration: step,
                                payloads: [ReportPayload(rID: "power", value: .float(value))])
                        }, createdDateTime: createdDateTime)
                ], venID: "VEN-1"))
    }

    @Test func `a VEN registers, offers, gets an event, answers, and a repeated request has no second effect`()
        async throws
    {
        try await withDatabase("conversation") { pool in
            let conversation = try await registered(pool)
            let repeated = try await conversation.send(
                .createPartyRegistration(CreatePartyRegistration(requestID: "r1", venName: "Site one")),
                now: midsummer + .seconds(1))
            guard case .createdPartyRegistration(let again) = repeated else { throw TestFailure("\(repeated)") }
            #expect(again.registrationID != nil)
            let registrations = try await pool.query("SELECT registration_id FROM vens")
            #expect(try registrations.map { try $0.text("registration_id") } == [again.registrationID?.rawValue])
            _ = try await reporting(conversation)

            let terms = try #require(
                EventTerms(
                    marketContext: "http://curtail.example/program", start: midsummer + .hours(2),
                    steps: [step, step], notification: .hours(1)))
            let level = try #require(ProgrammedSignal(.simpleLevel, values: [1, 2]))
            let event = try await conversation.node.issue(
                "event-1", terms: terms, participants: [ParticipantPlan(venID: "VEN-1", signals: [level])],
                now: midsummer)
            guard case .distributeEvent(let distributed) = try await conversation.poll(now: midsummer + .seconds(5))
            else { throw TestFailure("no event") }
            #expect(distributed.events.map(\.id) == [event.eventID])
            #expect(distributed.events.first?.signals.first?.intervals.map(\.value) == [1, 2])

            let created = CreatedEvent(
                eventResponses: [
                    EventResponse(
                        requestID: distributed.requestID, event: QualifiedEventID(eventID: "event-1"), optType: .optIn)
                ], venID: "VEN-1")
            for _ in 0..<2 {
                guard
                    case .response(let response) = try await conversation.send(
                        .createdEvent(created), now: midsummer + .seconds(6))
                else { throw TestFailure("no response") }
                #expect(response.response.code == .success)
            }
            let part = try await MariaDBTopNodeStore(pool).transaction {
                try await $0.participation(of: "VEN-1", in: "event-1")
            }
            #expect(part?.opt.type == .optIn && part?.delivery.acknowledgedModification == 0)
            var rest: [String] = []
            for second in 0..<3 {
                rest.append(try await conversation.poll(now: midsummer + .seconds(10 + Int64(second))).elementName)
            }
            #expect(!rest.contains(DistributeEvent.elementName) && rest.last == Response.elementName)
        }
    }

    @Test func `telemetry reaches the meter once, whatever is repeated or corrected`() async throws {
        try await withDatabase("telemetry") { pool in
            let conversation = try await registered(pool)
            _ = try await AccountStore(pool).establishDistributor(named: "Grid")
            let meter = try await MeterStore(pool).create(.init(name: "m", zone: "UTC", step: step))
            try await ReportMeterStore(pool).connect("power", of: "VEN-1", to: meter)
            let request = try await reporting(conversation)
            let window = TimeWindow(start: midsummer, duration: .hours(1))
            let readings = ReadingStore(pool)
            let now = midsummer + .hours(1)

            for id: RequestID in ["u1", "u1", "u2"] {
                let answer = try await conversation.send(update(request, [4, 8, 2], id: id, at: now), now: now)
                guard case .updatedReport(let updated) = answer else { throw TestFailure("\(answer)") }
                #expect(updated.response.code == .success)
            }
            let first = try await readings.storedReadings(of: meter, in: window)
            #expect(first.map(\.reading.energy) == [WattHours(1_000), WattHours(2_000), WattHours(500)])
            #expect(first.allSatisfy { $0.source == .telemetry })

            _ = try await conversation.send(update(request, [4, 6], id: "u3", at: now + .minutes(1)), now: now)
            _ = try await conversation.send(update(request, [9, 9, 9], id: "u4", at: now - .minutes(1)), now: now)
            let corrected = try await readings.readings(of: meter, in: window)
            #expect(corrected.map(\.energy) == [WattHours(1_000), WattHours(1_500), WattHours(500)])
            #expect(try await pool.number("SELECT COUNT(*) FROM report_values") == 3)
        }
    }

    @Test func `values of parts of a metering interval add up once all of them are there`() async throws {
        try await withDatabase("parts") { pool in
            _ = try await admitted(pool)
            _ = try await AccountStore(pool).establishDistributor(named: "Grid")
            let meter = try await MeterStore(pool).create(.init(name: "m", zone: "UTC", step: step))
            try await ReportMeterStore(pool).connect("power", of: "VEN-1", to: meter)
            let store = MariaDBTopNodeStore(pool)
            let readings = ReadingStore(pool)
            let window = TimeWindow(start: midsummer, duration: .hours(1))
            @Sendable func part(_ minute: Int64, _ value: Measurement.Value, _ quality: Measurement.Quality = .ok)
                -> Measurement
            {
                Measurement(
                    venID: "VEN-1", specifierID: "usage", rID: "power", start: midsummer + .minutes(minute),
                    duration: .minutes(5), value: value, quality: quality, reportedAt: midsummer + .hours(1),
                    receivedAt: midsummer + .hours(1))
            }
            try await store.transaction { try await $0.record([part(0, .power(Watts(600))), part(10, .missing)]) }
            let early = try await readings.readings(of: meter, in: window)
            #expect(early.isEmpty)
            try await store.transaction {
                try await $0.record([part(5, .energy(WattHours(70))), part(10, .power(Watts(1_200)), .estimated)])
            }
            let complete = try await readings.storedReadings(of: meter, in: window)
            #expect(complete.map(\.reading.energy) == [WattHours(220)])
            #expect(complete.map(\.reading.duration) == [step])
            #expect(complete.map(\.quality) == [.estimated])
        }
    }

    @Test func `forty polls at once hand out what is there and lose no count`() async throws {
        try await withDatabase("polls", limit: 8) { pool in
            let conversation = try await registered(pool)
            let terms = try #require(
                EventTerms(marketContext: "http://curtail.example/program", start: midsummer + .hours(2), steps: [step])
            )
            let level = try #require(ProgrammedSignal(.simpleLevel, values: [1]))
            try await conversation.node.issue(
                "event-1", terms: terms, participants: [ParticipantPlan(venID: "VEN-1", signals: [level])],
                now: midsummer)
            try await withThrowingDiscardingTaskGroup { group in
                for _ in 0..<40 {
                    group.addTask {
                        _ = try await conversation.send(
                            .requestEvent(RequestEvent(requestID: "", venID: "VEN-1")), now: midsummer)
                    }
                }
            }
            #expect(try await pool.number("SELECT send_count FROM event_participations") == 40)
        }
    }

    @Test func `events are issued and changed while ten VENs poll and answer`() async throws {
        try await withDatabase("busy", limit: 10) { pool in
            let ids = Ids()
            let node = TopNode(
                store: MariaDBTopNodeStore(pool), configuration: TopNodeConfiguration(telemetry: nil),
                environment: TopNodeEnvironment { ids.next() })
            let peers = try (1...10).map { PeerIdentity(certificate: try digest(UInt8($0))) }
            let vens = (1...10).map { VENID("VEN-\($0)") }
            for (ven, peer) in zip(vens, peers) {
                try await node.admit(ven, name: "Site", certificate: peer.certificate, pollFrequency: .seconds(10))
                let register = CreatePartyRegistration(requestID: "r")
                _ = try await node.handle(
                    .createPartyRegistration(register), at: .eiRegisterParty, from: peer, now: midsummer)
            }
            let level = try #require(ProgrammedSignal(.simpleLevel, values: [1]))
            let terms = try #require(
                EventTerms(marketContext: "http://curtail.example/program", start: midsummer + .hours(2), steps: [step])
            )
            let later = try #require(
                EventTerms(marketContext: "http://curtail.example/program", start: midsummer + .hours(3), steps: [step])
            )
            let plans = vens.map { ParticipantPlan(venID: $0, signals: [level]) }
            @Sendable func answer(_ peer: PeerIdentity, _ ven: VENID) async throws {
                let given = try await node.handle(
                    .requestEvent(RequestEvent(requestID: "", venID: ven)), at: .eiEvent, from: peer, now: midsummer)
                guard case .distributeEvent(let list) = given, !list.events.isEmpty else { return }
                let responses = list.events.map {
                    EventResponse(requestID: list.requestID, event: $0.qualifiedID, optType: .optIn)
                }
                _ = try await node.handle(
                    .createdEvent(CreatedEvent(eventResponses: responses, venID: ven)), at: .eiEvent, from: peer,
                    now: midsummer)
            }
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask {
                    for number in 0..<5 {
                        let event = EventID("event-\(number)")
                        try await node.issue(event, terms: terms, participants: plans, now: midsummer)
                        try await node.modify(event, terms: later, now: midsummer)
                    }
                }
                for (ven, peer) in zip(vens, peers) {
                    group.addTask { for _ in 0..<8 { try await answer(peer, ven) } }
                }
            }
            for (ven, peer) in zip(vens, peers) { try await answer(peer, ven) }
            #expect(
                try await pool.number(
                    """
                    SELECT COUNT(*) FROM event_participations WHERE opt_type = 'optIn' AND acknowledged_modification = 1
                    """) == 50)
        }
    }

    @Test func `a stranger is refused and changes nothing`() async throws {
        try await withDatabase("stranger") { pool in
            let conversation = try await admitted(pool)
            let stranger = Conversation(pool: pool, peer: PeerIdentity(certificate: try digest(9)), ven: "VEN-1")
            let answer = try await stranger.send(
                .createPartyRegistration(CreatePartyRegistration(requestID: "r1", venID: "VEN-1")), now: midsummer)
            guard case .createdPartyRegistration(let created) = answer else { throw TestFailure("\(answer)") }
            #expect(created.response.code == .notRegistered)
            let ven = try await MariaDBTopNodeStore(pool).transaction { try await $0.ven("VEN-1") }
            #expect(ven?.registration == .provisioned)
            await #expect(throws: OperatorError.certificateInUse("VEN-1")) {
                try await conversation.node.admit(
                    "VEN-2", name: "Other", certificate: try digest(7), pollFrequency: .seconds(10))
            }
        }
    }
}
