public import Logging
public import Measures
import OpenADR

/// A virtual end node at work: executes what `EndNodeState` decides.
public struct EndNode: Sendable {
    /// What surrounds a VEN.
    public struct Surroundings: Sendable {
        public var transport: any OpenADRTransport
        public var time: any TimeSource
        public var meter: any MeterSource
        public var target: any DispatchTarget
        public var policy: any OptPolicy
        public var logger: Logger

        public init(
            transport: any OpenADRTransport, time: any TimeSource, meter: any MeterSource, target: any DispatchTarget,
            policy: any OptPolicy, logger: Logger
        ) {
            self.transport = transport
            self.time = time
            self.meter = meter
            self.target = target
            self.policy = policy
            self.logger = logger
        }
    }

    private let configuration: EndNodeConfiguration
    private let environment: EndNodeEnvironment
    private let surroundings: Surroundings
    private let registration: EndNodeRegistration?

    /// A VEN that was registered in an earlier life is given that registration.
    public init(
        configuration: EndNodeConfiguration, environment: EndNodeEnvironment, surroundings: Surroundings,
        registration: EndNodeRegistration? = nil
    ) {
        self.configuration = configuration
        self.environment = environment
        self.surroundings = surroundings
        self.registration = registration
    }

    /// Registers, polls, sheds and reports until its task is cancelled; then it returns. Throws `EndNodeFailure` when
    /// people have to do something first.
    public func run() async throws {
        var state = EndNodeState(
            configuration: configuration, environment: environment, registration: registration,
            now: surroundings.time.now())
        var input = EndNodeInput.started
        while !Task.isCancelled {
            let registered = state.registration
            let action = state.handle(input, now: surroundings.time.now())
            if state.registration != registered { logRegistration(state.registration) }
            do {
                input = try await execute(action)
            } catch is CancellationError {
                return
            }
        }
    }

    /// Throws `CancellationError` and `EndNodeFailure`.
    private func execute(_ action: EndNodeAction) async throws -> EndNodeInput {
        switch action {
        case .exchange(let payload, let service):
            return try await exchange(payload, with: service)
        case .wait(let deadline):
            try await surroundings.time.sleep(until: deadline)
            return .woke
        case .decide(let events):
            var decisions: [EventID: OptType] = [:]
            for event in events {
                let opt = await surroundings.policy.decide(on: event, now: surroundings.time.now())
                decisions[event.id] = opt
                surroundings.logger.info(
                    "event",
                    metadata: [
                        "event": "\(event.id)", "modification": "\(event.descriptor.modificationNumber)",
                        "opt": "\(opt)",
                    ])
            }
            return .decided(decisions)
        case .read(let queries):
            var readings: [RID: [IntervalReading]] = [:]
            for query in queries { readings[query.rID] = try await read(query) }
            return .readings(readings)
        case .follow(let timeline):
            await surroundings.target.follow(timeline)
            return .followed
        case .stop(let failure):
            surroundings.logger.error("stopped", metadata: ["reason": "\(failure)"])
            throw failure
        }
    }

    private func exchange(_ payload: Payload, with service: ServiceName) async throws -> EndNodeInput {
        do {
            let answer = try await surroundings.transport.exchange(payload, with: service)
            if let response = answer.response, !response.code.isSuccess {
                surroundings.logger.warning(
                    "refused",
                    metadata: [
                        "message": "\(payload.elementName)", "code": "\(response.code)",
                        "description": "\(response.description ?? "")",
                    ])
            }
            return .answered(answer)
        } catch {
            if error is CancellationError || Task.isCancelled { throw CancellationError() }
            surroundings.logger.warning(
                "no answer", metadata: ["message": "\(payload.elementName)", "reason": "\(error)"])
            if case .rejected? = error as? TransportFailure { return .rejected }
            return .failed
        }
    }

    /// A meter that fails leaves a gap, not a silent VEN.
    private func read(_ query: MeterQuery) async throws -> [IntervalReading] {
        guard query.window.duration > .zero else { return [] }
        do {
            return try await surroundings.meter.readings(of: query.resource, in: query.window, every: query.step)
        } catch {
            if error is CancellationError { throw error }
            surroundings.logger.warning("no readings", metadata: ["rID": "\(query.rID)", "reason": "\(error)"])
            return []
        }
    }

    private func logRegistration(_ registration: EndNodeRegistration?) {
        guard let registration else {
            surroundings.logger.notice("not registered any more")
            return
        }
        surroundings.logger.notice("registered", metadata: ["ven": "\(registration.venID)"])
    }
}
