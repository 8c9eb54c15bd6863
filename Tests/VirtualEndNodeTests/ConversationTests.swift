import Measures
import OpenADR
import Testing
import TopNodeTesting
import VirtualEndNode
import VirtualTopNode

/// Whole conversations between a VEN and a VTN.
@Suite struct ConversationTests {
    static let start = Conversation.start

    @Test func `from registration to telemetry in the standard's order`() async throws {
        let talk = Conversation()
        try await talk.admit()
        try await talk.run(for: .minutes(6))

        #expect(
            talk.sent.prefix(7) == [
                "oadrQueryRegistration", "oadrCreatePartyRegistration", "oadrRegisterReport", "oadrCreatedReport",
                "oadrRequestEvent", "oadrPoll", "oadrRegisteredReport",
            ])
        #expect(talk.sent.contains("oadrUpdateReport"))
        #expect(talk.transcript.allSatisfy { $0.answer?.response?.code.isSuccess ?? true })
        let rows = await talk.rows
        #expect(rows.vens["ven-1"]?.registration.isRegistered == true)
        #expect(rows.outbox.isEmpty)
        #expect(rows.requests.values.map(\.state) == [.accepted])
        // Five minutes of 100 kW.
        let energies = rows.measurements.values.sorted { $0.start < $1.start }
        #expect(energies.count == 5)
        #expect(energies.first?.start == Self.start)
        for measurement in energies {
            guard case .energy(let energy) = measurement.value else {
                Issue.record("no energy")
                continue
            }
            #expect(abs(energy.value - 100_000.0 / 60) < 1e-6)
        }
    }

    @Test func `an event is told, answered, executed and seen in the telemetry`() async throws {
        let talk = Conversation()
        try await talk.admit()
        try await talk.run(for: .minutes(1))
        try await talk.vtn.issue(
            "peak", terms: .hour(at: Self.start + .minutes(10)),
            participants: [.shed("ven-1", watts: 30_000)], now: talk.now)
        try await talk.run(until: Self.start + .hours(2))

        let part = await talk.participation(in: "peak")
        #expect(part?.opt.type == .optIn)
        #expect(part?.delivery.acknowledgedModification == 0)
        let rows = await talk.rows
        #expect(rows.decisions.count == 1)
        #expect(rows.outbox.isEmpty)
        for measurement in rows.measurements.values {
            let inEvent = TimeWindow(start: Self.start + .minutes(10), duration: .hours(1)).contains(measurement.start)
            guard case .energy(let energy) = measurement.value else { continue }
            #expect(abs(energy.value - (inEvent ? 70_000.0 : 100_000) / 60) < 1e-6)
        }
        #expect(rows.measurements.count >= 115)
    }

    @Test func `what the meter shows does not depend on when the message came`() async throws {
        var series: [[Instant: Measurement.Value]] = []
        for told in [TimeSpan.seconds(3), .minutes(4), .minutes(9)] {
            let talk = Conversation()
            try await talk.admit()
            try await talk.run(for: told)
            try await talk.vtn.issue(
                "peak", terms: .hour(at: Self.start + .minutes(10)),
                participants: [.shed("ven-1", watts: 30_000)], now: talk.now)
            try await talk.run(until: Self.start + .hours(2))
            series.append(
                Dictionary(uniqueKeysWithValues: await talk.rows.measurements.values.map { ($0.start, $0.value) }))
        }
        #expect(series[0].count > 100)
        #expect(series[0] == series[1])
        #expect(series[0] == series[2])
    }

    @Test func `an opted-out site does not shed`() async throws {
        let talk = Conversation()
        talk.opts["peak"] = .optOut
        try await talk.admit()
        try await talk.vtn.issue(
            "peak", terms: .hour(at: Self.start + .minutes(10)),
            participants: [.shed("ven-1", watts: 30_000)], now: talk.now)
        try await talk.run(until: Self.start + .hours(1))
        #expect(await talk.participation(in: "peak")?.opt.type == .optOut)
        #expect(talk.ven.timeline == Timeline())
        for measurement in await talk.rows.measurements.values {
            #expect(measurement.value == .energy(Watts(100_000) * .minutes(1)))
        }
    }

    @Test func `a restart of the VTN in the middle of any exchange loses nothing`() async throws {
        let whole = try await Self.eventfulHour { _ in .works }
        let count = whole.transcript.count
        let expected = await whole.rows.measurements.mapValues(\.value)
        for broken in 0..<min(count, 40) {
            let talk = try await Self.eventfulHour(restartingAt: broken) { $0 == broken ? .losesAnswer : .works }
            let rows = await talk.rows
            #expect(rows.measurements.mapValues(\.value) == expected, "exchange \(broken)")
            #expect(rows.decisions.count == 1, "exchange \(broken)")
            #expect(rows.requests.values.filter { $0.state == .accepted }.count == 1, "exchange \(broken)")
            #expect(rows.outbox.isEmpty, "exchange \(broken)")
        }
    }

    @Test func `messages that arrive twice have one effect`() async throws {
        let once = try await Self.eventfulHour { _ in .works }
        let twice = try await Self.eventfulHour { _ in .doubles }
        let (left, right) = (await once.rows, await twice.rows)
        #expect(left.measurements.mapValues(\.value) == right.measurements.mapValues(\.value))
        #expect(left.decisions.map(\.type) == right.decisions.map(\.type))
        #expect(right.requests.count == 1)
        #expect(right.vens.count == 1)
        #expect(right.outbox.isEmpty)
    }

    @Test func `messages that are lost are sent again, with growing pauses`() async throws {
        let talk = Conversation()
        try await talk.admit()
        talk.network = { $0 < 5 ? .loses : .works }
        try await talk.run(for: .minutes(2))
        let first = talk.transcript.prefix(6)
        #expect(Set(first.map(\.sent)).count == 1)
        let pauses = zip(first.dropFirst(), first).map { ($0.at - $1.at).seconds }
        #expect(pauses == [1, 2, 4, 8, 16])
        #expect(await talk.rows.vens["ven-1"]?.registration.isRegistered == true)
    }

    @Test func `a transaction that fails leaves nothing, and the message counts the second time`() async throws {
        let talk = Conversation()
        try await talk.admit()
        await talk.store.failNext(3)
        try await talk.run(for: .minutes(7))
        let rows = await talk.rows
        #expect(rows.requests.values.map(\.state) == [.accepted])
        #expect(rows.measurements.count >= 5)
    }

    /// Registration, an event that is modified once, and an hour of telemetry.
    private static func eventfulHour(
        restartingAt broken: Int? = nil, network: @escaping (Int) -> Conversation.Network
    ) async throws -> Conversation {
        let talk = Conversation()
        talk.network = network
        try await talk.admit()
        try await talk.vtn.issue(
            "peak", terms: .hour(at: start + .minutes(10)), participants: [.shed("ven-1", watts: 30_000)],
            now: talk.now)
        for step in 1...70 {
            try await talk.run(until: start + .minutes(Int64(step)))
            if let broken, talk.transcript.count > broken { talk.restartVTN() }
        }
        return talk
    }
}

extension EventTerms {
    static func hour(
        at start: Instant, steps: [TimeSpan] = [.hours(1)], startAfter: TimeSpan = .zero,
        responseRequired: ResponseRequired = .always, priority: UInt32 = 0
    ) -> EventTerms {
        guard
            let terms = EventTerms(
                marketContext: "http://programme.example/shed", start: start, steps: steps, startAfter: startAfter,
                priority: priority, responseRequired: responseRequired)
        else { preconditionFailure("the terms of a test are sane") }
        return terms
    }
}

extension ParticipantPlan {
    static func shed(_ ven: VENID, watts: Double..., resources: [ResourceID] = []) -> ParticipantPlan {
        guard let signal = ProgrammedSignal(.loadDispatchDelta, values: watts.map { -$0 }) else {
            preconditionFailure("the values of a test are finite")
        }
        return ParticipantPlan(venID: ven, signals: [signal], resources: resources)
    }
}
