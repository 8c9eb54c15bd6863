import Glibc
import LocalServices
import MariaDB
import Testing

@Suite struct ParentDeathTests {
    /// The killed process finds the folder by the number of its parent, this test's process.
    private static func folder(of process: pid_t) -> String { "/tmp/curtail-parent-\(process)" }

    @Test func `servers end cleanly when their parent is killed, and start again with the data`() async throws {
        let folder = TestFolder(Self.folder(of: getpid()))
        await #expect(processExitsWith: .signal(SIGKILL)) {
            let path = ParentDeathTests.folder(of: getppid())
            let services = try await LocalServices.start(in: path)
            let connection = try await MariaDBConnection.connect(MariaDBConfiguration(url: services.databaseURL))
            try await connection.runScript("CREATE TABLE kept (id INT PRIMARY KEY); INSERT INTO kept VALUES (7)")
            kill(getpid(), SIGKILL)
        }
        // At once: the next start waits for those that are still ending.
        let killed = [try #require(folder.process("mariadb")), try #require(folder.process("redis"))]
        let start = ContinuousClock.now
        let services = try await LocalServices.start(in: folder.path)
        print("start after the parent was killed: \(start.duration(to: .now))")
        for pid in killed { #expect(kill(pid, 0) != 0) }
        #expect(folder.text("mariadb/log").contains("Shutdown complete"))
        let connection = try await MariaDBConnection.connect(MariaDBConfiguration(url: services.databaseURL))
        #expect(try await connection.query("SELECT id FROM kept").count == 1)
        await connection.close()
        try await services.stop()
        #expect(processes(mentioning: folder.path) == [])
    }
}
