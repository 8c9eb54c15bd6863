import Glibc
import Subprocess
import SystemPackage

/// Programs that do one thing and end.
enum Tool {
    /// Runs `arguments[0]`, an absolute path, to its end, which must be a success.
    static func run(
        _ arguments: [String], as user: SystemUser = .current(), log: String
    ) async throws(LocalServicesError) {
        let status = try await status(arguments, as: user, log: log)
        guard status.isSuccess else {
            throw .serverFailed(
                server: "tool \(arguments[0])", reason: "failed (\(status))", log: lastLines(log))
        }
    }

    static func status(
        _ arguments: [String], as user: SystemUser = .current(), log: String
    ) async throws(LocalServicesError) -> TerminationStatus {
        let configuration = configuration(arguments, as: user)
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
    static func configuration(_ arguments: [String], as user: SystemUser) -> Configuration {
        var options = PlatformOptions()
        options.createSession = true
        if geteuid() == 0, user.id != 0 {
            options.userID = user.id
            options.groupID = user.group
            options.supplementaryGroups = []
        }
        return Configuration(
            executable: .path(FilePath(arguments[0])), arguments: Arguments(Array(arguments.dropFirst())),
            environment: .custom([
                "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
            ]),
            workingDirectory: "/", platformOptions: options)
    }

    /// A log that is appended to.
    static func logFile(_ path: String) throws(LocalServicesError) -> FileDescriptor {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw .system(path) }
        return FileDescriptor(rawValue: descriptor)
    }

    static func lastLines(_ log: String) -> [String] {
        Files.tail(log).split(separator: "\n").suffix(6).map(String.init)
    }
}
