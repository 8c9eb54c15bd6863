import Glibc
import LocalServices
import MariaDB

/// One private server for the whole test process, in memory; it ends with the process.
enum TestServer {
    private static let started = Task {
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        return try await LocalServices.start(in: "\(parent)/curtail-mariadb-tests-\(getpid())", database: "tests")
    }

    static func configuration() async throws -> MariaDBConfiguration {
        try await MariaDBConfiguration(url: started.value.databaseURL)
    }

    static func connect() async throws -> MariaDBConnection {
        try await MariaDBConnection.connect(configuration())
    }

    /// A pool that waits no longer than it must between retries.
    static func pool(limit: Int = 8, waitLimit: Duration = .seconds(20)) async throws -> MariaDBPool {
        try await MariaDBPool.open(configuration(), limit: limit, waitLimit: waitLimit)
    }
}
