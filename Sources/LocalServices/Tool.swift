import Glibc
import Subprocess
import SystemPackage

/// Programs that do one thing and end.
enum Tool {
    /// Runs `arguments[0]`, an absolute path, to its end, which must be a success.
    static func run(
        _ arguments: [String], as user: SystemUser = .current(), log: String, temporary: String = "/tmp"
    ) async throws(LocalServicesError) {
        let status = try await status(arguments, as: user, log: log, temporary: temporary)
        guard status.isSuccess else {
            throw .serverFailed(
                server: "tool \(arguments[0])", reason: "failed (\(status))", log: lastLines(log))
        }
    }

    static func status(
        _ arguments: [String], as user: SystemUser = .current(), log: String, temporary: String = "/tmp"
    ) async throws(LocalServicesError) -> TerminationStatus {
        let configuration = try configuration(arguments, as: user, temporary: temporary)
        let output = try logFile(log)
        do {
            return try await Subprocess.run(
                configuration, output: .fileDescriptor(output, closeAfterSpawningProcess: true),
                error: .combinedWithOutput
            ).terminationStatus
        } catch {
            if Task.isCancelled { throw .cancelled }
            throw .serverFailed(server: "tool \(arguments[0])", reason: "failed to run: \(error)", log: [])
        }
    }

    /// A child with its own session, so that an interrupt from the terminal reaches only this program.
    ///
    /// Another user comes through `setpriv`: Subprocess's own option calls setgroups between fork and exec, which in
    /// a program with threads can wait forever for a thread that the child does not have (seen with 1.0.2).
    static func configuration(
        _ arguments: [String], as user: SystemUser, temporary: String = "/tmp"
    ) throws(LocalServicesError) -> Configuration {
        var options = PlatformOptions()
        options.createSession = true
        var arguments = arguments
        if geteuid() == 0, user.id != 0 {
            let setpriv = try Programs().find("setpriv", package: "util-linux")
            arguments = [setpriv, "--reuid=\(user.id)", "--regid=\(user.group)", "--clear-groups", "--"] + arguments
        }
        return Configuration(
            executable: .path(FilePath(arguments[0])), arguments: Arguments(Array(arguments.dropFirst())),
            environment: .custom([
                "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
                "TMPDIR": temporary,
            ]),
            workingDirectory: "/", platformOptions: options)
    }

    /// A log that is appended to.
    static func logFile(_ path: String) throws(LocalServicesError) -> FileDescriptor {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw .system(path) }
        return FileDescriptor(rawValue: descriptor)
    }

    /// The last lines of a log that tell of an error, or just the last ones.
    static func lastLines(_ log: String) -> [String] {
        let lines = Files.tail(log, limit: 16_384).split(separator: "\n").map(String.init)
        let errors = lines.filter { $0.contains("ERROR") || $0.contains("Fatal") || $0.contains("annot") }
        return (errors.isEmpty ? lines : errors).suffix(6)
    }
}
