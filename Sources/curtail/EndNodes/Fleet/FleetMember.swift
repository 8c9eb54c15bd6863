import Foundation
import Logging
import Measures
import MutualTLS
import OpenADR
import OpenADRXML
import Synchronization
import VirtualEndNode

/// One VEN of a fleet: the same state machine as `curtail ven run`, driven on a schedule that does not wait for answers.
///
/// It polls at fixed moments, its own phase plus whole periods. An answer that comes late does not move them: a poll that
/// was due meanwhile counts from the moment at which it was due, though it is never sent. So the latencies hold what an
/// endpoint with that schedule would have felt, and a VTN that hangs cannot hide it (coordinated omission).
struct FleetMember: Sendable {
    let index: Int
    let venID: VENID
    let identity: TLSIdentity
    let signing: MessageSigning?
    let fleet: Fleet

    /// Runs until its task is cancelled.
    func run() async throws {
        let random = SharedGenerator(seed: fleet.seed &+ UInt64(index) &* 0x9E37_79B9)
        let period = Double(fleet.period.seconds)
        let phase = ContinuousClock.now + .seconds(fleet.ramp * Double(index) / Double(max(fleet.count, 1)))
        try await ContinuousClock().sleep(until: phase)
        let skew = Int64(Double(fleet.behaviour.clockError.seconds) * (2 * random.fraction() - 1))
        let clock = { SystemTime().now() + .seconds(skew) }
        let connection = FleetConnection(member: self, random: random)
        let load = FleetLoad.make(for: self)
        var state = EndNodeState(
            configuration: EndNodeConfiguration(
                venName: venID.rawValue, venID: venID, usesXMLSignature: signing != nil,
                reports: [
                    TelemetryOffer(
                        specifierID: "usage", points: [TelemetryOffer.Point(rID: "meter")], minPeriod: .seconds(1))
                ], pollFrequency: fleet.period, longestPause: min(fleet.period, .minutes(2)),
                registrationAttempts: 1_000, pauseAfterCancellation: .minutes(1)),
            environment: EndNodeEnvironment(makeID: { UUID().uuidString }, random: { random.fraction() }), now: clock())
        var due = phase
        var input = EndNodeInput.started
        var (isRegistered, isFailing, isPolling) = (false, false, false)
        var reached: Instant?
        var action = state.handle(input, now: clock())
        do {
            while !Task.isCancelled {
                switch action {
                case .exchange(let payload, let service):
                    let isPoll = payload.elementName == Poll.elementName
                    input = try await connection.exchange(payload, with: service, due: isPoll ? due : nil)
                case .wait(let until):
                    let now = ContinuousClock.now
                    while due <= now {
                        due += .seconds(period)
                        if due <= now { fleet.tally.update { [due] in $0.polls.record(now - due) } }
                    }
                    // A report, or the next attempt after a failure, is not bound to the schedule.
                    let wanted = now + .seconds(max(0, (until - clock()).seconds))
                    isPolling = !isFailing && wanted >= due - .seconds(1)
                    try await ContinuousClock().sleep(until: isPolling ? due : wanted)
                    if isPolling { reached = until }
                    input = .woke
                case .decide(let events):
                    input = .decided(try await decide(events, random))
                case .read(let queries):
                    var readings: [RID: [IntervalReading]] = [:]
                    for query in queries {
                        readings[query.rID] = try await load.readings(
                            of: query.resource, in: query.window, every: query.step)
                    }
                    input = .readings(readings)
                case .observe(let queries):
                    let online = ResourceStatus(isOnline: true, isManuallyOverridden: false)
                    input = .observed(Dictionary(queries.map { ($0.rID, online) }, uniquingKeysWith: { $1 }))
                case .follow(let timeline):
                    await load.follow(timeline)
                    fleet.record?.follow(timeline, of: venID)
                    input = .followed
                case .stop(let failure):
                    fleet.tally.update { $0.stopped["\(failure)", default: 0] += 1 }
                    await connection.close()
                    return
                }
                switch input {
                case .failed, .postponed, .broken: isFailing = true
                case .answered: isFailing = false
                default: break
                }
                // The VEN counts in whole seconds; the schedule says when it polls.
                action = state.handle(input, now: max(clock(), reached ?? clock()))
                reached = nil
                if !isRegistered, state.registration != nil {
                    isRegistered = true
                    fleet.tally.update { $0.registered += 1 }
                }
            }
        } catch {
            await connection.close()
            throw error
        }
    }

    private func decide(_ events: [Event], _ random: SharedGenerator) async throws -> [EventID: OptType] {
        let delay = Double(fleet.behaviour.decisionDelay.seconds) * random.fraction()
        if delay > 0 { try await Task.sleep(for: .seconds(delay)) }
        var decisions: [EventID: OptType] = [:]
        for event in events {
            // By VEN and event, not by the order in which they come: the same in every run.
            var draw = SplitMix64(seed: fleet.seed &+ UInt64(index))
            for byte in event.id.rawValue.utf8 { draw = SplitMix64(seed: draw.next() &+ UInt64(byte)) }
            let opt: OptType = draw.fraction() < fleet.behaviour.optOut ? .optOut : .optIn
            decisions[event.id] = opt
            fleet.tally.update { $0.decisions[opt.rawValue, default: 0] += 1 }
            fleet.record?.decide(opt, on: event.qualifiedID, of: venID)
        }
        return decisions
    }
}

extension LatencyHistogram {
    mutating func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        record(microseconds: UInt64(max(0, seconds)) * 1_000_000 + UInt64(max(0, attoseconds) / 1_000_000_000_000))
    }
}

/// What one VEN has of the VTN: a connection of its own, kept, and cut now and then when the behaviour says so.
private final class FleetConnection: Sendable {
    private let member: FleetMember
    private let random: SharedGenerator
    private let current: Mutex<(client: HTTPSClient, cutAt: ContinuousClock.Instant?)?>
    private let isRepeating = Mutex(false)

    init(member: FleetMember, random: SharedGenerator) {
        self.member = member
        self.random = random
        current = Mutex(nil)
    }

    private func connection() throws -> HTTPSClient {
        if let client = current.withLock({ $0?.client }) { return client }
        let fleet = member.fleet
        let context = try TLSClientContext(
            profile: fleet.profile, identity: member.identity, trustRoots: fleet.trustRoots)
        let client = HTTPSClient(
            host: fleet.endpoint.host, port: fleet.endpoint.port, context: context)
        let every = Double(fleet.behaviour.disconnectEvery.seconds)
        let cutAt = every > 0 ? ContinuousClock.now + .seconds(-every * log(1 - random.fraction())) : nil
        current.withLock { $0 = (client, cutAt) }
        return client
    }

    /// - Parameter due: when a poll should have been sent.
    func exchange(
        _ payload: Payload, with service: ServiceName, due: ContinuousClock.Instant?
    ) async throws -> EndNodeInput {
        let fleet = member.fleet
        let transport = HTTPSTransport(
            client: try connection(), codec: fleet.codec, base: fleet.endpoint.path,
            signing: member.signing)
        let sent = ContinuousClock.now
        let input: EndNodeInput
        do {
            let answer = try await transport.exchange(payload, with: service)
            let repeated = isRepeating.withLock { value in
                defer { value = false }
                return value
            }
            fleet.tally.update { counts in
                counts.messages[payload.elementName, default: 0] += 1
                counts.exchanges.record(ContinuousClock.now - sent)
                if let due { counts.polls.record(ContinuousClock.now - min(due, sent)) }
                if repeated { counts.recovered += 1 }
                if let code = answer.response?.code, !code.isSuccess {
                    counts.refusals["\(payload.elementName) \(code)", default: 0] += 1
                }
            }
            input = .answered(answer)
        } catch {
            if error is CancellationError || Task.isCancelled { throw CancellationError() }
            let isNew = isRepeating.withLock { value in
                defer { value = true }
                return !value
            }
            fleet.tally.update { counts in
                counts.failures[Self.words(error), default: 0] += 1
                if isNew { counts.interrupted += 1 }
            }
            input = EndNodeInput(failure: error)
        }
        let isOver = current.withLock { $0?.cutAt.map { $0 <= .now } ?? false }
        if isOver { await close() }
        return input
    }

    func close() async {
        let client = current.withLock { value in
            defer { value = nil }
            return value?.client
        }
        await client?.close()
    }

    /// Short enough to count by.
    private static func words(_ error: any Error) -> String {
        if case .postponed? = error as? TransportFailure { return "503 with Retry-After" }
        let text = (error as? TransportFailure).map { "\($0)" } ?? "\(error)"
        for known in [
            "HTTP status 503", "HTTP status", "No connection", "No answer in time", "connection was lost", "TLS",
        ]
        where text.contains(known) {
            return known
        }
        return String(text.prefix(60))
    }
}
