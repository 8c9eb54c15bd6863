import Glibc
import LocalServices
import MariaDB
import Testing

@Suite struct LocalServicesTests {
    @Test func `serves a database and a cache, and leaves no process`() async throws {
        let folder = TestFolder()
        let services = try await LocalServices.start(in: folder.path, database: "some_name")
        let connection = try await MariaDBConnection.connect(MariaDBConfiguration(url: services.databaseURL))
        let row = try await connection.query(
            """
            SELECT DATABASE() AS name, @@innodb_flush_log_at_trx_commit AS flush, @@skip_networking AS sockets_only,
            CAST(@@global.innodb_snapshot_isolation AS SIGNED) AS snapshots, @@character_set_database AS characters
            """)[0]
        #expect(try row.text("name") == "some_name")
        #expect(try row.integer("flush") == 1)
        #expect(try row.integer("sockets_only") == 1)
        #expect(try row.integer("snapshots") == 1)
        #expect(try row.text("characters") == "utf8mb4")
        await connection.close()
        try services.check()

        // The servers, their two watchdogs, and the two processes that each of these waits for.
        #expect(processes(mentioning: folder.path).count >= 4)
        try await services.stop()
        #expect(processes(mentioning: folder.path) == [])
        #expect(throws: LocalServicesError.self) { try services.check() }
    }

    @Test func `servers do not run as root, and nobody else can look into their folders`() async throws {
        let folder = TestFolder()
        let services = try await LocalServices.start(in: folder.path)
        for server in ["mariadb", "redis"] {
            let pid = try #require(folder.process(server))
            var process = stat()
            var data = stat()
            #expect(stat("/proc/\(pid)", &process) == 0)
            #expect(process.st_uid != 0)
            #expect(stat("\(folder.path)/\(server)", &data) == 0)
            #expect(data.st_mode & 0o777 == 0o700)
            #expect(data.st_uid == process.st_uid)
        }
        try await services.stop()
    }

    @Test func `data survives, and a later start is fast`() async throws {
        let folder = TestFolder()
        let beginning = ContinuousClock.now
        let first = try await LocalServices.start(in: folder.path)
        let firstElapsed = beginning.duration(to: .now)
        let connection = try await MariaDBConnection.connect(MariaDBConfiguration(url: first.databaseURL))
        try await connection.runScript("CREATE TABLE kept (id INT PRIMARY KEY); INSERT INTO kept VALUES (7)")
        await connection.close()
        try await first.stop()

        let start = ContinuousClock.now
        let second = try await LocalServices.start(in: folder.path)
        let elapsed = start.duration(to: .now)
        #expect(elapsed < firstElapsed)
        let again = try await MariaDBConnection.connect(MariaDBConfiguration(url: second.databaseURL))
        #expect(try await again.query("SELECT id FROM kept").count == 1)
        await again.close()
        try await second.stop()
    }

    @Test func `a second instance is refused by name`() async throws {
        let folder = TestFolder()
        let services = try await LocalServices.start(in: folder.path)
        let error = await #expect(throws: LocalServicesError.self) {
            try await LocalServices.start(in: folder.path)
        }
        #expect(error == .directoryInUse(path: folder.path, pid: getpid()))
        #expect(error?.description.contains("\(getpid())") == true)
        #expect(error?.description.contains(folder.path) == true)
        try services.check()
        try await services.stop()
    }

    @Test func `a long state directory gets its sockets elsewhere`() async throws {
        let outer = TestFolder()
        let folder = TestFolder("\(outer.path)/\(String(repeating: "long", count: 25))")
        let services = try await LocalServices.start(in: folder.path)
        #expect(!services.databaseSocket.hasPrefix(outer.path))
        #expect(services.databaseSocket.utf8.count <= 107)
        let connection = try await MariaDBConnection.connect(MariaDBConfiguration(url: services.databaseURL))
        #expect(try await connection.query("SELECT 1 AS one").count == 1)
        await connection.close()
        try await services.stop()
        #expect(access(services.databaseSocket, F_OK) != 0)
    }

    @Test func `a missing program is named with its package`() async throws {
        let error = await #expect(throws: LocalServicesError.self) {
            try await LocalServices.start(in: "/nonexistent/never-made", searchPath: ["/nonexistent"])
        }
        #expect(error == .binaryMissing(name: "mariadbd", package: "mariadb-server-core"))
        #expect(error?.hint.contains("apt install mariadb-server-core") == true)
        #expect(access("/nonexistent", F_OK) != 0)
    }

    @Test func `a state directory that is a file is refused`() async throws {
        let folder = TestFolder()
        let file = "\(folder.path)/file"
        try #require(fopen(file, "w").map { fclose($0) } == 0)
        for path in [file, "\(file)/below"] {
            let error = await #expect(throws: LocalServicesError.self) { try await LocalServices.start(in: path) }
            #expect(error?.description.contains("not a directory") == true)
            #expect(error?.description.contains(path) == true)
        }
    }

    @Test(arguments: ["", "a b", "a`; DROP DATABASE mysql", "ünï", String(repeating: "a", count: 65)])
    func `a bad database name is refused`(name: String) async throws {
        await #expect(throws: LocalServicesError.badDatabaseName(name)) {
            try await LocalServices.start(in: "/nonexistent/never-made", database: name)
        }
    }

    @Test func `a server that cannot start says why, and leaves no process`() async throws {
        let folder = TestFolder()
        try await LocalServices.start(in: folder.path).stop()
        // The server refuses a data directory with a broken system tablespace.
        truncate("\(folder.path)/mariadb/data/ibdata1", 1000)
        let error = await #expect(throws: LocalServicesError.self) {
            try await LocalServices.start(in: folder.path)
        }
        guard case .serverFailed("mariadb", _, let log)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!log.isEmpty)
        #expect(processes(mentioning: folder.path) == [])
    }
}
