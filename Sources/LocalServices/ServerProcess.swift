import Glibc
import Subprocess
import SystemPackage

/// A server that runs as long as this process: a shell between the two ends it when this process does.
final class ServerProcess: Sendable {
    /// Runs `"$@"` until standard input ends, then ends it and waits. The server alone keeps the lock, which comes
    /// as standard error and moves to 4; a background command of a shell reads /dev/null, hence the copy of standard
    /// input as 3.
    ///
    /// PR_SET_PDEATHSIG would not do: it fires when the thread that started the child ends.
    private static let watchdog = """
        pidfile=$1; shift
        exec 3<&0 4>&2 2>&1
        "$@" </dev/null 3<&- & server=$!
        exec 4>&-
        echo $server >"$pidfile"
        trap 'kill $server' TERM INT
        cat <&3 >/dev/null & watch=$!
        exec 3<&-
        wait $watch
        kill $server 2>/dev/null
        wait $server
        """

    let name: String
    private let log: String
    private let lockPath: String
    /// Ends with the exit of the shell, which is that of the server.
    private let run: Task<TerminationStatus, any Error>
    private let end: AsyncStream<Never>.Continuation

    /// Starts `command` as `user`; the lock of the server is held by it from now on, by nobody else.
    init(
        _ name: String, _ command: [String], user: SystemUser, in directory: StateDirectory, log: String,
        programs: Programs
    ) async throws(LocalServicesError) {
        self.name = name
        self.log = log
        lockPath = directory.lockPath(name)
        let shell = try programs.find("sh", package: "dash")
        let configuration = try Tool.configuration(
            [shell, "-c", Self.watchdog, "sh", directory.pidPath(name)] + command, as: user)
        let lock = try await directory.serverLock(name)
        // Not the object: the task would keep the lock here as long as the server runs.
        let lockDescriptor = FileDescriptor(rawValue: lock.descriptor)
        let output = try Tool.logFile(log)
        let (untilEnd, end) = AsyncStream<Never>.makeStream()
        let (started, start) = AsyncStream<Void>.makeStream()
        self.end = end
        run = Task {
            defer { start.finish() }
            return try await Subprocess.run(
                configuration, input: .inputWriter,
                output: .fileDescriptor(output, closeAfterSpawningProcess: true),
                error: .fileDescriptor(lockDescriptor, closeAfterSpawningProcess: false)
            ) { _ in
                start.yield()
                for await _ in untilEnd {}
                // Standard input closes when this closure returns.
            }.terminationStatus
        }
        // Until the child has its copy of the lock, also when this task is cancelled: the number of a lock that was
        // closed too early could by then be another file's.
        await Task { for await _ in started { break } }.value
        withExtendedLifetime(lock) {}
    }

    deinit {
        end.finish()
    }

    /// Waits until the server says something on its socket that satisfies `isReady`.
    func waitUntilReady(
        socket: String, greeting: String, within limit: Duration, _ isReady: ([UInt8]) -> Bool
    ) async throws(LocalServicesError) {
        let start = ContinuousClock.now
        var probe: SocketProbe?
        while start.duration(to: .now) < limit {
            if probe == nil { probe = SocketProbe.open(path: socket, greeting: greeting) }
            if let answer = probe?.answer() {
                if isReady(answer) { return }
                probe = nil
            }
            guard isRunning else { throw failed("ended while it started") }
            try await pause()
        }
        throw failed("did not answer within \(limit)")
    }

    /// The server holds its lock exactly as long as it lives.
    var isRunning: Bool {
        guard let lock = try? FileLock(path: lockPath) else { return true }
        return withExtendedLifetime(lock) { false }
    }

    /// Ends the server cleanly and waits until it is gone.
    func stop(within limit: Duration) async throws(LocalServicesError) {
        end.finish()
        let start = ContinuousClock.now
        while isRunning {
            guard start.duration(to: .now) < limit else { throw failed("did not end within \(limit)") }
            try await pause()
        }
        let status: TerminationStatus
        do {
            status = try await run.value
        } catch {
            throw failed("could not be run: \(error)")
        }
        guard status.isSuccess else { throw failed("ended uncleanly (\(status))") }
    }

    func failed(_ reason: String) -> LocalServicesError {
        .serverFailed(server: name, reason: reason, log: Tool.lastLines(log))
    }
}
