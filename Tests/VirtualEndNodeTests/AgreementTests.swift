import Measures
import OpenADR
import Testing
import TopNodeTesting
import VirtualEndNode
import VirtualTopNode

/// Whatever an operator does while messages are lost, repeated and crossed: in the end both sides know the same events.
@Suite struct AgreementTests {
    @Test(arguments: 0..<60)
    func `random changes, cancellations and losses leave VEN and VTN in agreement`(seed: UInt64) async throws {
        var random = SplitMix(state: seed &* 0x9e37_79b9 &+ 1)
        let talk = Conversation()
        let fates: [Conversation.Network] = (0..<4_000).map { _ in
            switch UInt8.random(in: 0..<10, using: &random) {
            case 0: .loses
            case 1: .losesAnswer
            case 2: .doubles
            default: .works
            }
        }
        talk.network = { fates[$0 % fates.count] }
        try await talk.admit()
        try await talk.run(for: .minutes(2))
        var events: [EventID] = []
        for step in 0..<60 {
            try await Self.disturb(talk, &events, step, &random)
            try await talk.run(for: .seconds(Int64.random(in: 0..<90, using: &random)))
            switch UInt8.random(in: 0..<8, using: &random) {
            case 0: talk.restartVTN()
            case 1: talk.restartVEN()
            default: break
            }
        }
        talk.network = { _ in .works }
        try await Self.issue("last", talk, at: .hours(9), &random)
        try await talk.run(for: .minutes(6))

        #expect(talk.failure == nil)
        let rows = await talk.rows
        #expect(rows.outbox.isEmpty)
        #expect(Self.future(of: talk.ven.timeline, after: talk.now) == Self.future(of: rows, talk, after: talk.now))
        for part in rows.participations.values {
            let event = try #require(rows.events[part.eventID])
            guard event.terms.responseRequired == .always, part.delivery.sentModification != nil,
                event.status(at: talk.now) != .completed
            else { continue }
            let wanted = part.withdrawnModification ?? event.modificationNumber
            #expect(part.delivery.acknowledgedModification == wanted, "\(part.eventID)")
        }
        // Telemetry of every minute, once, whatever got lost.
        let minutes = rows.measurements.keys.map(\.start).sorted()
        #expect(zip(minutes, minutes.dropFirst()).allSatisfy { $1 - $0 == 60 })
        #expect(minutes.count > 20)
    }

    private static func disturb(
        _ talk: Conversation, _ events: inout [EventID], _ step: Int, _ random: inout SplitMix
    ) async throws {
        let live = events.randomElement(using: &random)
        do {
            switch (UInt8.random(in: 0..<6, using: &random), live) {
            case (0...1, _), (_, nil):
                let id = EventID("e-\(step)")
                try await issue(id, talk, at: .minutes(Int64.random(in: 1..<90, using: &random)), &random)
                events.append(id)
                talk.opts[id] = UInt8.random(in: 0..<4, using: &random) == 0 ? .optOut : .optIn
            case (2...3, let id?):
                try await talk.vtn.modify(id, participants: [plan(&random)], now: talk.now)
            case (4, let id?):
                try await talk.vtn.cancel(id, now: talk.now)
            case (_, let id?):
                let terms = Self.terms(
                    at: talk.now + .minutes(Int64.random(in: 1..<90, using: &random)), .always)
                try await talk.vtn.modify(id, terms: terms, now: talk.now)
            }
        } catch is OperatorError {
            // Too late for that, which is an answer as well.
        }
    }

    private static func issue(
        _ id: EventID, _ talk: Conversation, at offset: TimeSpan, _ random: inout SplitMix
    ) async throws {
        let required: ResponseRequired = UInt8.random(in: 0..<5, using: &random) == 0 ? .never : .always
        try await talk.vtn.issue(
            id, terms: terms(at: talk.now + offset, required), participants: [plan(&random)], now: talk.now)
    }

    private static func terms(at start: Instant, _ required: ResponseRequired) -> EventTerms {
        .hour(at: start, steps: [.minutes(10), .minutes(10)], responseRequired: required)
    }

    private static func plan(_ random: inout SplitMix) -> ParticipantPlan {
        .shed(
            "ven-1", watts: Double(Int.random(in: 1..<9, using: &random)), Double(Int.random(in: 1..<9, using: &random))
        )
    }

    private struct Step: Hashable {
        let event: EventID
        let start: Instant
        let dispatch: Dispatch
    }

    private static func future(of timeline: Timeline, after now: Instant) -> Set<Step> {
        Set(
            timeline.layers.flatMap(\.slots).filter { $0.start > now }
                .map { Step(event: $0.eventID, start: $0.start, dispatch: $0.dispatch) })
    }

    /// What the VTN's books say that the VEN should do from now on.
    private static func future(of rows: MemoryRows, _ talk: Conversation, after now: Instant) -> Set<Step> {
        var steps: Set<Step> = []
        for part in rows.participations.values {
            guard let event = rows.events[part.eventID], event.cancelledAt == nil, part.withdrawnModification == nil,
                talk.opts[part.eventID] ?? .optIn == .optIn, let signal = part.signals.first
            else { continue }
            var begin = event.terms.start
            for (span, value) in zip(event.terms.steps, signal.values) {
                if begin > now {
                    steps.insert(Step(event: part.eventID, start: begin, dispatch: .delta(Watts(value))))
                }
                begin = begin + span
            }
        }
        return steps
    }
}

/// Sebastiano Vigna's SplitMix64: the same numbers from the same seed everywhere.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
