/// One connection to a server, with a thread of its own on which libmariadb blocks.
///
/// SQL is a `StaticString`: a statement can only come from the program's text, values only through parameters.
/// Statements are prepared once and kept until the connection closes.
public actor MariaDBConnection {
    private let thread: ConnectionThread
    private let session = Session()
    private let configuration: MariaDBConfiguration
    private var lastUse = ContinuousClock.now

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private init(_ configuration: MariaDBConfiguration) throws(MariaDBError) {
        guard let thread = ConnectionThread() else { throw .other("The system gave no thread for a connection.") }
        self.thread = thread
        self.configuration = configuration
    }

    deinit {
        thread.finish { [session] in
            session.close()
            Session.leaveThread()
        }
    }

    /// Connects, logs in, and sets and checks what correct results depend on: UTC, strict SQL, utf8mb4,
    /// `innodb_snapshot_isolation`.
    public static func connect(_ configuration: MariaDBConfiguration) async throws(MariaDBError) -> MariaDBConnection {
        let connection = try MariaDBConnection(configuration)
        try await connection.open()
        return connection
    }

    private func open() throws(MariaDBError) {
        try session.open(configuration)
        do throws(MariaDBError) {
            try SessionCheck.check(session)
        } catch {
            session.close()
            throw error
        }
    }

    /// The rows of a SELECT.
    public func query(
        _ sql: StaticString, _ parameters: [MariaDBValue] = []
    ) throws(MariaDBError) -> [MariaDBRow] {
        lastUse = .now
        return try session.rows(sql, parameters)
    }

    /// Reads a large result row by row. `body` must not use the connection.
    public func forEachRow(
        _ sql: StaticString, _ parameters: [MariaDBValue] = [], _ body: (MariaDBRow) throws -> Void
    ) throws {
        lastUse = .now
        try session.forEachRow(sql, parameters, body)
    }

    /// A statement without rows.
    @discardableResult
    public func execute(
        _ sql: StaticString, _ parameters: [MariaDBValue] = []
    ) throws(MariaDBError) -> MariaDBResult {
        lastUse = .now
        return try session.execute(sql, parameters)
    }

    /// One statement for many rows by array binding, in chunks of `chunk` rows.
    ///
    /// A column holds one type (and NULL). A chunk is atomic; several chunks are so only inside a transaction.
    /// `lastInsertID` is that of the last chunk.
    @discardableResult
    public func executeBatch(
        _ sql: StaticString, rows: [[MariaDBValue]], chunk: Int = 1000
    ) throws(MariaDBError) -> MariaDBResult {
        lastUse = .now
        var total = MariaDBResult(affectedRows: 0, lastInsertID: 0)
        guard let columnCount = rows.first?.count else { return total }
        guard rows.allSatisfy({ $0.count == columnCount }) else {
            throw .unexpectedData("The rows of a batch differ in length.")
        }
        // The library takes many buffers for an array, even of one row.
        if rows.count == 1 { return try session.execute(sql, rows[0]) }
        var rest = rows[...]
        while !rest.isEmpty {
            let part = try session.executeBatch(sql, rest.prefix(max(chunk, 1)), columnCount: columnCount)
            total.affectedRows += part.affectedRows
            total.lastInsertID = part.lastInsertID
            rest = rest.dropFirst(max(chunk, 1))
        }
        return total
    }

    /// The same with a column at a time; `columns` are as long as each other, and at least one is no constant.
    @discardableResult
    public func executeBatch(
        _ sql: StaticString, columns: [MariaDBColumn], chunk: Int = 5_000
    ) throws(MariaDBError) -> MariaDBResult {
        lastUse = .now
        var total = MariaDBResult(affectedRows: 0, lastInsertID: 0)
        let counts = columns.compactMap(\.count)
        guard let count = counts.first, counts.allSatisfy({ $0 == count }) else {
            throw .unexpectedData("The columns of a batch differ in length.")
        }
        var first = 0
        while first < count {
            let end = min(first + max(chunk, 1), count)
            let part = try session.executeBatch(sql, columns, rows: first..<end)
            total.affectedRows += part.affectedRows
            total.lastInsertID = part.lastInsertID
            first = end
        }
        return total
    }

    /// Runs the statements of a file of the program, such as a migration. Never for text that holds input.
    ///
    /// The statements before the one that failed have been executed.
    public func runScript(_ text: String) throws(MariaDBError) {
        lastUse = .now
        try session.run(script: text)
    }

    /// Closes the connection now instead of when the last reference goes.
    public func close() {
        session.close()
    }

    // MARK: For the pool

    /// How many prepared statements the connection keeps.
    public var preparedStatementCount: Int { session.statementCount }

    /// The server's id of this connection.
    public var serverThreadID: UInt { session.serverThread }

    var isBroken: Bool { session.isBroken }

    /// Asks the server, when the connection has been idle for long enough to have been closed by it.
    func isUsable(afterIdle limit: Duration) -> Bool {
        guard !session.isBroken else { return false }
        guard lastUse.duration(to: .now) > limit else { return true }
        lastUse = .now
        return (try? session.ping()) != nil
    }

    func begin(_ isolation: MariaDBIsolation) throws(MariaDBError) {
        try session.run(text: isolation.statement)
        try session.run(text: "START TRANSACTION")
    }

    func commit() throws(MariaDBError) {
        lastUse = .now
        try session.commit()
    }

    /// Undoes the transaction; a connection where even this fails is broken and its server undoes it.
    func rollback() {
        do throws(MariaDBError) {
            try session.rollback()
        } catch {
            session.close()
        }
    }

    /// Ends another connection of the same user.
    func kill(_ serverThread: UInt) throws(MariaDBError) {
        try session.run(text: "KILL \(serverThread)")
    }
}
