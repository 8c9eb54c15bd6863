internal import CMariaDB

/// One libmariadb connection with its prepared statements.
///
/// `@unchecked Sendable`: everything runs on the thread of the connection that owns the session.
final class Session: @unchecked Sendable {
    typealias Handle = UnsafeMutablePointer<MYSQL>
    typealias Statement = UnsafeMutablePointer<MYSQL_STMT>

    /// A result that is being read.
    struct Rows {
        fileprivate let statement: Statement
        fileprivate let buffer: ResultBuffer
    }

    /// `mysql_library_init` is not thread-safe; a static is initialized once.
    private static let isLibraryReady = mysql_server_init(0, nil, nil) == 0

    private var handle: Handle?
    private var statements: [String: Statement] = [:]
    /// A broken session answers nothing any more; its owner replaces it.
    private(set) var isBroken = false
    private var isStreaming = false

    var statementCount: Int { statements.count }
    /// The server's id of this connection, for KILL.
    private(set) var serverThread: UInt = 0

    func open(_ configuration: MariaDBConfiguration) throws(MariaDBError) {
        guard Self.isLibraryReady, let handle = mysql_init(nil) else {
            throw .other("libmariadb could not be initialized.")
        }
        self.handle = handle
        SessionOptions.apply(configuration, to: handle)
        let (host, port, socket): (String?, UInt32, String?) =
            switch configuration.endpoint {
            case .unixSocket(let path): (nil, 0, path)
            case .tcp(let host, let port): (host, UInt32(port), nil)
            }
        guard
            mysql_real_connect(
                handle, host, configuration.user, configuration.password, configuration.database, port, socket, 0)
                != nil
        else {
            let failure = Self.failure(of: handle)
            close()
            throw failure
        }
        serverThread = mysql_thread_id(handle)
    }

    /// Closes the statements and the connection. Does nothing the second time.
    func close() {
        isBroken = true
        for statement in statements.values { mysql_stmt_close(statement) }
        statements = [:]
        if let handle { mysql_close(handle) }
        handle = nil
    }

    // MARK: Prepared statements

    func execute(_ sql: StaticString, _ parameters: [MariaDBValue]) throws(MariaDBError) -> MariaDBResult {
        let statement = try prepared(sql, parameterCount: parameters.count)
        let buffer = try ParameterBuffer(parameters)
        try run(statement, buffer.binds, arraySize: 0)
        try discardResults(statement)
        return Self.result(of: statement)
    }

    func executeBatch(
        _ sql: StaticString, _ rows: ArraySlice<[MariaDBValue]>, columnCount: Int
    ) throws(MariaDBError) -> MariaDBResult {
        let statement = try prepared(sql, parameterCount: columnCount)
        let buffer = try BatchBuffer(rows, columnCount: columnCount)
        try run(statement, buffer.binds, arraySize: UInt32(buffer.rowCount))
        try discardResults(statement)
        return Self.result(of: statement)
    }

    func executeBatch(
        _ sql: StaticString, _ columns: [MariaDBColumn], rows: Range<Int>
    ) throws(MariaDBError) -> MariaDBResult {
        let statement = try prepared(sql, parameterCount: columns.count)
        let buffer = try BatchBuffer(columns, rows: rows)
        try run(statement, buffer.binds, arraySize: UInt32(buffer.rowCount))
        try discardResults(statement)
        return Self.result(of: statement)
    }

    /// Starts a statement with rows; `nextRow` reads them from the server, `endRows` forgets the rest.
    func startRows(_ sql: StaticString, _ parameters: [MariaDBValue]) throws(MariaDBError) -> Rows {
        let statement = try prepared(sql, parameterCount: parameters.count)
        let buffer = try ParameterBuffer(parameters)
        try run(statement, buffer.binds, arraySize: 0)
        let count = Int(mysql_stmt_field_count(statement))
        guard count > 0, let fields = mariadb_stmt_fetch_fields(statement) else {
            throw .unexpectedData("The statement has no rows; use execute.")
        }
        let result = ResultBuffer(UnsafeBufferPointer(start: fields, count: count))
        guard mysql_stmt_bind_result(statement, result.binds.baseAddress) == 0 else {
            let failure = failure(statement)
            mysql_stmt_free_result(statement)
            throw failure
        }
        isStreaming = true
        return Rows(statement: statement, buffer: result)
    }

    func nextRow(_ rows: Rows) throws(MariaDBError) -> MariaDBRow? {
        switch mysql_stmt_fetch(rows.statement) {
        // Truncated: the column is longer than its buffer, which then reads it once more.
        case 0, MYSQL_DATA_TRUNCATED: return try rows.buffer.row(rows.statement)
        case MYSQL_NO_DATA: return nil
        default: throw failure(rows.statement)
        }
    }

    func endRows(_ rows: Rows) throws(MariaDBError) {
        isStreaming = false
        try discardResults(rows.statement)
    }

    private func prepared(_ sql: StaticString, parameterCount: Int) throws(MariaDBError) -> Statement {
        let text = sql.description
        let statement: Statement
        if let known = statements[text] { statement = known } else { statement = try prepare(text) }
        let expected = Int(mysql_stmt_param_count(statement))
        // libmariadb would read past the end of the binds.
        guard expected == parameterCount else {
            throw .unexpectedData("The statement has \(expected) parameters, but got \(parameterCount).")
        }
        return statement
    }

    private func prepare(_ text: String) throws(MariaDBError) -> Statement {
        let handle = try idleHandle()
        guard let statement = mysql_stmt_init(handle) else { throw .other("libmariadb is out of memory.") }
        guard mysql_stmt_prepare(statement, text, UInt(text.utf8.count)) == 0 else {
            let failure = failure(statement)
            mysql_stmt_close(statement)
            throw failure
        }
        statements[text] = statement
        return statement
    }

    private func run(
        _ statement: Statement, _ binds: UnsafeMutableBufferPointer<MYSQL_BIND>, arraySize: UInt32
    ) throws(MariaDBError) {
        _ = try idleHandle()
        var arraySize = arraySize
        mysql_stmt_attr_set(statement, STMT_ATTR_ARRAY_SIZE, &arraySize)
        guard mysql_stmt_bind_param(statement, binds.baseAddress) == 0, mysql_stmt_execute(statement) == 0 else {
            throw failure(statement)
        }
    }

    private func discardResults(_ statement: Statement) throws(MariaDBError) {
        mysql_stmt_free_result(statement)
        while mysql_stmt_more_results(statement) != 0 {
            guard mysql_stmt_next_result(statement) <= 0 else { throw failure(statement) }
            mysql_stmt_free_result(statement)
        }
    }

    // MARK: Text protocol

    /// Runs text that has no parameters and whose rows nobody wants.
    func run(text: String) throws(MariaDBError) {
        let handle = try idleHandle()
        guard mysql_real_query(handle, text, UInt(text.utf8.count)) == 0 else { throw failure(handle) }
        try discardResults(handle)
    }

    /// Runs several statements; the error names the first one that failed.
    func run(script: String) throws(MariaDBError) {
        let handle = try idleHandle()
        guard mysql_set_server_option(handle, MYSQL_OPTION_MULTI_STATEMENTS_ON) == 0 else { throw failure(handle) }
        defer { mysql_set_server_option(handle, MYSQL_OPTION_MULTI_STATEMENTS_OFF) }
        try run(text: script)
    }

    private func discardResults(_ handle: Handle) throws(MariaDBError) {
        while true {
            if let result = mysql_store_result(handle) {
                mysql_free_result(result)
            } else if mysql_errno(handle) != 0 {
                throw failure(handle)
            }
            switch mysql_next_result(handle) {
            case 0: continue
            case -1: return
            default: throw failure(handle)
            }
        }
    }

    func commit() throws(MariaDBError) { try run(text: "COMMIT") }

    func rollback() throws(MariaDBError) { try run(text: "ROLLBACK") }

    func ping() throws(MariaDBError) {
        let handle = try idleHandle()
        guard mysql_ping(handle) == 0 else { throw failure(handle) }
    }

    // MARK: Errors

    private func idleHandle() throws(MariaDBError) -> Handle {
        guard let handle, !isBroken else { throw .closed("The database connection is closed or broken.") }
        guard !isStreaming else {
            throw .other("A statement was started while the rows of another one were being read.")
        }
        return handle
    }

    /// libmariadb leaves an error that comes among the rows of a statement at the connection.
    private func failure(_ statement: Statement) -> MariaDBError {
        if mysql_stmt_errno(statement) == 0, let handle { return failure(handle) }
        return noting(Self.failure(of: statement))
    }

    private func failure(_ handle: Handle) -> MariaDBError {
        noting(Self.failure(of: handle))
    }

    private func noting(_ error: MariaDBError) -> MariaDBError {
        isBroken = isBroken || error.breaksConnection
        return error
    }

    static func failure(of statement: Statement) -> MariaDBError {
        MariaDBError(
            code: Int(mysql_stmt_errno(statement)), sqlState: String(cString: mysql_stmt_sqlstate(statement)),
            serverMessage: String(cString: mysql_stmt_error(statement)))
    }

    private static func failure(of handle: Handle) -> MariaDBError {
        MariaDBError(
            code: Int(mysql_errno(handle)), sqlState: String(cString: mysql_sqlstate(handle)),
            serverMessage: String(cString: mysql_error(handle)))
    }

    private static func result(of statement: Statement) -> MariaDBResult {
        let affected = mysql_stmt_affected_rows(statement)
        // -1 after a statement with rows.
        return MariaDBResult(
            affectedRows: affected == UInt64.max ? 0 : Int(affected),
            lastInsertID: Int64(bitPattern: mysql_stmt_insert_id(statement)))
    }

    /// Frees what libmariadb keeps for the calling thread, which is about to end.
    static func leaveThread() {
        mysql_thread_end()
    }
}
