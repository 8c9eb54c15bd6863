import Glibc
import Subprocess
import SystemPackage

/// Where the client programs of MariaDB find a database.
public struct DumpedDatabase: Hashable, Sendable {
    public enum Place: Hashable, Sendable {
        case socket(String)
        case tcp(host: String, port: UInt16)
    }

    public var place: Place
    public var user: String
    public var password: String?
    public var name: String

    public init(place: Place, user: String, password: String? = nil, name: String) {
        self.place = place
        self.user = user
        self.password = password
        self.name = name
    }
}

/// Copies a whole database into a file of SQL and back, by `mariadb-dump` and `mariadb` as child processes.
///
/// A dump is one transaction: what it holds was true at one moment, whatever is written meanwhile. Two databases with the
/// same content give the same bytes, so a restored database is proven by dumping it again.
public struct DatabaseDump: Sendable {
    private static let package = "mariadb-client"

    /// For messages and the output of the programs; one file.
    private let log: String

    /// - Parameter log: a file that the programs' messages are appended to.
    public init(log: String) {
        self.log = log
    }

    /// Writes a dump to a file, which must not exist; the file is readable by its owner only.
    public func write(_ database: DumpedDatabase, to path: String) async throws(LocalServicesError) {
        let program = try Programs().find("mariadb-dump", package: Self.package)
        let output = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard output >= 0 else { throw .system(path) }
        try await run(
            program, database,
            [
                "--single-transaction", "--quick", "--order-by-primary", "--hex-blob", "--triggers", "--skip-comments",
                "--skip-dump-date", "--default-character-set=utf8mb4", "--skip-add-locks", "--max-allowed-packet=64M",
            ], input: nil, output: FileDescriptor(rawValue: output))
    }

    /// Runs a dump in a database, which should be empty.
    public func read(_ path: String, into database: DumpedDatabase) async throws(LocalServicesError) {
        let program = try Programs().find("mariadb", package: "mariadb-client-core")
        let input = open(path, O_RDONLY | O_CLOEXEC)
        guard input >= 0 else { throw .system(path) }
        try await run(
            program, database, ["--default-character-set=utf8mb4", "--binary-mode", "--max-allowed-packet=64M"],
            input: FileDescriptor(rawValue: input), output: try Tool.logFile(log))
    }

    private func run(
        _ program: String, _ database: DumpedDatabase, _ arguments: [String], input: FileDescriptor?,
        output: FileDescriptor
    ) async throws(LocalServicesError) {
        let options = try PasswordFile(database.password)
        defer { options.remove() }
        let place =
            switch database.place {
            case .socket(let path): ["--protocol=socket", "--socket=\(path)"]
            case .tcp(let host, let port): ["--protocol=tcp", "--host=\(host)", "--port=\(port)"]
            }
        let configuration = try Tool.configuration(
            [program] + options.arguments + place + ["--user=\(database.user)"] + arguments + [database.name],
            as: .current())
        let messages = try Tool.logFile(log)
        let status: TerminationStatus
        do {
            if let input {
                status = try await Subprocess.run(
                    configuration, input: .fileDescriptor(input, closeAfterSpawningProcess: true),
                    output: .fileDescriptor(output, closeAfterSpawningProcess: true),
                    error: .fileDescriptor(messages, closeAfterSpawningProcess: true)
                ).terminationStatus
            } else {
                status = try await Subprocess.run(
                    configuration, output: .fileDescriptor(output, closeAfterSpawningProcess: true),
                    error: .fileDescriptor(messages, closeAfterSpawningProcess: true)
                ).terminationStatus
            }
        } catch {
            if Task.isCancelled { throw .cancelled }
            throw .serverFailed(server: "tool \(program)", reason: "failed to run: \(error)", log: [])
        }
        guard status.isSuccess else {
            throw .serverFailed(server: "tool \(program)", reason: "failed (\(status))", log: Tool.lastLines(log))
        }
    }
}

/// A password on its way to a client program: in a file that only its owner can read, never on the command line.
private struct PasswordFile {
    let arguments: [String]
    private let path: String?

    init(_ password: String?) throws(LocalServicesError) {
        guard let password else {
            (arguments, path) = (["--no-defaults"], nil)
            return
        }
        var template = Array("/tmp/curtail-client-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw .system("/tmp") }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let escaped = password.map { "\\\"".contains($0) ? "\\\($0)" : String($0) }.joined()
        let text = Array("[client]\npassword=\"\(escaped)\"\n".utf8)
        let written = text.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
        guard written == text.count else { throw .system(path) }
        (arguments, self.path) = (["--defaults-file=\(path)"], path)
    }

    func remove() {
        if let path { unlink(path) }
    }
}
