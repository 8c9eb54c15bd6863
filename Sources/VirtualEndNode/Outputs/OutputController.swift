import Foundation
public import Logging
public import Measures
public import OpenADR
import Synchronization

/// What carries out instructions for one resource: a command, a webhook, a plug-in, or code of the embedding program.
public protocol ControlOutput: Sendable {
    /// Returns when it is done. What throws is tried again, with growing pauses, until something newer has to be done.
    ///
    /// - Parameter isRepetition: whether it may have been carried out before, in an earlier life of the VEN or of the
    ///   output.
    func apply(_ instruction: Instruction, isRepetition: Bool) async throws

    /// Called once, before anything else.
    ///
    /// - Parameter forgot: to be called when the output lost what it was told, and wants to be told again.
    func attach(forgot: @escaping @Sendable () -> Void)
}

extension ControlOutput {
    public func attach(forgot: @escaping @Sendable () -> Void) {}
}

/// Has the outputs do what the timeline says, when it says so, once.
///
/// Before an instruction goes out, and after it is done, a line says so in a journal. An instruction that was done is not
/// done again after a restart; one that was interrupted by a kill is, marked as a repetition.
public final class OutputController: DispatchTarget {
    /// One resource with what carries out its instructions.
    public struct Resource: Sendable {
        public var control: ResourceControl
        public var output: any ControlOutput

        public init(control: ResourceControl, output: any ControlOutput) {
            self.control = control
            self.output = output
        }
    }

    /// A line of the journal.
    private struct Mark: Codable {
        let resource: String
        let instruction: String
        let isDone: Bool
    }

    private struct State {
        var timeline = Timeline()
        var marks: [String: Mark] = [:]
        /// Resources whose outputs did not do the last thing that they were told.
        var failing: Set<String> = []
        /// Resources whose outputs want to be told again.
        var forgetful: Set<String> = []
        var journal: Journal?
    }

    public static let fileName = "outputs.journal"

    private let resources: [Resource]
    private let time: any TimeSource
    private let contact: @Sendable () -> Instant?
    private let logger: Logger
    private let state: Mutex<State>
    private let bells: [Bell]

    /// - Parameters:
    ///   - journal: the path of the journal; nil for outputs that forget.
    ///   - contact: when the VTN was last heard of.
    public init(
        resources: [Resource], time: any TimeSource, journal: String?, contact: @escaping @Sendable () -> Instant?,
        logger: Logger
    ) throws {
        self.resources = resources
        self.time = time
        self.contact = contact
        self.logger = logger
        bells = resources.map { _ in Bell() }
        var marks: [String: Mark] = [:]
        let file = try journal.map { path in
            try Journal(path: path) { line in
                guard let mark = try? JSONDecoder().decode(Mark.self, from: Data(line)) else {
                    throw JournalError.unreadable("no mark of an output")
                }
                marks[mark.resource] = mark
            }
        }
        state = Mutex(State(marks: marks, journal: file))
    }

    public func follow(_ timeline: Timeline) async {
        state.withLock { $0.timeline = timeline }
        for bell in bells { bell.ring() }
    }

    /// Works until its task is cancelled.
    public func run() async throws {
        let started = time.now()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (resource, bell) in zip(resources, bells) {
                group.addTask { try await self.serve(resource, bell: bell, since: started) }
            }
            try await group.waitForAll()
        }
    }

    private func serve(_ resource: Resource, bell: Bell, since started: Instant) async throws {
        var control = resource.control
        let name = control.resource?.rawValue ?? ""
        var failures = 0
        resource.output.attach { [self] in
            _ = state.withLock { $0.forgetful.insert(name) }
            bell.ring()
        }
        while !Task.isCancelled {
            let now = time.now()
            let timeline = state.withLock { $0.timeline }
            let heard = max(contact() ?? started, started)
            let (instruction, next) = control.decide(timeline: timeline, contact: heard, now: now)
            var retry: Instant?
            let (mark, hasForgotten) = state.withLock { ($0.marks[name], $0.forgetful.contains(name)) }
            let isKnown = mark?.instruction == instruction.id
            // A resource that never did anything is normal as it is.
            let isIdle = mark == nil && instruction.action == .normal
            if !isIdle, !isKnown || mark?.isDone == false || hasForgotten {
                do {
                    try await apply(instruction, on: resource, name: name, isRepetition: isKnown)
                    failures = 0
                    state.withLock { state in
                        state.forgetful.remove(name)
                        state.failing.remove(name)
                    }
                } catch is CancellationError {
                    return
                } catch let error as JournalError {
                    throw error
                } catch {
                    let pause = min(Int64(1) << min(failures, 6), 60)
                    failures += 1
                    _ = state.withLock { $0.failing.insert(name) }
                    retry = now + .seconds(pause)
                    logger.warning(
                        "output failed",
                        metadata: ["resource": "\(name)", "reason": "\(error)", "again in": "\(pause) s"])
                }
            }
            try await bell.wait(until: [next, retry].compactMap { $0 }.min() ?? now + .hours(1), on: time)
        }
    }

    private func apply(
        _ instruction: Instruction, on resource: Resource, name: String, isRepetition: Bool
    ) async throws {
        try note(Mark(resource: name, instruction: instruction.id, isDone: false))
        try await resource.output.apply(instruction, isRepetition: isRepetition)
        try note(Mark(resource: name, instruction: instruction.id, isDone: true))
        logger.notice(
            "control",
            metadata: [
                "resource": "\(name)", "event": "\(instruction.event?.rawValue ?? "")",
                "what": "\(instruction.words)", "because": "\(instruction.cause.rawValue)",
            ])
    }

    private func note(_ mark: Mark) throws {
        try state.withLock { state in
            state.marks[mark.resource] = mark
            guard let journal = state.journal else { return }
            let line = Array(try JSONEncoder().encode(mark))
            if journal.size > 256 << 10 {
                try journal.replace(with: state.marks.values.map { Array(try JSONEncoder().encode($0)) })
            } else {
                try journal.append(line)
            }
        }
    }
}

extension OutputController: StatusSource {
    /// A resource whose output fails is not online; the VEN as a whole is while all of them work.
    public func status(of resource: ResourceID?) async -> ResourceStatus {
        let isOnline = state.withLock { state in
            guard let resource, resources.contains(where: { $0.control.resource == resource }) else {
                return state.failing.isEmpty
            }
            return !state.failing.contains(resource.rawValue)
        }
        return ResourceStatus(isOnline: isOnline, isManuallyOverridden: false)
    }
}

extension Instruction {
    /// For people.
    public var words: String {
        switch action {
        case .normal: "normal"
        case .follow(let dispatch): "\(dispatch)"
        }
    }
}
