import Credentials
import Measures
import MutualTLS
import OpenADR
import SiteSimulation
import Synchronization
import Testing
import VirtualTopNode

@testable import curtail

/// A fleet against a VTN of hand-made answers, over its own connections.
@Suite struct FleetTests {
    private static func behaviour(_ settings: [String: String]) throws -> FleetBehaviour {
        try FleetBehaviour(
            LayeredSettings(
                keys: FleetBehaviour.keys, text: nil, name: "", environment: [:], prefix: FleetBehaviour.prefix,
                flags: settings.map { (path: $0.key, flag: "--set \($0.key)", text: $0.value) }))
    }

    private static func run(
        _ count: Int, at vtn: TestVTN, _ settings: [String: String] = [:], seed: UInt64 = 1, for span: TimeSpan
    ) async throws -> FleetTally.Counts {
        let fleet = Fleet(
            count: count, endpoint: try #require(VTNEndpoint(vtn.url)), profile: .openadr,
            trustRoots: try vtn.credentials.trustRoots(), codec: try TestVTN.codec.get(),
            behaviour: try behaviour(settings.merging(["load": "flat"]) { own, _ in own }), period: .seconds(1),
            ramp: 0.1,
            seed: seed, prefix: "sim-", sites: SiteSimulator(seed: 1, zone: .utc).sites(count: 1), tally: FleetTally(),
            record: nil)
        let certificates = try await fleet.issue(by: vtn.credentials.authority, now: SystemTime().now()) { _ in }
        #expect(Set(certificates.map(\.derSHA256)).count == count)
        try await fleet.run(certificates, for: span) { _ in }
        return fleet.tally.now
    }

    /// Events for whoever polls or asks.
    private static func calling(_ events: [EventID]) -> TestVTN.Answer {
        let start = SystemTime().now() + .hours(1)
        return { payload in
            switch payload {
            case .poll, .requestEvent:
                return .distributeEvent(
                    DistributeEvent(
                        response: EiResponse(requestID: payload.requestID ?? .empty), requestID: "d", vtnID: "VTN_1",
                        events: events.map { id in
                            Event(
                                descriptor: EventDescriptor(
                                    eventID: id, modificationNumber: 0, marketContext: "http://example.com/p",
                                    createdDateTime: start, status: .far),
                                activePeriod: ActivePeriod(start: start, duration: .hours(1)),
                                signals: [
                                    EventSignal(
                                        signalID: "s", name: .simple, type: .level,
                                        intervals: SignalInterval.numbered([(TimeSpan.hours(1), 1)]))
                                ], target: .everything, responseRequired: .always)
                        }))
            default: return try TestVTN.plain(payload)
            }
        }
    }

    @Test func `every VEN registers and polls in time, and the fleet ends when its time is over`() async throws {
        let vtn = try await TestVTN.start()
        let begin = ContinuousClock.now
        let counts = try await Self.run(4, at: vtn, for: .seconds(4))
        #expect(ContinuousClock.now - begin < .seconds(30))
        #expect(counts.registered == 4)
        #expect(counts.failures.isEmpty && counts.refusals.isEmpty && counts.stopped.isEmpty)
        #expect(counts.messages["oadrCreatePartyRegistration"] == 4)
        #expect(counts.polls.count >= 4)
        await vtn.stop()
    }

    @Test func `opt-outs are the seed's: the same in every run, and as many as was said`() async throws {
        let events = (0..<20).map { EventID("e-\($0)") }
        var runs: [[String: Int]] = []
        for seed in [UInt64(7), 7, 8] {
            let vtn = try await TestVTN.start(answer: Self.calling(events))
            runs.append(
                try await Self.run(3, at: vtn, ["optOut": "0.5"], seed: seed, for: .seconds(3)).decisions)
            await vtn.stop()
        }
        #expect(runs[0] == runs[1])
        #expect(runs[0].values.reduce(0, +) == 60)
        let out = try #require(runs[0]["optOut"])
        #expect((15...45).contains(out))
    }

    @Test func `a 503 is waited for and made good, and counted as what it is`() async throws {
        let refused = Mutex(0)
        let vtn = try await TestVTN.start { payload in
            let isFirst = refused.withLock { count in
                count += 1
                return count <= 2
            }
            if isFirst { throw CommandFailure("busy", hint: "") }
            return try TestVTN.plain(payload)
        }
        let counts = try await Self.run(1, at: vtn, for: .seconds(16))
        #expect(counts.registered == 1)
        #expect(counts.failures == ["503 with Retry-After": 2])
        #expect(counts.interrupted == 1 && counts.recovered == 1)
        await vtn.stop()
    }

    @Test func `what makes no sense is told with its name`() {
        for (path, text) in [("optOut", "2"), ("load", "heavy"), ("disconnectEvery", "often")] {
            #expect(throws: CommandFailure.self) { try Self.behaviour([path: text]) }
        }
    }
}
