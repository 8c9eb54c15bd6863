import LocalServices
import Testing

@Suite struct RunningInstanceTests {
    @Test(arguments: [0, 120])
    func `a running instance is found, without disturbing it, until it stops`(padding: Int) async throws {
        // A long path puts the sockets elsewhere.
        let base = TestFolder()
        let folder = TestFolder("\(base.path)/\(String(repeating: "x", count: padding + 1))")
        #expect(LocalServices.runningDatabaseURL(in: folder.path) == nil)
        let services = try await LocalServices.start(in: folder.path, database: "some_name")
        #expect(
            LocalServices.runningDatabaseURL(in: folder.path, database: "some_name") == services.databaseURL)
        #expect(LocalServices.runningDatabaseURL(in: "\(folder.path)/", database: "some_name") == services.databaseURL)
        #expect(LocalServices.runningDatabaseURL(in: base.path) == nil)
        try services.check()
        try await services.stop()
        #expect(LocalServices.runningDatabaseURL(in: folder.path) == nil)
    }
}
