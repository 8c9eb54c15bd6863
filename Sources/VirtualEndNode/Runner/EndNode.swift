public import Logging
public import Measures
public import OpenADR
import Synchronization

/// A virtual end node at work: executes what `EndNodeState` decides, and keeps what must not be forgotten.
///
/// What is decided is on the disk before it is done: a VEN that is killed knows, when it comes back, every event that it
/// answered or acted on, and which readings its VTN has.
public final class EndNode: Sendable {
    /// What surrounds a VEN.
    public struct Surroundings: Sendable {
        public var transport: any OpenADRTransport
        public var time: any TimeSource
        public var meter: any MeterSource
        public var status: any StatusSource
        public var target: any DispatchTarget
        public var policy: any OptPolicy
        public var logger: Logger

        public init(
            transport: any OpenADRTransport, time: any TimeSource, meter: any MeterSource,
            status: any StatusSource = AlwaysOnline(), target: any DispatchTarget, policy: any OptPolicy, logger: Logger
        ) {
            self.status = status
            self.transport = transport
            self.time = time
            self.meter = meter
            self.target = target
            self.policy = policy
            self.logger = logger
        }
    }

    /// What several tasks touch: the VEN's own, a push, a command of people.
    private struct Core {
        var state: EndNodeState
        var keeper: EndNodeKeeper?
        /// When the VTN was last heard of.
        var lastContact: Instant?
        var waitsUntil: Instant?

        mutating func remember() throws { try keeper?.keep(state.memory) }
    }

    private let surroundings: Surroundings
    private let core: Mutex<Core>
    private let bell = Bell()

    /// - Parameter keeper: where the VEN's memory is; nil for a VEN that forgets everything with its process.
    public init(
        configuration: EndNodeConfiguration, environment: EndNodeEnvironment, surroundings: Surroundings,
        keeper: sending EndNodeKeeper? = nil
    ) {
        self.surroundings = surroundings
        let state = EndNodeState(
            configuration: configuration, environment: environment, memory: keeper?.memory ?? EndNodeMemory(),
            now: surroundings.time.now())
        core = Mutex(Core(state: state, keeper: keeper))
    }

    /// Registers, polls, sheds and reports until its task is cancelled; then it returns. Throws `EndNodeFailure` when
    /// people have to do something first, and `JournalError` when its memory cannot be written.
    public func run() async throws {
        var input = EndNodeInput.started
        while !Task.isCancelled {
            let action = try step(input)
            do {
                input = try await execute(action)
            } catch is CancellationError {
                return
            }
        }
    }

    /// Takes a message that the VTN brought to this VEN's address; who it is has been checked.
    public func receive(_ payload: Payload, at service: ServiceName) throws -> PushAnswer {
        let now = surroundings.time.now()
        let answer = try core.withLock { core in
            let answer = core.state.receive(payload, at: service, now: now)
            core.lastContact = now
            try core.remember()
            return answer
        }
        bell.ring()
        return answer
    }

    /// Does what people at the site want. Throws `EndNodeRefusal`.
    public func perform(_ command: EndNodeCommand) throws -> OptID {
        let now = surroundings.time.now()
        let id = try core.withLock { core in
            let id = try core.state.perform(command, now: now)
            try core.remember()
            return id
        }
        bell.ring()
        return id
    }

    /// When the VTN was last heard of in this life of the VEN.
    public var lastContact: Instant? { core.withLock { $0.lastContact } }

    /// What the VEN knows and is about to do.
    public func status() -> EndNodeStatus {
        core.withLock { core in
            EndNodeStatus(
                of: core.state.memory, at: surroundings.time.now(), lastContact: core.lastContact,
                nextMessage: core.waitsUntil)
        }
    }

    private func step(_ input: EndNodeInput) throws -> EndNodeAction {
        let now = surroundings.time.now()
        let (action, old, new) = try core.withLock { core in
            let old = core.state.registration
            if case .answered = input { core.lastContact = now }
            let action = core.state.handle(input, now: now)
            if case .wait(let deadline) = action { core.waitsUntil = deadline } else { core.waitsUntil = nil }
            try core.remember()
            return (action, old, core.state.registration)
        }
        if old != new { logRegistration(new) }
        return action
    }

    /// Throws `CancellationError` and `EndNodeFailure`.
    private func execute(_ action: EndNodeAction) async throws -> EndNodeInput {
        switch action {
        case .exchange(let payload, let service):
            return try await exchange(payload, with: service)
        case .wait(let deadline):
            try await bell.wait(until: deadline, on: surroundings.time)
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
        case .observe(let queries):
            var statuses: [RID: ResourceStatus] = [:]
            for query in queries { statuses[query.rID] = await surroundings.status.status(of: query.resource) }
            return .observed(statuses)
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
            return EndNodeInput(failure: error)
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
