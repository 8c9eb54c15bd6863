import MariaDB
import Synchronization
import Testing

@Suite struct MariaDBPoolTests {
    /// Makes a table of this suite anew.
    private static func script(_ text: String) async throws {
        let connection = try await TestServer.connect()
        try await connection.runScript(text)
        await connection.close()
    }

    @Test(arguments: [MariaDBIsolation.readCommitted, .repeatableRead, .serializable])
    func `increments of eight connections lose nothing`(isolation: MariaDBIsolation) async throws {
        let pool = try await TestServer.pool(limit: 8)
        let counter: Int64
        switch isolation {
        case .readCommitted: counter = 1
        case .repeatableRead: counter = 2
        case .serializable: counter = 3
        }
        try await pool.execute("CREATE TABLE IF NOT EXISTS counters (id INT PRIMARY KEY, value INT NOT NULL)")
        try await pool.execute("INSERT INTO counters VALUES (?, 0)", [.integer(counter)])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<25 {
                        try await pool.transaction(isolation: isolation, retries: 1000) { connection in
                            // Read, then write: what loses updates without a lock or a checked snapshot.
                            let lock = isolation == .readCommitted
                            let row =
                                lock
                                ? try connection.query(
                                    "SELECT value FROM counters WHERE id = ? FOR UPDATE", [.integer(counter)])
                                : try connection.query("SELECT value FROM counters WHERE id = ?", [.integer(counter)])
                            try connection.execute(
                                "UPDATE counters SET value = ? WHERE id = ?",
                                [.integer(try row[0].integer("value") + 1), .integer(counter)])
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let rows = try await pool.query("SELECT value FROM counters WHERE id = ?", [.integer(counter)])
        #expect(try rows[0].integer("value") == 200)
        await pool.close()
    }

    @Test func `a deadlock is run again`() async throws {
        try await Self.script(
            """
            CREATE OR REPLACE TABLE deadlock (id INT PRIMARY KEY, value INT NOT NULL);
            INSERT INTO deadlock VALUES (1, 0), (2, 0)
            """)
        let waits = Mutex<[Duration]>([])
        let policy = RetryPolicy(random: { 0.5 }) { duration in
            waits.withLock { $0.append(duration) }
            try await Task.sleep(for: duration)
        }
        let pool = try await MariaDBPool.open(TestServer.configuration(), limit: 2, policy: policy)
        let meeting = Meeting(of: 2)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (first, second) in [(1, 2), (2, 1)] as [(Int64, Int64)] {
                group.addTask {
                    try await pool.transaction { connection in
                        try connection.execute("UPDATE deadlock SET value = value + 1 WHERE id = ?", [.integer(first)])
                        // Both hold one row now, the first time.
                        await meeting.arrive()
                        try connection.execute("UPDATE deadlock SET value = value + 1 WHERE id = ?", [.integer(second)])
                    }
                }
            }
            try await group.waitForAll()
        }
        let rows = try await pool.query("SELECT value FROM deadlock")
        #expect(try rows.map { row in try row.integer("value") } == [2, 2])
        #expect(waits.withLock { $0.contains(.milliseconds(2.5)) })
        await pool.close()
    }

    @Test func `a lock wait is run again, at most as often as allowed`() async throws {
        try await Self.script(
            "CREATE OR REPLACE TABLE lock_wait (id INT PRIMARY KEY); INSERT INTO lock_wait VALUES (1)")
        let holder = try await TestServer.connect()
        try await holder.runScript("START TRANSACTION; SELECT * FROM lock_wait FOR UPDATE")
        let pool = try await TestServer.pool(limit: 1)
        let attempts = Atomic(0)
        let error = await #expect(throws: MariaDBError.self) {
            try await pool.transaction(retries: 2) { connection in
                attempts.add(1, ordering: .relaxed)
                try connection.execute("SET SESSION innodb_lock_wait_timeout = 0")
                _ = try connection.query("SELECT id FROM lock_wait FOR UPDATE")
            }
        }
        #expect(error?.code == 1205)
        #expect(error?.kind == .retryable)
        #expect(attempts.load(ordering: .relaxed) == 3)
        // Nobody holds anything any more.
        try await holder.runScript("ROLLBACK")
        #expect(try await pool.query("SELECT id FROM lock_wait FOR UPDATE").count == 1)
        await holder.close()
        await pool.close()
    }

    @Test func `an error of the body undoes the transaction and is not repeated`() async throws {
        struct Stop: Error {}
        try await Self.script("CREATE OR REPLACE TABLE undone (id INT PRIMARY KEY)")
        let pool = try await TestServer.pool(limit: 1)
        let attempts = Atomic(0)
        await #expect(throws: Stop.self) {
            try await pool.transaction { connection in
                attempts.add(1, ordering: .relaxed)
                try connection.execute("INSERT INTO undone VALUES (1)")
                throw Stop()
            }
        }
        #expect(attempts.load(ordering: .relaxed) == 1)
        #expect(try await pool.query("SELECT id FROM undone").isEmpty)
        await pool.close()
    }

    @Test func `a killed connection is reported as outcome unknown, and replaced`() async throws {
        try await Self.script("CREATE OR REPLACE TABLE killed (id INT PRIMARY KEY)")
        let observer = try await TestServer.connect()
        let pool = try await TestServer.pool(limit: 1)
        let attempts = Atomic(0)
        let error = await #expect(throws: MariaDBError.self) {
            try await pool.transaction { connection in
                attempts.add(1, ordering: .relaxed)
                try connection.execute("INSERT INTO killed VALUES (1)")
                try await observer.runScript("KILL \(connection.serverThreadID)")
                try connection.execute("INSERT INTO killed VALUES (2)")
            }
        }
        #expect(error?.kind == .outcomeUnknown)
        #expect(attempts.load(ordering: .relaxed) == 1)
        #expect(try await pool.query("SELECT id FROM killed").isEmpty)

        // An idle one that the server closed is replaced before anything is done with it.
        let idle = try await pool.withConnection { $0.serverThreadID }
        try await observer.runScript("KILL \(idle)")
        try await pool.transaction { try $0.execute("INSERT INTO killed VALUES (3)") }
        #expect(try await pool.withConnection { $0.serverThreadID } != idle)
        await observer.close()
        await pool.close()
    }

    @Test func `cancellation ends the statement at the server`() async throws {
        let observer = try await TestServer.connect()
        let pool = try await TestServer.pool(limit: 1)
        let thread = Mutex<UInt>(0)
        let task = Task {
            try await pool.transaction { connection in
                thread.withLock { $0 = connection.serverThreadID }
                _ = try connection.query("SELECT SLEEP(600)")
            }
        }
        func runs(_ thread: UInt) async throws -> Bool {
            try await !observer.query(
                "SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = ? AND INFO LIKE '%SLEEP(600)%'",
                [.integer(Int64(thread))]
            ).isEmpty
        }
        try await eventually { try await runs(thread.withLock { $0 }) }
        let start = ContinuousClock.now
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(start.duration(to: .now) < .seconds(300))
        try await eventually { try await !runs(thread.withLock { $0 }) }
        #expect(try await pool.query("SELECT 1 AS one").count == 1)
        await observer.close()
        await pool.close()
    }

    @Test func `callers beyond the limit wait, and not for ever`() async throws {
        let pool = try await TestServer.pool(limit: 1, waitLimit: .milliseconds(50))
        let (inside, enter) = AsyncStream<Void>.makeStream()
        let (leaving, leave) = AsyncStream<Void>.makeStream()
        let holder = Task {
            try await pool.withConnection { _ in
                enter.yield()
                for await _ in leaving { break }
            }
        }
        for await _ in inside { break }
        let error = await #expect(throws: MariaDBError.self) { try await pool.query("SELECT 1") }
        #expect(error?.kind == .poolExhausted)
        leave.yield()
        try await holder.value
        #expect(try await pool.query("SELECT 1 AS one").count == 1)
        await pool.close()
        let closed = await #expect(throws: MariaDBError.self) { try await pool.query("SELECT 1") }
        #expect(closed?.kind == .closed)
    }

    @Test func `a pool without a server, or with a wrong database, fails when it is opened`() async throws {
        let absent = MariaDBConfiguration(endpoint: .unixSocket(path: "/nonexistent/mariadb.sock"))
        let error = await #expect(throws: MariaDBError.self) { try await MariaDBPool.open(absent) }
        #expect(error?.kind == .unreachable)
        var wrong = try await TestServer.configuration()
        wrong.database = "no_such_database"
        let unknown = await #expect(throws: MariaDBError.self) { try await MariaDBPool.open(wrong) }
        #expect(unknown?.kind == .unreachable)
        #expect(unknown?.code == 1049)
    }
}

/// Lets nobody on until `count` have come; those that come later are not held.
actor Meeting {
    private var missing: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(of count: Int) {
        missing = count
    }

    func arrive() async {
        missing -= 1
        if missing > 0 {
            await withCheckedContinuation { waiting.append($0) }
        } else {
            for continuation in waiting { continuation.resume() }
            waiting = []
        }
    }
}
