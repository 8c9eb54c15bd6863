import Foundation
import LocalServices
import MariaDB

/// One private server for the whole test process, in memory; it ends with the process.
enum TestServer {
    private static let prefix = "curtail-mariadb-tests-"
    private static let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"

    private static let started = Task {
        removeLeftovers()
        return try await LocalServices.start(in: "\(parent)/\(prefix)\(getpid())", database: "tests")
    }

    /// The server outlives the last test by a moment, so its folder is left to the next run.
    private static func removeLeftovers() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] {
            guard name.hasPrefix(prefix), let owner = pid_t(name.dropFirst(prefix.count)), kill(owner, 0) != 0
            else { continue }
            try? FileManager.default.removeItem(atPath: "\(parent)/\(name)")
        }
    }

    static func configuration() async throws -> MariaDBConfiguration {
        try await MariaDBConfiguration(url: started.value.databaseURL)
    }

    static func connect() async throws -> MariaDBConnection {
        try await MariaDBConnection.connect(configuration())
    }

    static func pool(limit: Int = 8, waitLimit: Duration = .seconds(60)) async throws -> MariaDBPool {
        try await MariaDBPool.open(configuration(), limit: limit, waitLimit: waitLimit)
    }
}

/// Asks again until the answer is yes, for at most 90 s.
func eventually(_ question: () async throws -> Bool) async throws {
    let start = ContinuousClock.now
    while try await !question() {
        guard start.duration(to: .now) < .seconds(90) else { throw NeverHappened() }
        try await Task.sleep(for: .milliseconds(5))
    }
}

struct NeverHappened: Error {}
