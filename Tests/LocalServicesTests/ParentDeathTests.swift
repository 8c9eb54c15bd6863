import Foundation
import LocalServices
import MariaDB
import Testing

@Suite struct ParentDeathTests {
    /// The killed process finds the folder by the number of its parent, this test's process.
    private static func folder(of process: pid_t, _ test: String) -> String { "/tmp/curtail-\(test)-\(process)" }

    /// The process that started another one.
    private static func parent(of process: pid_t) -> pid_t? {
        status(of: process, "PPid:").flatMap { pid_t($0) }
    }

    private static func status(of process: pid_t, _ name: String) -> String? {
        let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
        return line.map { $0.dropFirst(name.count).trimmingCharacters(in: .whitespaces) }
    }

    /// Whether a process has not ended; one that nobody has reaped has.
    private func runs(_ process: pid_t) -> Bool {
        Self.status(of: process, "State:").map { !$0.hasPrefix("Z") } ?? false
    }

    @Test func `servers end cleanly when their parent is killed, and start again with the data`() async throws {
        let folder = TestFolder(Self.folder(of: getpid(), "parent"))
        await #expect(processExitsWith: .signal(SIGKILL)) {
            let path = ParentDeathTests.folder(of: getppid(), "parent")
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
        for pid in killed { #expect(!runs(pid)) }
        #expect(folder.text("mariadb/log").contains("Shutdown complete"))
        let connection = try await MariaDBConnection.connect(MariaDBConfiguration(url: services.databaseURL))
        #expect(try await connection.query("SELECT id FROM kept").count == 1)
        await connection.close()
        try await services.stop()
        #expect(processes(mentioning: folder.path) == [])
    }

    @Test func `servers whose watchdogs were killed too are ended by the next start`() async throws {
        let folder = TestFolder(Self.folder(of: getpid(), "orphan"))
        await #expect(processExitsWith: .signal(SIGKILL)) {
            let folder = TestFolder(ParentDeathTests.folder(of: getppid(), "orphan"))
            let services = try await LocalServices.start(in: folder.path)
            for server in ["mariadb", "redis"] {
                let pid = try #require(folder.process(server))
                kill(try #require(ParentDeathTests.parent(of: pid)), SIGKILL)
            }
            try services.check()
            kill(getpid(), SIGKILL)
        }
        let orphans = [try #require(folder.process("mariadb")), try #require(folder.process("redis"))]
        for pid in orphans { #expect(runs(pid)) }
        let services = try await LocalServices.start(in: folder.path)
        for pid in orphans { #expect(!runs(pid)) }
        try await services.stop()
        #expect(processes(mentioning: folder.path) == [])
    }

    @Test func `a killed database server is noticed, and keeps what was committed`() async throws {
        let folder = TestFolder()
        let services = try await LocalServices.start(in: folder.path)
        let connection = try await MariaDBConnection.connect(MariaDBConfiguration(url: services.databaseURL))
        try await connection.runScript("CREATE TABLE kept (id INT PRIMARY KEY); INSERT INTO kept VALUES (7)")
        kill(try #require(folder.process("mariadb")), SIGKILL)
        let error = await #expect(throws: MariaDBError.self) { try await connection.query("SELECT id FROM kept") }
        #expect(error?.kind == .outcomeUnknown)
        // The connection breaks a moment before the last thread of the process is gone.
        let start = ContinuousClock.now
        while (try? services.check()) != nil, start.duration(to: .now) < .seconds(90) {
            try await Task.sleep(for: .milliseconds(1))
        }
        #expect(throws: LocalServicesError.self) { try services.check() }
        await #expect(throws: LocalServicesError.self) { try await services.stop() }

        let again = try await LocalServices.start(in: folder.path)
        let fresh = try await MariaDBConnection.connect(MariaDBConfiguration(url: again.databaseURL))
        #expect(try await fresh.query("SELECT id FROM kept").count == 1)
        await fresh.close()
        try await again.stop()
    }
}
