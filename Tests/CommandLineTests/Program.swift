import Foundation
import Glibc
import Testing

/// One run of the built program.
final class Program: Sendable {
    let folder: TestFolder
    private let process: Process

    /// The program beside the tests' own executable.
    static let path: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: own).deletingLastPathComponent().path + "/curtail"
    }()

    /// The repository's folder.
    private static let root: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(3).joined(separator: "/")
    }()

    private init(folder: TestFolder, process: Process) {
        self.folder = folder
        self.process = process
    }

    /// Starts it with its outputs in the folder, and nothing of this machine's settings.
    ///
    /// - Parameter prefix: a command that runs the command that follows it.
    static func start(
        _ arguments: [String], in folder: TestFolder, behind prefix: [String] = []
    ) throws -> Program {
        let command = prefix + [path] + arguments
        let process = Process()
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.environment = [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder.path, "CURTAIL_ROOT": root,
            "SWIFT_BACKTRACE": "enable=no",
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try folder.output("stdout")
        process.standardError = try folder.output("stderr")
        try process.run()
        return Program(folder: folder, process: process)
    }

    /// Starts it, waits for its end, and takes what it said.
    static func run(
        _ arguments: [String], in folder: TestFolder, behind prefix: [String] = []
    ) async throws -> Outcome {
        try await start(arguments, in: folder, behind: prefix).end()
    }

    struct Outcome {
        /// The exit status, or minus the number of the signal that ended it.
        let status: Int32
        let output: String
        let errors: String

        func lines(_ prefix: String) -> [Substring] {
            errors.split(separator: "\n").filter { $0.hasPrefix(prefix) }
        }
    }

    /// What it said of its progress until now.
    var errors: String { folder.text("stderr") }

    func send(_ signal: Int32) {
        kill(process.processIdentifier, signal)
    }

    /// Kills what does not end by itself.
    func end(within limit: Duration = .seconds(150)) async throws -> Outcome {
        if try await !eventually(within: limit, { !process.isRunning }) {
            send(SIGKILL)
            Issue.record("the program did not end by itself:\n\(errors)")
        }
        process.waitUntilExit()
        let status = process.terminationStatus
        return Outcome(
            status: process.terminationReason == .uncaughtSignal ? -status : status, output: folder.text("stdout"),
            errors: errors)
    }
}

/// A folder for one test, removed when the test is over.
final class TestFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/curtail-cli-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        chmod(path, 0o755)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Where the program may keep its state; not there yet.
    var state: String { "\(path)/state" }

    func write(_ text: String, to name: String) throws -> String {
        let file = URL(fileURLWithPath: "\(path)/\(name)")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: true, encoding: .utf8)
        return file.deletingLastPathComponent().path
    }

    func text(_ name: String) -> String {
        (try? String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)) ?? ""
    }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }

    fileprivate func output(_ name: String) throws -> FileHandle {
        let file = "\(path)/\(name)"
        try Data().write(to: URL(fileURLWithPath: file))
        return try FileHandle(forWritingTo: URL(fileURLWithPath: file))
    }
}

/// The processes whose command line or working folder is in `folder`, by name.
func processes(in folder: String) -> [String] {
    let files = FileManager.default
    return ((try? files.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { name in
        guard pid_t(name) != nil else { return nil }
        let command = String(decoding: files.contents(atPath: "/proc/\(name)/cmdline") ?? Data(), as: UTF8.self)
        let place = (try? files.destinationOfSymbolicLink(atPath: "/proc/\(name)/cwd")) ?? ""
        guard command.contains(folder + "/") || place.hasPrefix(folder) else { return nil }
        return command.prefix { $0 != "\0" }.split(separator: "/").last.map(String.init)
    }
}

/// Asks again and again until `condition` holds; false when it never did.
func eventually(within limit: Duration, _ condition: () throws -> Bool) async throws -> Bool {
    let start = ContinuousClock.now
    while try !condition() {
        guard start.duration(to: .now) < limit else { return false }
        try await Task.sleep(for: .milliseconds(20))
    }
    return true
}
