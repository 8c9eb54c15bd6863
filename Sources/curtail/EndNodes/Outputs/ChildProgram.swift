import Foundation
import Synchronization

/// One run of a program at the site, bounded in time and in what it says.
struct ChildProgram: Sendable {
    let command: [String]
    let limit: Duration

    private static let longestOutput = 65_536

    /// What it wrote to its standard output. Throws when it cannot be started, fails, or takes too long: then it is
    /// killed.
    func run(environment: [String: String] = [:]) async throws -> String {
        let (process, output) = (Process(), Pipe())
        Self.prepare(process, command, environment: environment)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        let collected = Mutex(Data())
        let (ended, end) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = {
            end.yield($0.terminationReason == .exit ? $0.terminationStatus : -$0.terminationStatus)
            end.finish()
        }
        // Read as it comes: a program of the site must not hold one of the few threads that everything runs on.
        let (closed, close) = AsyncStream.makeStream(of: Never.self)
        output.fileHandleForReading.readabilityHandler = { handle in
            let chunk = handle.availableData
            guard !chunk.isEmpty else {
                handle.readabilityHandler = nil
                return close.finish()
            }
            collected.withLock { if $0.count < Self.longestOutput { $0 += chunk } }
        }
        do {
            try process.run()
        } catch {
            output.fileHandleForReading.readabilityHandler = nil
            throw OutputFailure("\(command[0]) cannot be started: \(error.localizedDescription)")
        }
        let pid = process.processIdentifier
        let watchdog = Task {
            try await Task.sleep(for: limit)
            Self.killAll(pid)
            close.finish()
        }
        var status: Int32?
        await withTaskCancellationHandler {
            for await code in ended { status = code }
            // Its children may write on after it, until the limit.
            for await _ in closed {}
        } onCancel: {
            Self.killAll(pid)
            close.finish()
        }
        watchdog.cancel()
        output.fileHandleForReading.readabilityHandler = nil
        try Task.checkCancellation()
        guard status == 0 else {
            throw OutputFailure(
                status == -SIGKILL
                    ? "\(command[0]) took longer than \(limit.components.seconds) s"
                    : "\(command[0]) ended with status \(status ?? -1)")
        }
        return collected.withLock { String(decoding: $0, as: UTF8.self) }
    }

    /// Ends the program and, where it has a group of its own, what it started.
    private static func killAll(_ pid: pid_t) {
        kill(getpgid(pid) == pid ? -pid : pid, SIGKILL)
    }

    /// A name without a slash is looked up in PATH.
    static func prepare(_ process: Process, _ command: [String], environment: [String: String]) {
        if command[0].contains("/") {
            process.executableURL = URL(fileURLWithPath: command[0])
            process.arguments = Array(command.dropFirst())
        } else {
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = command
        }
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    }
}
