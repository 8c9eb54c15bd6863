/// The private cache: nothing of it is on disk, as nothing in it is the truth.
struct RedisServer: Sendable {
    static let name = "redis"
    private static let package = "redis-server"

    let programs: Programs
    /// Whom the server runs as.
    let user: SystemUser
    let folder: String
    let socket: String

    /// Finds out what is missing before anything is created.
    static func checkPrograms(_ programs: Programs) throws(LocalServicesError) {
        _ = try programs.find("redis-server", package: package)
    }

    func start(in directory: StateDirectory) async throws(LocalServicesError) -> ServerProcess {
        let server = try await ServerProcess(
            Self.name, [programs.find("redis-server", package: Self.package)] + flags, user: user, in: directory,
            log: "\(folder)/log", programs: programs)
        do throws(LocalServicesError) {
            try await server.waitUntilReady(socket: socket, greeting: "PING\r\n", within: .seconds(20)) { answer in
                answer.starts(with: "+PONG".utf8)
            }
        } catch {
            try? await server.stop(within: .seconds(10))
            throw error
        }
        return server
    }

    private var flags: [String] {
        [
            "--port", "0", "--unixsocket", socket, "--unixsocketperm", "700", "--dir", folder, "--daemonize", "no",
            "--save", "", "--appendonly", "no", "--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru",
            // Its command line shows whose it is.
            "--set-proc-title", "no",
        ]
    }
}
