import Glibc

/// The private database server: its first data directory, and its flags.
struct MariaDBServer: Sendable {
    static let name = "mariadb"
    private static let package = "mariadb-server-core"

    let programs: Programs
    /// Whom the server runs as.
    let user: SystemUser
    let folder: String
    let socket: String
    let database: String

    private var data: String { "\(folder)/data" }
    private var temporary: String { "\(folder)/tmp" }
    private var log: String { "\(folder)/log" }

    /// Finds out what is missing before anything is created.
    static func checkPrograms(_ programs: Programs) throws(LocalServicesError) {
        _ = try programs.find("mariadbd", package: package)
        _ = try programs.find("mariadb-install-db", package: package)
    }

    func start(in directory: StateDirectory) async throws(LocalServicesError) -> ServerProcess {
        try prepare()
        if !Files.exists(data) { try await initialize() }
        let server = try await ServerProcess(
            Self.name, [programs.find("mariadbd", package: Self.package)] + flags, user: user, in: directory, log: log,
            programs: programs)
        do throws(LocalServicesError) {
            // The server greets first, once it has run the init file.
            try await server.waitUntilReady(socket: socket, greeting: "", within: .seconds(60)) { $0.count > 4 }
        } catch {
            try? await server.stop(within: .seconds(30))
            throw error
        }
        return server
    }

    /// A new data directory. The installation waits for about a hundred disk writes, so it is made in memory where
    /// there is room, copied, and synced once. The last step is a rename: a directory named `data` is complete.
    private func initialize() async throws(LocalServicesError) {
        let draft = "\(folder)/data.new"
        let tools = try (
            remove: programs.find("rm", package: "coreutils"), copy: programs.find("cp", package: "coreutils"),
            sync: programs.find("sync", package: "coreutils")
        )
        try await Tool.run([tools.remove, "-rf", draft], log: log)
        let needed: UInt64 = 128 << 20
        let memory = Files.freeBytes("/dev/shm") > needed ? Files.makeTemporaryDirectory(in: "/dev/shm") : nil
        if let memory {
            do throws(LocalServicesError) {
                if geteuid() == 0, chown(memory, user.id, user.group) != 0 { throw .system(memory) }
                try await install("\(memory)/data")
                try await Tool.run([tools.copy, "-a", "\(memory)/data", draft], log: log)
            } catch {
                _ = try? await Tool.status([tools.remove, "-rf", memory], log: log)
                throw error
            }
            try await Tool.run([tools.remove, "-rf", memory], log: log)
        } else {
            try await install(draft)
        }
        try await Tool.run([tools.sync, "-f", folder], log: log)
        guard rename(draft, data) == 0 else { throw .system(data) }
        try await Tool.run([tools.sync, "-f", folder], log: log)
    }

    private func install(_ path: String) async throws(LocalServicesError) {
        let install = try programs.find("mariadb-install-db", package: Self.package)
        let arguments = [
            // --force: the name of a fresh machine need not resolve; nobody logs in over the network anyway.
            install, "--no-defaults", "--force", "--datadir=\(path)", "--auth-root-authentication-method=socket",
            "--auth-root-socket-user=\(SystemUser.current().name)", "--skip-test-db", "--skip-name-resolve",
            "--innodb-log-file-size=8M", "--innodb-flush-method=nosync",
        ]
        // A starting mariadbd deletes the temporary tables of every other one that uses the same folder.
        try await Tool.run(arguments, as: user, log: log, temporary: temporary)
    }

    /// What the server reads before it answers anybody.
    private func prepare() throws(LocalServicesError) {
        try Files.makeDirectory(temporary, mode: 0o700)
        let initFile = "\(folder)/init.sql"
        try Files.write(
            """
            CREATE DATABASE IF NOT EXISTS `\(database)` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
            CREATE USER IF NOT EXISTS \(Self.quoted(SystemUser.current().name))@localhost IDENTIFIED VIA unix_socket;
            GRANT ALL PRIVILEGES ON *.* TO \(Self.quoted(SystemUser.current().name))@localhost WITH GRANT OPTION;

            """, to: initFile)
        guard geteuid() == 0 else { return }
        for path in [temporary, initFile] {
            guard chown(path, user.id, user.group) == 0 else { throw .system(path) }
        }
    }

    private static func quoted(_ name: String) -> String {
        "`" + name.map { $0 == "`" ? "``" : String($0) }.joined() + "`"
    }

    /// Small, strict, durable: a commit is on the disk when it is acknowledged.
    private var flags: [String] {
        [
            "--no-defaults", "--datadir=\(data)", "--socket=\(socket)", "--pid-file=\(folder)/mariadbd.pid",
            "--tmpdir=\(temporary)", "--init-file=\(folder)/init.sql", "--skip-networking", "--log-warnings=1",
            "--innodb-buffer-pool-size=64M", "--innodb-log-file-size=8M", "--innodb-use-native-aio=0",
            "--innodb-flush-log-at-trx-commit=1", "--innodb-snapshot-isolation=ON", "--secure-timestamp=YES",
            "--aria-pagecache-buffer-size=1M", "--key-buffer-size=64K", "--max-connections=50",
            "--table-open-cache=200", "--performance-schema=OFF", "--local-infile=OFF", "--symbolic-links=OFF",
            "--sql-mode=STRICT_ALL_TABLES,STRICT_TRANS_TABLES",
            "--character-set-server=utf8mb4", "--collation-server=utf8mb4_bin", "--default-time-zone=+00:00",
        ]
    }
}
