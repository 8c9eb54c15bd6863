import Foundation
import Logging
import Synchronization
import VirtualEndNode

/// Speaks with a driver that runs as long as the VEN: a line of JSON for each instruction on its standard input, and a
/// line on its standard output that says how it went.
///
/// ```
/// ─▶ {"type":"instruction","id":"event/peak/…","resource":"hvac","action":"level","value":2,…,"repeated":false}
/// ◀─ {"type":"done","id":"event/peak/…"}      or   {"type":"failed","id":"event/peak/…","reason":"…"}
/// ```
///
/// A driver that ends is started again when it is told something next; as it knows nothing then, it is told what holds.
final class PluginOutput: ControlOutput {
    private struct Reply: Decodable {
        let type: String
        let id: String
        let reason: String?
    }

    private struct State {
        var process: Process?
        var input: FileHandle?
        var buffer = Data()
        var waiting: [String: CheckedContinuation<Void, any Error>] = [:]
        var forgot: (@Sendable () -> Void)?
        /// Counts the lives of the driver.
        var life = 0
    }

    private static let longestLine = 65_536
    private static let patience = Duration.seconds(30)

    private let command: [String]
    private let logger: Logger
    private let state = Mutex(State())

    init(command: [String], logger: Logger) {
        self.command = command
        self.logger = logger
    }

    deinit {
        state.withLock { state in
            try? state.input?.close()
            if let process = state.process, process.isRunning { process.terminate() }
        }
    }

    /// It knows nothing at the start either.
    func attach(forgot: @escaping @Sendable () -> Void) {
        state.withLock { $0.forgot = forgot }
        forgot()
    }

    func apply(_ instruction: Instruction, isRepetition: Bool) async throws {
        let message = InstructionMessage(instruction, isRepetition: isRepetition)
        let line = try JSONEncoder().encode(message) + Data("\n".utf8)
        let input = try running()
        let watchdog = Task { [self] in
            try await Task.sleep(for: Self.patience)
            end(message.id, .failure(OutputFailure("\(command[0]) does not answer")))
            stop()
        }
        defer { watchdog.cancel() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock { $0.waiting[message.id] = continuation }
                do {
                    try input.write(contentsOf: line)
                } catch {
                    end(message.id, .failure(OutputFailure("\(command[0]) does not listen")))
                }
            }
        } onCancel: {
            end(message.id, .failure(CancellationError()))
        }
    }

    /// Its standard input; starts it when it does not run.
    private func running() throws -> FileHandle {
        try state.withLock { state in
            if let process = state.process, process.isRunning, let input = state.input { return input }
            let (process, input, output) = (Process(), Pipe(), Pipe())
            ChildProgram.prepare(process, command, environment: [:])
            process.standardInput = input
            process.standardOutput = output
            state.life += 1
            let life = state.life
            process.terminationHandler = { [weak self] process in
                output.fileHandleForReading.readabilityHandler = nil
                self?.ended(life: life, status: process.terminationStatus)
            }
            output.fileHandleForReading.readabilityHandler = { [weak self] handle in
                self?.take(handle.availableData)
            }
            do {
                try process.run()
            } catch {
                throw OutputFailure("\(command[0]) cannot be started: \(error.localizedDescription)")
            }
            (state.process, state.input, state.buffer) = (process, input.fileHandleForWriting, Data())
            return input.fileHandleForWriting
        }
    }

    private func take(_ data: Data) {
        let lines = state.withLock { state -> [Data] in
            state.buffer += data
            var lines: [Data] = []
            while let end = state.buffer.firstIndex(of: UInt8(ascii: "\n")) {
                lines.append(Data(state.buffer[..<end]))
                state.buffer = Data(state.buffer[(end + 1)...])
            }
            if state.buffer.count > Self.longestLine { state.buffer = Data() }
            return lines
        }
        for line in lines {
            guard let reply = try? JSONDecoder().decode(Reply.self, from: line) else {
                logger.warning("plug-in says what is no answer", metadata: ["program": "\(command[0])"])
                continue
            }
            switch reply.type {
            case "done": end(reply.id, .success(()))
            default: end(reply.id, .failure(OutputFailure(reply.reason ?? "\(command[0]) failed")))
            }
        }
    }

    private func end(_ id: String, _ result: Result<Void, any Error>) {
        state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(with: result)
    }

    private func ended(life: Int, status: Int32) {
        let (waiting, forgot) = state.withLock { state in
            guard state.life == life else {
                return ([], nil) as ([CheckedContinuation<Void, any Error>], (@Sendable () -> Void)?)
            }
            defer { state.waiting = [:] }
            state.process = nil
            return (Array(state.waiting.values), state.forgot)
        }
        logger.warning("plug-in ended", metadata: ["program": "\(command[0])", "status": "\(status)"])
        for continuation in waiting {
            continuation.resume(throwing: OutputFailure("\(command[0]) ended with status \(status)"))
        }
        forgot?()
    }

    private func stop() {
        state.withLock { if let process = $0.process, process.isRunning { kill(process.processIdentifier, SIGKILL) } }
    }
}
