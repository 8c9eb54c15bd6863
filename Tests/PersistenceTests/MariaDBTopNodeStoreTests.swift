import MariaDB
import Measures
import OpenADR
import Persistence
import Testing
import VirtualTopNode

/// Every record comes back as it went in.
@Suite struct MariaDBTopNodeStoreTests {
    private func ven(_ id: VENID, _ certificate: UInt8) throws -> VENRecord {
        VENRecord(
            venID: id, name: "Site",
            certificate: try #require(CertificateDigest(bytes: [UInt8](repeating: certificate, count: 32))))
    }

    @Test func `VENs in every state`() async throws {
        try await withDatabase("vens") { pool in
            let store = MariaDBTopNodeStore(pool)
            var records: [VENRecord] = []
            let states: [RegistrationState] = [
                .provisioned, .registered("r"), .reregistering("r"), .cancelling("r"), .cancelled("r"),
            ]
            let transports: [Transport?] = [
                nil, .httpPull, .httpPush(address: "https://ven.example"), .xmpp(address: "v@d/c"), .httpPull,
            ]
            for (index, state) in states.enumerated() {
                var record = try ven(VENID("VEN-\(index)"), UInt8(index))
                record.registration = state
                record.endpoint = transports[index].map {
                    VENEndpoint(transport: $0, isReportOnly: index == 2, usesXMLSignature: true, venName: "Größe €")
                }
                record.resources = index == 1 ? ["a", "b\"'"] : []
                records.append(record)
            }
            let saved = records
            for _ in 0..<2 {
                try await store.transaction { for record in saved { try await $0.save(record) } }
            }
            try await store.transaction { transaction in
                let all = try await transaction.vens()
                #expect(all == saved)
                #expect(try await transaction.ven("VEN-1") == saved[1])
                #expect(try await transaction.ven(certificate: saved[3].certificate) == saved[3])
                #expect(try await transaction.ven("ven-1") == nil)
            }
        }
    }

    @Test func `another VEN's certificate is refused and takes nothing over`() async throws {
        try await withDatabase("certificates") { pool in
            let store = MariaDBTopNodeStore(pool)
            let first = try ven("VEN-1", 1)
            let thief = try ven("VEN-2", 1)
            try await store.transaction { try await $0.save(first) }
            await #expect {
                try await store.transaction { try await $0.save(thief) }
            } throws: { ($0 as? MariaDBError)?.isDuplicateKey == true }
            let all = try await store.transaction { try await $0.vens() }
            #expect(all == [first])
        }
    }

    @Test func `only where telemetry runs and history is offered there is something to look for`() async throws {
        try await withDatabase("history") { pool in
            typealias State = ReportRequestRecord.State
            let cases: [(offers: [ReportName], state: State, granularity: TimeSpan, back: TimeSpan)] = [
                ([.telemetryUsage, .historyUsage], .accepted, .minutes(1), .minutes(5)),
                ([.telemetryUsage, .historyUsage], .requested, .minutes(1), .minutes(5)),
                ([.telemetryUsage], .accepted, .minutes(1), .minutes(5)),
                ([.telemetryUsage, .historyUsage], .ended, .minutes(1), .minutes(5)),
                ([.telemetryUsage, .historyUsage], .accepted, .zero, .minutes(5)),
                ([.telemetryUsage, .historyUsage], .accepted, .minutes(1), .zero),
            ]
            let vens = try cases.indices.map { try ven(VENID("VEN-\($0)"), UInt8($0)) }
            try await MariaDBTopNodeStore(pool).transaction { rows in
                for (index, (ven, terms)) in zip(vens, cases).enumerated() {
                    try await rows.save(ven)
                    let offers = terms.offers.map { name in
                        ReportOffer(
                            venID: ven.venID, specifierID: ReportSpecifierID(name.rawValue), name: name,
                            capacity: .zero, dataPoints: [])
                    }
                    try await rows.replaceOffers(of: ven.venID, with: offers)
                    for number in 0..<2 {
                        try await rows.save(
                            ReportRequestRecord(
                                venID: ven.venID, requestID: ReportRequestID("r-\(index)-\(number)"),
                                specifierID: "TELEMETRY_USAGE", dataPoints: ["a"], granularity: terms.granularity,
                                backDuration: terms.back, start: midsummer, state: terms.state, createdAt: midsummer))
                    }
                }
            }
            #expect(try await TopNodeOverview(pool).vensWithHistory() == ["VEN-0", "VEN-1"])
        }
    }

    @Test func `events, parts, opts and the outbox`() async throws {
        try await withDatabase("events") { pool in
            let store = MariaDBTopNodeStore(pool)
            let owner = try ven("VEN-1", 1)
            let terms = try #require(
                EventTerms(
                    marketContext: "http://p.example", start: midsummer, steps: [.minutes(5), .minutes(10)],
                    startAfter: .minutes(1), notification: .hours(1), rampUp: .minutes(-2), recovery: .minutes(3),
                    priority: 2, responseRequired: .never, isTest: true, comment: "a 'comment'"))
            let openEnded = try #require(
                EventTerms(marketContext: "http://p.example", start: midsummer, steps: [.zero]))
            let event = EventRecord(
                eventID: "e1", modificationNumber: 3, terms: terms, cancelledAt: midsummer + .minutes(1),
                createdAt: midsummer - .hours(1), changedAt: midsummer, changeReason: "a \"reason\"")
            let other = EventRecord(
                eventID: "E1", terms: openEnded, createdAt: midsummer, changedAt: midsummer)
            let stored = try #require(SignalKind(word: "CHARGE_STATE/delta/VArh"))
            let part = EventParticipation(
                eventID: "e1", venID: "VEN-1",
                signals: [
                    try #require(ProgrammedSignal(.loadDispatchDelta, values: [-1_000.5, 0.1])),
                    try #require(ProgrammedSignal(.simpleLevel, values: [1, 0])),
                    try #require(ProgrammedSignal(stored, values: [-1, 2.5], deviceClasses: [.storage])),
                ], resources: ["hvac"],
                targets: [
                    try #require(EventTarget(kind: "serviceArea", value: "1.5 2 3 4 5 6")), .group("g"),
                    .transportInterface(receipt: "a", delivery: "b"),
                ],
                baseline: ProgrammedBaseline(
                    id: "b", name: "forecast", start: midsummer, steps: [.minutes(15)], values: [1_234.5],
                    resources: ["hvac"]), withdrawnModification: 2,
                delivery: EventDelivery(sentModification: 1, sendCount: 4, acknowledgedModification: 1),
                opt: OptState(
                    type: .optOut, source: .createOpt, decidedAt: midsummer, errorCode: .signalNotSupported,
                    resources: ["hvac": .optIn],
                    devices: [DeviceOpt(deviceClasses: [.evse, .storage], resources: ["hvac"], type: .optOut)]))
            let otherPart = EventParticipation(eventID: "E1", venID: "VEN-1", signals: [])
            let schedule = OptSchedule(
                venID: "VEN-1", optID: "o", type: .optOut, reason: .schedule, marketContext: "http://p.example",
                resources: ["hvac"], deviceClasses: [.thermostat],
                windows: [
                    TimeWindow(start: midsummer, duration: .hours(1)), TimeWindow(start: midsummer, duration: .zero),
                ], createdAt: midsummer, receivedAt: midsummer, state: .superseded)
            let rows: [OutboxRow] = [
                OutboxRow(
                    key: .init(venID: "VEN-1", kind: .requestReregistration, subject: ""), enqueuedAt: midsummer),
                OutboxRow(
                    key: .init(venID: "VEN-1", kind: .distributeEvent, subject: "e1"), modification: 3,
                    enqueuedAt: midsummer - .hours(1), sendCount: 2, lastSentAt: midsummer),
                OutboxRow(key: .init(venID: "VEN-1", kind: .createReport, subject: "b"), enqueuedAt: midsummer),
                OutboxRow(
                    key: .init(venID: "VEN-1", kind: .createReport, subject: "a"), enqueuedAt: midsummer + .seconds(1)),
            ]
            for _ in 0..<2 {
                try await store.transaction { transaction in
                    try await transaction.save(owner)
                    try await transaction.save(event)
                    try await transaction.save(other)
                    try await transaction.save(part)
                    try await transaction.save(otherPart)
                    try await transaction.save(schedule)
                    for row in rows.reversed() { try await transaction.save(row) }
                }
            }
            try await store.transaction { transaction in
                #expect(try await transaction.event("e1") == event)
                #expect(try await transaction.event("E1") == other)
                #expect(try await transaction.participation(of: "VEN-1", in: "e1") == part)
                #expect(try await transaction.participations(in: "E1") == [otherPart])
                let live = try await transaction.participations(of: "VEN-1", endingAfter: midsummer + .minutes(15))
                #expect(Set(live.map(\.event)) == [event, other])
                let later = try await transaction.participations(of: "VEN-1", endingAfter: midsummer + .minutes(16))
                #expect(later.map(\.event) == [other] && later.map(\.participation) == [otherPart])
                #expect(try await transaction.optSchedules(of: "VEN-1") == [schedule])
                #expect(try await transaction.outbox(of: "VEN-1") == rows)
                try await transaction.remove(rows[1].key)
                try await transaction.append(
                    OptDecision(
                        eventID: "e1", venID: "VEN-1", modificationNumber: 3, type: .optOut, source: .createOpt,
                        decidedAt: midsummer, resources: ["hvac"], reason: "economic"))
                try await transaction.removeOptSchedules(of: "VEN-1")
            }
            try await store.transaction { transaction in
                #expect(try await transaction.outbox(of: "VEN-1") == [rows[0], rows[2], rows[3]])
                #expect(try await transaction.optSchedules(of: "VEN-1").isEmpty)
                try await transaction.removeOutbox(of: "VEN-1")
                #expect(try await transaction.outbox(of: "VEN-1").isEmpty)
            }
            #expect(try await pool.number("SELECT COUNT(*) FROM opt_decisions") == 1)
        }
    }

    /// More than two of the groups in which they are asked for, and than one in which they are written.
    @Test func `many VENs, parts and rows at once`() async throws {
        try await withDatabase("many") { pool in
            let store = MariaDBTopNodeStore(pool)
            let ids = (0..<150).map { VENID("VEN-\($0)") }
            let records = try ids.enumerated().map { try ven($1, UInt8($0)) }
            let terms = try #require(
                EventTerms(marketContext: "http://p.example", start: midsummer, steps: [.hours(1)]))
            let event = EventRecord(eventID: "e", terms: terms, createdAt: midsummer, changedAt: midsummer)
            let parts = (0..<1_100).map { number in
                EventParticipation(
                    eventID: "e", venID: ids[number % ids.count], signals: [],
                    withdrawnModification: number < 1_050 ? nil : 7)
            }
            let rows = ids.map { id in
                OutboxRow(key: .init(venID: id, kind: .distributeEvent, subject: "e"), enqueuedAt: midsummer)
            }
            try await store.transaction { transaction in
                for record in records { try await transaction.save(record) }
                try await transaction.save(event)
                try await transaction.save(parts)
                try await transaction.save(rows)
                try await transaction.save([OutboxRow]())
            }
            try await store.transaction { transaction in
                let found = try await transaction.vens(Set(ids + ["nobody", "ven-1"]))
                #expect(found == Dictionary(uniqueKeysWithValues: zip(ids, records)))
                #expect(try await transaction.vens([]).isEmpty)
                let saved = try await transaction.participations(in: "e")
                #expect(Set(saved.map(\.venID)) == Set(ids))
                // The last word of each counts: 0 to 49 were saved once more, as withdrawn.
                #expect(saved.filter { $0.withdrawnModification == 7 }.count == 50)
                for (id, row) in zip(ids, rows) { #expect(try await transaction.outbox(of: id) == [row]) }
            }
        }
    }

    @Test func `the rules of programmes, and those that count without any`() async throws {
        try await withDatabase("programmes") { pool in
            let store = MariaDBTopNodeStore(pool)
            let strict = ProgrammeRules(unanswered: .optIn, duringOptOut: .refuse, overlap: .refuse)
            try await store.transaction { transaction in
                #expect(try await transaction.rules(of: "http://p.example") == ProgrammeRules())
                try await transaction.save(ProgrammeRules(overlap: .refuse), of: "http://p.example")
                try await transaction.save(strict, of: "http://p.example")
                #expect(try await transaction.rules(of: "http://p.example") == strict)
                #expect(try await transaction.rules(of: "http://P.example") == ProgrammeRules())
            }
        }
    }

    @Test func `reports, measurements and answers`() async throws {
        try await withDatabase("reports") { pool in
            let store = MariaDBTopNodeStore(pool)
            let owner = try ven("VEN-1", 1)
            func point(_ id: RID, _ unit: MeasurementUnit) -> OfferedDataPoint {
                OfferedDataPoint(
                    rID: id, reportType: .usage, readingType: .directRead, unit: unit, resource: "hvac",
                    minPeriod: .minutes(1), maxPeriod: nil, onChange: true)
            }
            let offers = [
                ReportOffer(
                    venID: "VEN-1", specifierID: "s", name: .telemetryUsage, capacity: .days(1),
                    dataPoints: [
                        point("z", .watts(scale: 1_000)), point("a", .wattHours(scale: 0.1)), point("b", .other),
                    ])
            ]
            let request = ReportRequestRecord(
                venID: "VEN-1", requestID: "q", specifierID: "s", dataPoints: ["z", "a"], granularity: .minutes(1),
                backDuration: .minutes(5), start: midsummer, state: .accepted, createdAt: midsummer)
            let answer = StoredAnswer(
                key: .init(certificate: owner.certificate, message: "oadrRegisterReport", requestID: "q"),
                contentDigest: .max - 1, code: .invalidData, explanation: "why", references: ["1", "2"],
                answeredAt: midsummer)
            @Sendable func measurement(_ value: Measurement.Value, at reportedAt: Instant) -> Measurement {
                Measurement(
                    venID: "VEN-1", specifierID: "s", rID: "z", start: midsummer, duration: .minutes(1), value: value,
                    quality: .ok, reportedAt: reportedAt, receivedAt: midsummer)
            }
            try await store.transaction { transaction in
                try await transaction.save(owner)
                try await transaction.replaceOffers(of: "VEN-1", with: offers)
                try await transaction.replaceOffers(of: "VEN-1", with: offers)
                try await transaction.save(request)
                try await transaction.save(answer)
                try await transaction.record([])
                try await transaction.record([measurement(.power(Watts(5)), at: midsummer)])
                try await transaction.record([
                    measurement(.status(isOnline: true, isManuallyOverridden: false), at: midsummer - .minutes(1))
                ])
                #expect(try await transaction.offers(of: "VEN-1") == offers)
                #expect(try await transaction.reportRequests(of: "VEN-1") == [request])
                #expect(try await transaction.answer(answer.key) == answer)
            }
            #expect(try await pool.number("SELECT COUNT(*) FROM report_values WHERE kind = 'power'") == 1)
            try await store.transaction { transaction in
                try await transaction.record([measurement(.missing, at: midsummer + .minutes(1))])
                try await transaction.replaceOffers(of: "VEN-1", with: [])
                try await transaction.removeAnswers(of: owner.certificate)
                #expect(try await transaction.offers(of: "VEN-1").isEmpty)
                #expect(try await transaction.answer(answer.key) == nil)
            }
            #expect(try await pool.number("SELECT COUNT(*) FROM report_values WHERE kind = 'missing'") == 1)
        }
    }

    @Test func `what a body throws undoes its writes`() async throws {
        try await withDatabase("undo") { pool in
            let store = MariaDBTopNodeStore(pool)
            let owner = try ven("VEN-1", 1)
            await #expect(throws: TestFailure.self) {
                try await store.transaction { transaction in
                    try await transaction.save(owner)
                    throw TestFailure("on purpose")
                }
            }
            let all = try await store.transaction { try await $0.vens() }
            #expect(all.isEmpty)
        }
    }

    @Test func `changes of one participation by overlapping transactions are never lost`() async throws {
        try await withDatabase("overlap") { pool in
            let store = MariaDBTopNodeStore(pool)
            let owner = try ven("VEN-1", 1)
            try await storeEvent("event-1", on: pool)
            try await store.transaction {
                try await $0.save(owner)
                try await $0.save(EventParticipation(eventID: "event-1", venID: "VEN-1", signals: []))
            }
            // Neither the VEN nor the event is read: only the write itself can find the other writer.
            try await withThrowingDiscardingTaskGroup { group in
                for _ in 0..<6 {
                    group.addTask {
                        for _ in 0..<10 {
                            try await store.transaction { transaction in
                                let part = try await transaction.participation(of: "VEN-1", in: "event-1")
                                var delivery = part?.delivery ?? EventDelivery()
                                delivery.sendCount += 1
                                try await transaction.save(
                                    EventParticipation(
                                        eventID: "event-1", venID: "VEN-1", signals: [], delivery: delivery))
                            }
                        }
                    }
                }
            }
            #expect(try await pool.number("SELECT send_count FROM event_participations") == 60)
        }
    }
}
