import Measures
import OpenADR
import Testing
import TopNodeTesting
import VirtualTopNode

/// What a programme decides where the standard leaves it open, and what operators' calls keep to.
@Suite struct ProgrammeTests {
    private static let start = Counter.start
    private static let programme: MarketContext = "http://programme.example"

    private static func schedule(
        _ type: OptType = .optOut, context: MarketContext? = nil, resources: [ResourceID] = [],
        devices: [DeviceClass] = [], hours: Int64 = 4, created: Instant = start
    ) -> Payload {
        .createOpt(
            CreateOpt(
                optID: OptID("o-\(created.secondsSinceEpoch)"), optType: type, reason: .notParticipating,
                venID: "ven-1",
                createdDateTime: created, requestID: "",
                scope: .schedule([TimeWindow(start: start, duration: .hours(hours))], marketContext: context),
                target: Target(resourceIDs: resources), deviceClasses: devices))
    }

    @Test func `rule 201: how silence counts is the programme's`() {
        let silent = OptState()
        #expect(silent.effective(under: ProgrammeRules()) == .optOut)
        #expect(silent.effective(under: ProgrammeRules(unanswered: .optIn)) == .optIn)
        let mixed = OptState(type: .optIn, source: .createdEvent, resources: ["hvac": .optOut])
        #expect(mixed.effective(of: "hvac", under: ProgrammeRules()) == .optOut)
        #expect(mixed.effective(of: "line", under: ProgrammeRules()) == .optIn)
    }

    @Test func `rule 201: an event in an opted-out time is sent or refused, as the programme says`() async throws {
        let counter = try await Counter.registered()
        #expect(try await counter.code(Self.schedule()) == 200)
        try await counter.issue("allowed")
        try await counter.store.transaction { rows in
            try await rows.save(ProgrammeRules(duringOptOut: .refuse), of: Self.programme)
        }
        await #expect(throws: OperatorError.optedOut("ven-1")) { try await counter.issue("refused") }
        // After the window, or taken back by a later schedule, it goes out.
        try await counter.issue("later", at: .hours(5))
        #expect(try await counter.code(Self.schedule(.optIn, created: Self.start + .minutes(1))) == 200)
        try await counter.issue("again")
    }

    @Test func `rules 205 and 210: a schedule of another programme says nothing, and one of length zero has no end`() {
        func schedule(_ context: MarketContext?, _ duration: TimeSpan) -> OptSchedule {
            OptSchedule(
                venID: "ven-1", optID: "o", type: .optOut, reason: .economic, marketContext: context,
                windows: [TimeWindow(start: Self.start, duration: duration)], createdAt: Self.start,
                receivedAt: Self.start)
        }
        func says(_ schedule: OptSchedule, at offset: TimeSpan) -> OptType? {
            let begin = Self.start + offset
            return [schedule].availability(in: Self.programme, from: begin, to: begin + .hours(1))
        }
        #expect(says(schedule("http://other.example", .hours(9)), at: .zero) == nil)
        #expect(says(schedule(nil, .hours(9)), at: .hours(8)) == .optOut)
        #expect(says(schedule(nil, .hours(9)), at: .hours(9)) == nil)
        #expect(says(schedule(nil, .zero), at: .days(900)) == .optOut)
        #expect(says(schedule(nil, .zero), at: .hours(-2)) == nil)
    }

    @Test func `rule 209: a device class narrows a schedule and an opt about an event`() async throws {
        let counter = try await Counter.registered()
        #expect(try await counter.code(Self.schedule(devices: [.evse])) == 200)
        #expect(try await counter.code(Self.schedule(created: Self.start + .minutes(1))) == 200)
        let schedules = await counter.store.rows.schedules.values.sorted { $0.createdAt < $1.createdAt }
        #expect(schedules.map(\.deviceClasses) == [[.evse], []])
        #expect(schedules.map(\.state) == [.superseded, .inForce])
        // One for cars does not replace the one for everything.
        #expect(try await counter.code(Self.schedule(devices: [.evse], created: Self.start + .minutes(2))) == 200)
        #expect(await counter.store.rows.schedules.values.filter { $0.state == .inForce }.count == 2)

        try await counter.issue("e")
        func opt(_ type: OptType) -> Payload {
            .createOpt(
                CreateOpt(
                    optID: "p", optType: type, reason: .mustRun, venID: "ven-1", createdDateTime: Self.start,
                    requestID: "", scope: .event(QualifiedEventID(eventID: "e")), deviceClasses: [.thermostat, .evse]))
        }
        for _ in 0..<2 { #expect(try await counter.code(opt(.optOut)) == 200) }
        let part = try #require(await counter.participation("e")?.opt)
        #expect(part.type == nil)
        #expect(part.devices == [DeviceOpt(deviceClasses: [.evse, .thermostat], resources: [], type: .optOut)])
        #expect(await counter.store.rows.decisions.count == 1)
        #expect(try await counter.code(opt(.optIn)) == 200)
        #expect(await counter.participation("e")?.opt.devices.map(\.type) == [.optIn])
    }

    @Test func `rule 18: overlap counts the tolerance, neighbours do not overlap, and a programme may refuse it`()
        async throws
    {
        let first = Counter.terms(startAfter: .minutes(5))
        #expect(first.overlaps(Counter.terms(at: .minutes(124))))
        #expect(!first.overlaps(Counter.terms(at: .minutes(125))))
        #expect(!Counter.terms().overlaps(Counter.terms(at: .hours(2))))
        #expect(Counter.terms(steps: [.zero]).overlaps(Counter.terms(at: .days(400))))
        #expect(!Counter.terms(at: .hours(3), steps: [.zero]).overlaps(Counter.terms()))

        let counter = try await Counter.registered()
        try await counter.store.transaction { rows in
            try await rows.save(ProgrammeRules(overlap: .refuse), of: Self.programme)
        }
        try await counter.issue("a")
        await #expect(throws: OperatorError.overlaps("a", "ven-1")) { try await counter.issue("b", at: .minutes(90)) }
        try await counter.issue("c", at: .hours(2))
        await #expect(throws: OperatorError.overlaps("c", "ven-1")) {
            try await counter.vtn.modify(
                "a", terms: Counter.terms(steps: [.hours(2)]), participants: nil, now: Self.start)
        }
        try await counter.vtn.cancel("c", now: Self.start)
        try await counter.issue("b", at: .minutes(120))
    }

    @Test func `rule 52: an event that is never answered is brought up ever more rarely, and then only when asked for`()
        async throws
    {
        let counter = try await Counter.registered(TopNodeConfiguration(unansweredEvents: 6))
        try await counter.issue("e", at: .days(2))
        var seconds: [Int64] = []
        for second in stride(from: Int64(0), to: 1_000, by: 5)
        where try await counter.poll(now: Self.start + .seconds(second)).elementName == "oadrDistributeEvent" {
            seconds.append(second)
        }
        #expect(seconds == [0, 5, 15, 35, 75, 155])
        #expect(try await counter.requestEvent(now: Self.start + .days(1)).events.count == 1)
        // A new version begins anew.
        try await counter.vtn.modify("e", participants: [Counter.level("ven-1", [2])], now: Self.start + .days(1))
        #expect(try await counter.poll(now: Self.start + .days(1)).elementName == "oadrDistributeEvent")
    }

    @Test func `texts that the database cannot keep whole are refused`() async throws {
        let counter = try await Counter.registered()
        let long = String(repeating: "ß", count: 5_000)
        let before = await counter.store.rows
        await #expect(throws: OperatorError.tooLong("eventID", limit: 128)) {
            try await counter.issue(EventID(String(repeating: "e", count: 129)))
        }
        var terms = Counter.terms()
        terms.comment = long
        await #expect(throws: OperatorError.tooLong("comment", limit: 4_096)) {
            try await counter.vtn.issue(
                "e", terms: terms, participants: [Counter.level("ven-1", [1])], now: Self.start)
        }
        terms = Counter.terms()
        terms.marketContext = MarketContext("http://" + long)
        await #expect(throws: OperatorError.tooLong("marketContext", limit: 256)) {
            try await counter.vtn.issue(
                "e", terms: terms, participants: [Counter.level("ven-1", [1])], now: Self.start)
        }
        await #expect(throws: OperatorError.tooLong("reason", limit: 190)) {
            try await counter.vtn.modify("e", reason: long, now: Self.start)
        }
        #expect(await counter.store.rows == before)
    }
}
