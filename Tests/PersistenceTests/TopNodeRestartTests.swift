import MariaDB
import Measures
import OpenADR
import Persistence
import Synchronization
import Testing
import VirtualTopNode

/// Exchanges on the real store that are cut off between the commit and the answer: a new VTN gives the same answer to the
/// same message, and the rows do not change.
@Suite struct TopNodeRestartTests {
    private static let peer = CertificateDigest(bytes: [UInt8](repeating: 7, count: 32))
        .map { PeerIdentity(certificate: $0) }

    private final class Ids: Sendable {
        private let count = Mutex(0)
        func next() -> String {
            count.withLock {
                $0 += 1
                return "id-\($0)"
            }
        }
    }

    private static func node(_ pool: MariaDBPool, _ ids: Ids) -> TopNode {
        TopNode(
            store: MariaDBTopNodeStore(pool), configuration: TopNodeConfiguration(),
            environment: TopNodeEnvironment { ids.next() })
    }

    /// Every row of every table of the VTN, as text.
    private static func rows(_ pool: MariaDBPool) async throws -> [String] {
        var found: [String] = []
        for row in try await pool.query(
            """
            SELECT CONCAT_WS('|', 'ven', ven_id, registration_state, registration_id, ven_name) AS line FROM vens
            UNION ALL SELECT CONCAT_WS('|', 'part', event_id, sent_modification, send_count, acknowledged_modification,
                opt_type, opt_resources, opt_devices) FROM event_participations
            UNION ALL SELECT CONCAT_WS('|', 'decision', decision_id, opt_type, reason) FROM opt_decisions
            UNION ALL SELECT CONCAT_WS('|', 'opt', opt_id, created_at, state) FROM opts
            UNION ALL SELECT CONCAT_WS('|', 'outbox', kind, subject, send_count) FROM outbox
            UNION ALL SELECT CONCAT_WS('|', 'offer', specifier_id, capacity_seconds) FROM report_offers
            UNION ALL SELECT CONCAT_WS('|', 'request', request_id, state) FROM report_requests
            UNION ALL SELECT CONCAT_WS('|', 'value', r_id, start_time, value, accuracy, confidence) FROM report_values
            UNION ALL SELECT CONCAT_WS('|', 'answer', message, request_id, code, refs, answered_at) FROM handled_requests
            UNION ALL SELECT CONCAT_WS('|', 'reading', start_time, meter_value) FROM meter_data
            ORDER BY 1
            """)
        { found.append(try row.text("line")) }
        return found
    }

    private static func metadata(_ id: RequestID) -> Payload {
        func report(_ specifier: ReportSpecifierID, _ name: ReportName) -> MetadataReport {
            MetadataReport(
                specifierID: specifier, name: name, duration: .days(30),
                descriptions: [
                    ReportDescription(
                        rID: "power", dataSource: Target(resourceIDs: ["hvac", "line"]), reportType: .usage,
                        itemBase: .realPower(scale: .kilo), readingType: .mean, marketContext: "http://p.example",
                        samplingRate: SamplingRate(minPeriod: .minutes(1), maxPeriod: .hours(1)))
                ], createdDateTime: midsummer)
        }
        return .registerReport(
            RegisterReport(
                requestID: id,
                reports: [report("usage", .metadataTelemetryUsage), report("old", .metadataHistoryUsage)],
                venID: "VEN-1"))
    }

    private static func data(_ request: ReportRequestID, _ id: RequestID, _ minutes: [Int64]) -> Payload {
        .updateReport(
            UpdateReport(
                requestID: id,
                reports: [
                    DataReport(
                        requestID: request, specifierID: "usage", name: .telemetryUsage,
                        start: minutes.first.map { midsummer + .minutes($0) },
                        intervals: minutes.map {
                            ReportInterval(
                                start: midsummer + .minutes($0), duration: .minutes(15),
                                payloads: [ReportPayload(rID: "power", confidence: 80, accuracy: 0.5, value: .float(4))]
                            )
                        }, createdDateTime: midsummer + .hours(1))
                ], venID: "VEN-1"))
    }

    private static func opt(_ id: RequestID, event: Bool) -> Payload {
        .createOpt(
            CreateOpt(
                optID: "o", optType: .optOut, reason: .economic, venID: "VEN-1", createdDateTime: midsummer,
                requestID: id,
                scope: event
                    ? .event(QualifiedEventID(eventID: "e"))
                    : .schedule([TimeWindow(start: midsummer, duration: .hours(1))]),
                target: Target(resourceIDs: ["hvac"]), deviceClasses: event ? [.evse] : []))
    }

    @Test func `every exchange that is cut off after its commit goes on where it was`() async throws {
        let peer = try #require(Self.peer)
        try await withDatabase("restart") { pool in
            let ids = Ids()
            try await Self.node(pool, ids).admit(
                "VEN-1", name: "Site", certificate: peer.certificate, pollFrequency: .seconds(10),
                resources: ["hvac", "line"])
            _ = try await AccountStore(pool).establishDistributor(named: "Grid")
            let meter = try await MeterStore(pool).create(.init(name: "m", zone: "UTC", step: .minutes(15)))
            try await ReportMeterStore(pool).connect("power", of: "VEN-1", to: meter)

            /// Sends a message, forgets the answer with the VTN that gave it, and sends it again to two others.
            @Sendable func exchange(_ payload: Payload) async throws -> Payload {
                let service = payload.service ?? .eiRegisterParty
                let first = try await Self.node(pool, ids).handle(payload, at: service, from: peer, now: midsummer)
                #expect(first.response?.code == .success, "\(payload.elementName): \(first)")
                let rows = try await Self.rows(pool)
                for second: Int64 in 1...2 {
                    let again = try await Self.node(pool, ids).handle(
                        payload, at: service, from: peer, now: midsummer + .seconds(second))
                    #expect(again == first, "\(payload.elementName)")
                    #expect(try await Self.rows(pool) == rows, "\(payload.elementName)")
                }
                return first
            }

            let created = try await exchange(.createPartyRegistration(CreatePartyRegistration(requestID: "r-1")))
            guard case .createdPartyRegistration(let registration) = created, let id = registration.registrationID,
                case .registeredReport(let registered) = try await exchange(Self.metadata("r-2")),
                let request = registered.requests.first?.requestID
            else { throw TestFailure("not registered") }
            _ = try await exchange(
                .createdReport(CreatedReport(response: EiResponse(), pending: [request], venID: "VEN-1")))
            let level = try #require(ProgrammedSignal(.simpleLevel, values: [1]))
            let terms = try #require(
                EventTerms(marketContext: "http://p.example", start: midsummer + .hours(2), steps: [.hours(1)]))
            try await Self.node(pool, ids).issue(
                "e", terms: terms, participants: [ParticipantPlan(venID: "VEN-1", signals: [level])], now: midsummer)
            _ = try await exchange(
                .createdEvent(
                    CreatedEvent(
                        eventResponses: [
                            EventResponse(requestID: "d", event: QualifiedEventID(eventID: "e"), optType: .optIn)
                        ], venID: "VEN-1")))
            _ = try await exchange(Self.data(request, "r-3", [0, 15, 45]))
            _ = try await exchange(Self.data(request, "", [60]))
            _ = try await exchange(Self.opt("r-4", event: false))
            _ = try await exchange(Self.opt("r-5", event: true))
            _ = try await exchange(.cancelOpt(CancelOpt(requestID: "r-6", optID: "o", venID: "VEN-1")))
            #expect(try await pool.number("SELECT COUNT(*) FROM meter_data") == 4)

            // The hole at half past is asked for once, whoever looks.
            let late = midsummer + .minutes(110)
            let missing = try await Self.node(pool, ids).requestMissing(of: "VEN-1", now: late)
            #expect(missing.map(\.start) == [midsummer + .minutes(30)])
            #expect(try await Self.node(pool, ids).requestMissing(of: "VEN-1", now: late).isEmpty)
            _ = try await exchange(
                .cancelPartyRegistration(
                    CancelPartyRegistration(requestID: "r-7", registrationID: id, venID: "VEN-1")))
        }
    }

    @Test func `a message that is handed out and lost is handed out again by the next VTN`() async throws {
        let peer = try #require(Self.peer)
        try await withDatabase("lost") { pool in
            let ids = Ids()
            try await Self.node(pool, ids).admit(
                "VEN-1", name: "Site", certificate: peer.certificate, pollFrequency: .seconds(10))
            @Sendable func send(_ payload: Payload, at second: Int64 = 0) async throws -> Payload {
                try await Self.node(pool, ids).handle(
                    payload, at: payload.service ?? .eiRegisterParty, from: peer, now: midsummer + .seconds(second))
            }
            _ = try await send(.createPartyRegistration(CreatePartyRegistration(requestID: "r")))
            _ = try await send(Self.metadata("m"))
            try await Self.node(pool, ids).requestReregistration(of: "VEN-1", now: midsummer)
            try await Self.node(pool, ids).requestReport(
                "usage", of: "VEN-1", granularity: .minutes(1), backDuration: .minutes(5), start: midsummer,
                now: midsummer)
            func names(at second: Int64) async throws -> [String] {
                var names: [String] = []
                for _ in 0..<4 { names.append(try await send(.poll(Poll(venID: "VEN-1")), at: second).elementName) }
                return names
            }
            let first = try await names(at: 0)
            #expect(first == ["oadrRequestReregistration", "oadrRegisterReport", "oadrCreateReport", "oadrResponse"])
            #expect(try await names(at: 4) == Array(repeating: "oadrResponse", count: 4))
            #expect(try await names(at: 5) == first)
        }
    }
}
