import Measures
import OpenADR
import Testing
import TopNodeTesting
import VirtualTopNode

@Suite struct OptTests {
    private static let start = Counter.start

    private static func opt(
        _ id: OptID, _ type: OptType = .optOut, event: QualifiedEventID? = nil, target: Target = .everything,
        context: MarketContext? = nil, created: Instant = start, request: RequestID = ""
    ) -> Payload {
        .createOpt(
            CreateOpt(
                optID: id, optType: type, reason: .mustRun, venID: "ven-1", createdDateTime: created,
                requestID: request,
                scope: event.map { .event($0) }
                    ?? .schedule([TimeWindow(start: start, duration: .hours(1))], marketContext: context),
                target: target))
    }

    @Test func `rule 206: an opt about an event beats every later oadrCreatedEvent`() async throws {
        let counter = try await Counter.registered()
        try await counter.issue("e")
        let message = try await counter.requestEvent()
        #expect(try await counter.answer(message, .optIn) == 200)
        let qualified = QualifiedEventID(eventID: "e")
        #expect(try await counter.code(Self.opt("o", event: qualified)) == 200)
        #expect(try await counter.code(Self.opt("o", event: qualified)) == 200)
        #expect(try await counter.answer(message, .optIn) == 200)
        #expect(await counter.participation("e")?.opt.type == .optOut)
        #expect(try await counter.code(Self.opt("o", .optIn, event: qualified)) == 200)
        #expect(await counter.participation("e")?.opt.type == .optIn)
        #expect(await counter.store.rows.decisions.map(\.type) == [.optIn, .optOut, .optIn])
    }

    @Test func `rule 206: only for a live event that takes answers, in its present version`() async throws {
        let counter = try await Counter.registered()
        try await counter.issue("e")
        try await counter.issue("mute", required: .never)
        func code(_ id: EventID, _ number: UInt32 = 0, now: Instant = Self.start) async throws -> Int? {
            try await counter.code(
                Self.opt("o", event: QualifiedEventID(eventID: id, modificationNumber: number)), now: now)
        }
        #expect(try await code("nothing") == 452)
        #expect(try await code("e", 7) == 450)
        #expect(try await code("mute") == 459)
        #expect(try await code("e", now: Self.start + .hours(3)) == 451)
    }

    @Test func `rule 202: resources of the event only, the rest stays under oadrCreatedEvent`() async throws {
        let counter = try await Counter.registered()
        try await counter.issue("e")
        let qualified = QualifiedEventID(eventID: "e")
        let message = try await counter.requestEvent()
        _ = try await counter.answer(message, .optIn)
        #expect(
            try await counter.code(Self.opt("o", event: qualified, target: Target(resourceIDs: ["boiler"]))) == 462)
        #expect(try await counter.code(Self.opt("o", event: qualified, target: Target(venIDs: ["ven-2"]))) == 452)
        let hvac = Target(resourceIDs: ["hvac"], venIDs: ["ven-1"])
        #expect(try await counter.code(Self.opt("o", event: qualified, target: hvac)) == 200)
        let opt = try #require(await counter.participation("e")?.opt)
        #expect(opt.type == .optIn)
        #expect(opt.resources == ["hvac": .optOut])
    }

    @Test func `rule 203: a schedule replaces what it covers`() async throws {
        let counter = try await Counter.registered()
        func states() async -> [String: OptSchedule.State] {
            Dictionary(
                uniqueKeysWithValues: await counter.store.rows.schedules.values.map { ($0.optID.rawValue, $0.state) })
        }
        let hvac = Target(resourceIDs: ["hvac"])
        #expect(try await counter.code(Self.opt("hvac", target: hvac)) == 200)
        #expect(try await counter.code(Self.opt("in", .optIn)) == 200)
        #expect(try await counter.code(Self.opt("line", target: Target(resourceIDs: ["line"]))) == 200)
        #expect(await states() == ["hvac": .inForce, "in": .inForce, "line": .inForce])
        let later = Self.start + .minutes(1)
        #expect(try await counter.code(Self.opt("all", created: later)) == 200)
        #expect(await states() == ["hvac": .superseded, "in": .inForce, "line": .superseded, "all": .inForce])
    }

    @Test func `rules 208 and 211: cancelling an unknown opt is 452, a superseded one is no error`() async throws {
        let counter = try await Counter.registered()
        func cancel(_ id: OptID) async throws -> Int? {
            try await counter.code(.cancelOpt(CancelOpt(requestID: "", optID: id, venID: "ven-1")))
        }
        #expect(try await cancel("o") == 452)
        #expect(try await counter.code(Self.opt("o")) == 200)
        #expect(try await counter.code(Self.opt("p", created: Self.start + .minutes(1))) == 200)
        #expect(try await cancel("o") == 200)
        #expect(try await cancel("p") == 200)
        #expect(try await cancel("p") == 200)
        #expect(Set(await counter.store.rows.schedules.values.map(\.state)) == [.superseded, .cancelled])
    }

    @Test func `a repeated requestID gives the first answer; with other content 454`() async throws {
        let counter = try await Counter.registered()
        let first = try await counter.send(Self.opt("o", request: "r"))
        let rows = await counter.store.rows
        #expect(try await counter.send(Self.opt("o", request: "r")) == first)
        #expect(try await counter.code(Self.opt("other", request: "r")) == 454)
        #expect(await counter.store.rows == rows)
    }
}
