import Glibc

/// A private `mariadbd` and `redis-server` as child processes: unprivileged, on Unix sockets, without a TCP port.
///
/// They end with this process, also when it is killed. One instance owns a state directory; a second one is refused.
/// Keep the value, and call `stop()`.
public final class LocalServices: Sendable {
    /// The database server's socket.
    public let databaseSocket: String
    /// `mariadb:///name?socket=...`; the login is that of the user the program runs as.
    public let databaseURL: String
    public let redisSocket: String
    /// `unix://...`
    public let redisURL: String

    private let directory: StateDirectory
    private let sockets: SocketFolders
    private let mariaDB: ServerProcess
    private let redis: ServerProcess

    private init(
        _ directory: StateDirectory, _ sockets: SocketFolders, _ database: String, mariaDB: ServerProcess,
        redis: ServerProcess
    ) {
        self.directory = directory
        self.sockets = sockets
        self.mariaDB = mariaDB
        self.redis = redis
        databaseSocket = sockets.socket(MariaDBServer.name)
        redisSocket = sockets.socket(RedisServer.name)
        databaseURL = "mariadb:///\(database)?socket=\(Self.percentEncoded(databaseSocket))"
        redisURL = "unix://\(Self.percentEncoded(redisSocket))"
    }

    /// Starts both servers and returns when they answer: about a second the first time, less later.
    ///
    /// The database `database` exists then. As root the servers run as the users `mysql` and `redis`, or `nobody`;
    /// `searchPath` are the folders of the programs, by default those of PATH and the administrator's.
    public static func start(
        in stateDirectory: String, database: String = "curtail", searchPath: [String]? = nil
    ) async throws(LocalServicesError) -> LocalServices {
        let isUsable = database.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isUsable, (1...64).contains(database.utf8.count) else { throw .badDatabaseName(database) }
        let programs = Programs(searchPath: searchPath)
        try MariaDBServer.checkPrograms(programs)
        try RedisServer.checkPrograms(programs)
        let directory = try StateDirectory(stateDirectory)
        let users = [MariaDBServer.name: serverUser("mysql"), RedisServer.name: serverUser("redis")]
        let sockets = try SocketFolders(directory, users: users)
        do throws(LocalServicesError) {
            return try await start(directory, sockets, users: users, database: database, programs: programs)
        } catch {
            sockets.remove(Array(users.keys))
            throw error
        }
    }

    private static func start(
        _ directory: StateDirectory, _ sockets: SocketFolders, users: [String: SystemUser], database: String,
        programs: Programs
    ) async throws(LocalServicesError) -> LocalServices {
        let redisUser = users[RedisServer.name] ?? .current()
        let redis = try await RedisServer(
            programs: programs, user: redisUser,
            folder: directory.folder(RedisServer.name, user: redisUser, programs: programs),
            socket: sockets.socket(RedisServer.name)
        ).start(in: directory)
        do throws(LocalServicesError) {
            let user = users[MariaDBServer.name] ?? .current()
            let mariaDB = try await MariaDBServer(
                programs: programs, user: user,
                folder: directory.folder(MariaDBServer.name, user: user, programs: programs),
                socket: sockets.socket(MariaDBServer.name), database: database
            ).start(in: directory)
            return LocalServices(directory, sockets, database, mariaDB: mariaDB, redis: redis)
        } catch {
            try? await redis.stop(within: .seconds(10))
            throw error
        }
    }

    /// Ends both servers cleanly and returns when their processes are gone. Also works in a cancelled task.
    public func stop() async throws(LocalServicesError) {
        let results = await Task { [mariaDB, redis] in
            async let first = Self.stop(mariaDB, within: .seconds(60))
            async let second = Self.stop(redis, within: .seconds(10))
            return await [first, second]
        }.value
        sockets.remove([MariaDBServer.name, RedisServer.name])
        directory.release()
        for case .some(let error) in results { throw error }
    }

    /// Throws when a server has ended by itself.
    public func check() throws(LocalServicesError) {
        for server in [mariaDB, redis] {
            guard server.isRunning else { throw server.failed("has ended") }
        }
    }

    private static func stop(_ server: ServerProcess, within limit: Duration) async -> LocalServicesError? {
        do throws(LocalServicesError) {
            try await server.stop(within: limit)
            return nil
        } catch {
            return error
        }
    }

    /// Servers never run as root.
    private static func serverUser(_ name: String) -> SystemUser {
        guard geteuid() == 0 else { return .current() }
        return SystemUser(named: name) ?? SystemUser(named: "nobody") ?? .current()
    }

    static func percentEncoded(_ path: String) -> String {
        path.utf8.reduce(into: "") { text, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."), UInt8(ascii: "~"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
    }
}
