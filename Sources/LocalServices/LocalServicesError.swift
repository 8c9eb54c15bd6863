/// Why the private servers could not be started or stopped: one sentence, and what to do about it.
public enum LocalServicesError: Error, Hashable, Sendable {
    /// A program is not installed.
    case binaryMissing(name: String, package: String)
    /// The state directory, or something in it, cannot be created, written or reached.
    case unusableDirectory(path: String, reason: String)
    /// Another instance owns the state directory.
    case directoryInUse(path: String, pid: Int32?)
    /// A server of an earlier instance did not end.
    case leftover(server: String, pid: Int32?)
    /// A server ended or did not answer; `log` are the last lines it wrote.
    case serverFailed(server: String, reason: String, log: [String])
    /// No place for a socket within the length that the system allows.
    case pathTooLong(path: String, limit: Int)
    /// The database name is not of letters, digits and underscores.
    case badDatabaseName(String)
    /// The task was cancelled while the servers started.
    case cancelled
}

extension LocalServicesError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .binaryMissing(let name, _):
            "The program \(name) is not installed."
        case .unusableDirectory(let path, let reason):
            "The state directory \(path) cannot be used: \(reason)."
        case .directoryInUse(let path, let pid):
            "Another instance\(pid.map { " (process \($0))" } ?? "") uses the state directory \(path)."
        case .leftover(let server, let pid):
            "The \(server)\(pid.map { " (process \($0))" } ?? "") of an earlier instance still runs."
        case .serverFailed(let server, let reason, let log):
            "The private \(server) \(reason)."
                + (log.isEmpty ? "" : " Its last words: " + log.joined(separator: " | "))
        case .pathTooLong(let path, let limit):
            "The socket path \(path) is longer than the \(limit) bytes that the system allows."
        case .badDatabaseName(let name):
            "The database name '\(name)' is not usable."
        case .cancelled:
            "The start of the private servers was cancelled."
        }
    }

    /// What the person who runs the program can do.
    public var hint: String {
        switch self {
        case .binaryMissing(_, let package):
            "Install it with 'apt install \(package)', or name a server with --database-url and --redis-url."
        case .unusableDirectory:
            "Choose another one with --state-directory, or give the user of the program rights to it."
        case .directoryInUse:
            "Stop that instance, or choose another directory with --state-directory."
        case .leftover:
            "End that process, then start again."
        case .serverFailed:
            "Read its log in the state directory; common causes are a full disk and data of a newer server version."
        case .pathTooLong:
            "Choose a shorter --state-directory, or set XDG_RUNTIME_DIR to a short private directory."
        case .badDatabaseName:
            "Use 1 to 64 letters, digits and underscores."
        case .cancelled:
            "Start again."
        }
    }
}
