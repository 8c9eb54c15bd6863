import Glibc
import Subprocess

/// The state directory: who may use it, and where everything in it is.
///
/// ```
/// owner.lock     held by the program as long as it runs; contains its process number
/// mariadb.lock   held by the database server as long as it runs
/// mariadb/       of the server's user, 0700: data, socket, log, tmp
/// redis.lock, redis/
/// ```
struct StateDirectory: Sendable {
    let path: String
    private let ownership: FileLock

    /// Creates the directory where needed and takes it for this process.
    init(_ path: String) throws(LocalServicesError) {
        let path = Self.absolute(path)
        self.path = path
        let isRoot = geteuid() == 0
        // The servers' users must be able to pass through, not to look.
        try Files.makeDirectory(path, mode: isRoot ? 0o711 : 0o700)
        let lockPath = "\(path)/owner.lock"
        guard let lock = try FileLock(path: lockPath) else {
            throw .directoryInUse(path: path, pid: Self.processNumber(lockPath))
        }
        lock.writeOwner()
        ownership = lock
    }

    /// Lets the next instance have the directory.
    func release() {
        ownership.unlock()
    }

    /// The folder of one server, owned by the user it runs as.
    func folder(_ name: String, user: SystemUser, programs: Programs) async throws(LocalServicesError) -> String {
        let folder = "\(path)/\(name)"
        try Files.makeDirectory(folder, mode: 0o700)
        guard geteuid() == 0 else {
            guard access(folder, W_OK | X_OK) == 0 else { throw .system(folder) }
            return folder
        }
        if Files.owner(folder) != user.id {
            let chown = try programs.find("chown", package: "coreutils")
            try await Tool.run([chown, "-R", "\(user.id):\(user.group)", folder], log: "/dev/null")
        }
        let test = try programs.find("test", package: "coreutils")
        let reach = try await Tool.status([test, "-w", folder], as: user, log: "/dev/null")
        guard reach.isSuccess else {
            throw .unusableDirectory(path: path, reason: "the user \(user.name) cannot reach it")
        }
        return folder
    }

    /// Held by a server as long as it lives.
    func lockPath(_ server: String) -> String { "\(path)/\(server).lock" }

    /// Where the watchdog writes the server's process number.
    func pidPath(_ server: String) -> String { "\(path)/\(server)/pid" }

    /// The lock that a server inherits. Waits for one of an earlier instance that is still ending; asks it to end
    /// when its own watchdog does not.
    func serverLock(_ server: String) async throws(LocalServicesError) -> FileLock {
        let path = lockPath(server)
        let start = ContinuousClock.now
        var wasAsked = false
        while true {
            if let lock = try FileLock(path: path) { return lock }
            let waited = start.duration(to: .now)
            if waited > .seconds(3), !wasAsked, let pid = serverProcess(server) {
                kill(pid, SIGTERM)
                wasAsked = true
            }
            guard waited < .seconds(20) else { throw .leftover(server: server, pid: serverProcess(server)) }
            try await pause()
        }
    }

    /// The process that runs `server` of this directory, proven by its command line.
    func serverProcess(_ server: String) -> pid_t? {
        guard let pid = Self.processNumber(pidPath(server)) else { return nil }
        return Files.tail("/proc/\(pid)/cmdline", limit: 65_536).contains("\(path)/\(server)") ? pid : nil
    }

    /// The number in the first line of a file.
    static func processNumber(_ path: String) -> pid_t? {
        Files.tail(path, limit: 32).split(separator: "\n").first.flatMap { pid_t($0) }
    }

    static func absolute(_ path: String) -> String {
        var path = path
        if !path.hasPrefix("/"), let folder = getcwd(nil, 0) {
            path = "\(String(cString: folder))/\(path)"
            free(folder)
        }
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }
}

/// The step of every wait for a process or a socket.
func pause() async throws(LocalServicesError) {
    do {
        try await Task.sleep(for: .milliseconds(5))
    } catch {
        throw .cancelled
    }
}
