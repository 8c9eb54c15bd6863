import Measures
import OpenADR
import Persistence
import Testing
import VirtualTopNode

@Suite struct OptOverviewTests {
    @Test func `planner and settlement see schedules, standings and decisions`() async throws {
        try await withDatabase("optoverview") { pool in
            let store = MariaDBTopNodeStore(pool)
            let level = try #require(ProgrammedSignal(.simpleLevel, values: [1]))
            let terms = try #require(
                EventTerms(marketContext: "http://p.example", start: midsummer, steps: [.hours(1)]))
            let certificates = try (1...3).map {
                try #require(CertificateDigest(bytes: [UInt8](repeating: UInt8($0), count: 32)))
            }
            func schedule(_ ven: VENID, _ id: OptID, from hour: Int64, _ state: OptSchedule.State = .inForce)
                -> OptSchedule
            {
                OptSchedule(
                    venID: ven, optID: id, type: .optOut, reason: .economic,
                    windows: [TimeWindow(start: midsummer + .hours(hour), duration: .hours(2))], createdAt: midsummer,
                    receivedAt: midsummer, state: state)
            }
            let schedules = [
                schedule("A", "now", from: 0), schedule("A", "later", from: 5),
                schedule("B", "gone", from: 0, .cancelled),
                schedule("B", "b", from: -1),
            ]
            let decision = OptDecision(
                eventID: "e", venID: "A", modificationNumber: 2, type: .optIn, source: .createdEvent,
                decidedAt: midsummer, resources: ["hvac"], reason: "why")
            try await store.transaction { rows in
                for (ven, certificate) in zip(["A", "B", "C"] as [VENID], certificates) {
                    try await rows.save(VENRecord(venID: ven, name: "x", certificate: certificate))
                }
                try await rows.save(
                    EventRecord(eventID: "e", terms: terms, createdAt: midsummer, changedAt: midsummer))
                let opted = OptState(type: .optIn, source: .createdEvent, resources: ["hvac": .optOut])
                try await rows.save(EventParticipation(eventID: "e", venID: "A", signals: [level], opt: opted))
                try await rows.save(EventParticipation(eventID: "e", venID: "B", signals: [level]))
                try await rows.save(
                    EventParticipation(
                        eventID: "e", venID: "C", signals: [level], withdrawnModification: 1,
                        opt: OptState(type: .optIn)))
                for schedule in schedules { try await rows.save(schedule) }
                try await rows.append(decision)
            }
            let overview = OptOverview(pool)
            let hour = TimeWindow(start: midsummer, duration: .hours(1))
            #expect(try await overview.schedules(touching: hour).map(\.optID) == ["now", "b"])
            #expect(try await overview.schedules(touching: hour, of: "B").map(\.optID) == ["b"])
            #expect(try await overview.standings(in: "e").map(\.effective) == [.optIn, .optOut, .optOut])
            #expect(try await overview.standings(in: "e").first?.resources == ["hvac": .optOut])
            try await store.transaction {
                try await $0.save(ProgrammeRules(unanswered: .optIn), of: "http://p.example")
            }
            #expect(try await overview.standings(in: "e").map(\.effective) == [.optIn, .optIn, .optOut])
            #expect(try await overview.decisions(in: "e") == [decision])
            #expect(try await overview.standings(in: "nothing").isEmpty)
        }
    }

    @Test func `what is known of VENs that take pushes comes back as it went in`() async throws {
        try await withDatabase("pushes") { pool in
            let store = MariaDBTopNodeStore(pool)
            let certificates = try (1...2).map {
                try #require(CertificateDigest(bytes: [UInt8](repeating: UInt8($0), count: 32)))
            }
            try await store.transaction { rows in
                for (ven, certificate) in zip(["push", "pull"] as [VENID], certificates) {
                    let transport: Transport = ven == "push" ? .httpPush(address: "https://v.example") : .httpPull
                    try await rows.save(
                        VENRecord(
                            venID: ven, name: "x", certificate: certificate, registration: .registered("r"),
                            endpoint: VENEndpoint(transport: transport)))
                    let key = OutboxRow.Key(venID: ven, kind: .registerReport, subject: "")
                    try await rows.save(OutboxRow(key: key, enqueuedAt: midsummer))
                }
                #expect(try await rows.pushState(of: "push") == PushState(venID: "push"))
                #expect(try await rows.pushesWaiting(now: midsummer) == ["push"])
                for state in [
                    PushState(venID: "push", failures: 3, pausedUntil: midsummer + .seconds(8)),
                    PushState(venID: "push", claimedUntil: midsummer + .seconds(8)),
                ] {
                    try await rows.save(state)
                    #expect(try await rows.pushState(of: "push") == state)
                    #expect(try await rows.pushesWaiting(now: midsummer + .seconds(7)).isEmpty)
                    #expect(try await rows.pushesWaiting(now: midsummer + .seconds(8)) == ["push"])
                }
            }
        }
    }
}
