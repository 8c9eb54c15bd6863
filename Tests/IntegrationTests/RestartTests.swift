import Credentials
import DemandResponse
import Measures
import MutualTLS
import OpenADR
import Persistence
import Synchronization
import Testing
import VirtualEndNode
import VirtualTopNode
import WebServer

extension IntegrationTests {
    /// One VEN, one event, and a VTN that dies in between: nothing is lost and nothing is done twice.
    @Suite struct RestartTests {
        private static let step = TimeSpan.minutes(15)
        private static let began = Instant(year: 2026, month: 7, day: 1, hour: 12)

        @Test func `a VEN registers, opts in, sheds and reports through two restarts of the VTN`() async throws {
            let world = try #require(World.current)
            let clock = AcceleratedTime(start: Self.began, rate: 20)
            let site = try await Site.measured(in: world, "restart-ven")
            let first = try await TestListener.startOnKeptPort(world, time: clock)
            let port = first.port
            try await first.node.admit(
                site.venID, name: "Site", certificate: site.certificate.digest, pollFrequency: .seconds(20))
            try await site.connect(to: world)
            let ven = Task { try await site.run(world, port: port, time: clock) }
            defer { ven.cancel() }
            #expect(try await eventually { try await site.requests(world).map(\.state) == [.accepted] })
            let registration = try await site.registration(world)
            await first.stop()

            // Nobody listens while the operator calls the event.
            let start = Instant(secondsSinceEpoch: (clock.now().secondsSinceEpoch / 900 + 2) * 900)
            try await first.node.issue(
                "restart-event",
                terms: try #require(
                    EventTerms(marketContext: "http://curtail.example/p", start: start, steps: [Self.step, Self.step])),
                participants: [
                    ParticipantPlan(
                        venID: site.venID,
                        signals: [try #require(ProgrammedSignal(.loadDispatchDelta, values: [-4_000, -2_000]))])
                ], now: clock.now())
            let second = try await TestListener.restart(world, time: clock, port: port)
            #expect(try await eventually { try await site.opt(world, "restart-event") == .optIn })
            #expect(clock.now() < start, "the machine was too slow for the test's clock")

            clock.setRate(900)
            let window = TimeWindow(start: start, duration: .hours(1))
            #expect(try await eventually { try await !site.readings(world, window).isEmpty })
            await second.stop()
            // Telemetry of a quarter of an hour falls into the time in which nobody listens.
            #expect(try await eventually { clock.now() >= start + .minutes(40) })
            let third = try await TestListener.restart(world, time: clock, port: port)
            #expect(try await eventually { try await site.readings(world, window).count == 4 })

            let shed = try await site.readings(world, window).map { $0.energy }
            #expect(shed == [1_500, 2_000, 2_500, 2_500].map { WattHours($0) })
            #expect(try await site.registration(world) == registration)
            #expect(try await site.requests(world).count == 1)
            #expect(site.asked == ["restart-event": 1])
            #expect(third.metrics.value("vtn_reject_total", labels: ["reason": "store"]) == 0)
            ven.cancel()
            try await ven.value
            await third.stop()
        }
    }
}

/// A site with one meter: 10 kW, less what the events ask for.
private final class Site: MeterSource, DispatchTarget, OptPolicy {
    let venID: VENID
    let certificate: IssuedCertificate
    private let meter: MeterID
    private let timeline = Mutex(Timeline())
    private let decisions = Mutex<[EventID: Int]>([:])

    private init(_ venID: VENID, _ certificate: IssuedCertificate, _ meter: MeterID) {
        self.venID = venID
        self.certificate = certificate
        self.meter = meter
    }

    static func measured(in world: World, _ name: String) async throws -> Site {
        _ = try await AccountStore(world.pool).establishDistributor(named: "Grid")
        let meter = try await MeterStore(world.pool).create(.init(name: name, zone: "UTC", step: .minutes(15)))
        return Site(VENID(name), try world.authority.ven(name), meter)
    }

    /// Its reports are readings of the meter from now on; the VEN has been admitted.
    func connect(to world: World) async throws {
        try await ReportMeterStore(world.pool).connect("meter", of: venID, to: meter)
    }

    /// How often people were asked about each event.
    var asked: [EventID: Int] { decisions.withLock { $0 } }

    func run(_ world: World, port: Int, time: any TimeSource) async throws {
        let client = HTTPSClient(host: "127.0.0.1", port: port, context: try world.authority.client(certificate))
        let ids = Mutex(0)
        let node = EndNode(
            configuration: EndNodeConfiguration(
                venName: "Site", venID: venID,
                reports: [
                    TelemetryOffer(
                        specifierID: "usage", points: [.init(rID: "meter")], minPeriod: .minutes(15),
                        maxPeriod: .minutes(15))
                ], pollFrequency: .seconds(20), longestPause: .seconds(20)),
            environment: EndNodeEnvironment(
                makeID: { [venID] in
                    ids.withLock {
                        $0 += 1
                        return "\(venID)-\($0)"
                    }
                }, random: { 0.5 }),
            surroundings: .init(
                transport: HTTPSTransport(client: client, codec: world.codec), time: time, meter: self, target: self,
                policy: self, logger: silence))
        do {
            try await node.run()
        } catch {
            await client.close()
            throw error
        }
        await client.close()
    }

    // MARK: The VEN's surroundings

    func decide(on event: Event, now: Instant) async -> OptType {
        decisions.withLock { $0[event.id, default: 0] += 1 }
        return .optIn
    }

    func follow(_ timeline: Timeline) async {
        self.timeline.withLock { $0 = timeline }
    }

    func readings(
        of resource: ResourceID?, in window: TimeWindow, every step: TimeSpan
    ) async throws -> [IntervalReading] {
        let timeline = timeline.withLock { $0 }
        return window.intervals(every: step).map { interval in
            let change = timeline.slots(in: interval).reduce(Watts.zero) { sum, slot in
                if case .delta(let change) = slot.dispatch, slot.contains(interval.start) { sum + change } else { sum }
            }
            return IntervalReading(
                start: interval.start, duration: interval.duration,
                energy: (Watts.kilowatts(10) + change) * interval.duration)
        }
    }

    // MARK: What the VTN knows

    func requests(_ world: World) async throws -> [ReportRequestRecord] {
        try await MariaDBTopNodeStore(world.pool).transaction { try await $0.reportRequests(of: venID) }
    }

    func registration(_ world: World) async throws -> RegistrationState? {
        try await MariaDBTopNodeStore(world.pool).transaction {
            try await $0.ven(venID)?.registration
        }
    }

    func opt(_ world: World, _ event: EventID) async throws -> OptType? {
        try await MariaDBTopNodeStore(world.pool).transaction {
            try await $0.participation(of: venID, in: event)?.opt.type
        }
    }

    func readings(_ world: World, _ window: TimeWindow) async throws -> [IntervalReading] {
        try await ReadingStore(world.pool).readings(of: meter, in: window)
    }
}
