/// A bounded set of connections to one server.
///
/// Connections open when needed and stay open; callers beyond the limit wait in the order they came, for at most
/// `waitLimit`. A broken connection is replaced.
public actor MariaDBPool {
    private typealias Waiter = CheckedContinuation<PoolState<MariaDBConnection>.Grant, any Error>

    /// A connection idle for longer is asked before use whether it still lives.
    private static let idleLimit = Duration.seconds(10)

    private let configuration: MariaDBConfiguration
    private let waitLimit: Duration
    private let policy: RetryPolicy
    private var state: PoolState<MariaDBConnection>
    private var waiters: [UInt64: Waiter] = [:]
    private var closers: [CheckedContinuation<Void, Never>] = []
    private var nextCaller: UInt64 = 0

    private init(_ configuration: MariaDBConfiguration, limit: Int, waitLimit: Duration, policy: RetryPolicy) {
        self.configuration = configuration
        self.waitLimit = waitLimit
        self.policy = policy
        state = PoolState(limit: limit)
    }

    /// Opens a pool with its first connection, so that a wrong address, login or setting is found at once.
    public static func open(
        _ configuration: MariaDBConfiguration, limit: Int = 8, waitLimit: Duration = .seconds(5),
        policy: RetryPolicy = RetryPolicy()
    ) async throws -> MariaDBPool {
        let pool = MariaDBPool(configuration, limit: limit, waitLimit: waitLimit, policy: policy)
        try await pool.withConnection { _ in }
        return pool
    }

    /// Runs `body` on a connection, each statement in a transaction of its own.
    ///
    /// `body` runs on the connection's thread: its statements need no `await`. A cancelled task's statement is
    /// ended at the server, and `CancellationError` thrown.
    @discardableResult
    public func withConnection<Value: Sendable>(
        _ body: @Sendable (isolated MariaDBConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await acquire()
        do {
            let value = try await cancellable(connection, body)
            await release(connection)
            return value
        } catch {
            await release(connection)
            throw error
        }
    }

    /// Runs `body` as one transaction; runs it again, at most `retries` times, when it failed with a retryable
    /// error. `body` must have no effect but on its connection.
    ///
    /// An error of kind `outcomeUnknown` is never retried: a COMMIT may have been executed.
    @discardableResult
    public func transaction<Value: Sendable>(
        isolation: MariaDBIsolation = .repeatableRead, retries: Int = 10,
        _ body: @Sendable (isolated MariaDBConnection) async throws -> Value
    ) async throws -> Value {
        var attempt = 0
        while true {
            do {
                return try await runTransaction(isolation, body)
            } catch let error as MariaDBError where error.kind == .retryable && attempt < retries {
                try await policy.delay(policy.wait(afterAttempt: attempt))
                attempt += 1
            }
        }
    }

    /// One SELECT on its own.
    public func query(_ sql: StaticString, _ parameters: [MariaDBValue] = []) async throws -> [MariaDBRow] {
        try await withConnection { try $0.query(sql, parameters) }
    }

    /// One statement as a transaction of its own, repeated like one.
    @discardableResult
    public func execute(
        _ sql: StaticString, _ parameters: [MariaDBValue] = [], retries: Int = 10
    ) async throws -> MariaDBResult {
        var attempt = 0
        while true {
            do {
                return try await withConnection { try $0.execute(sql, parameters) }
            } catch let error as MariaDBError where error.kind == .retryable && attempt < retries {
                try await policy.delay(policy.wait(afterAttempt: attempt))
                attempt += 1
            }
        }
    }

    /// Refuses new callers, waits for those that have a connection, and closes all connections.
    public func close() async {
        let (connections, callers) = state.close()
        for caller in callers {
            waiters.removeValue(forKey: caller)?.resume(throwing: MariaDBError.poolClosed)
        }
        for connection in connections { await connection.close() }
        guard state.granted > 0 else { return }
        await withCheckedContinuation { closers.append($0) }
    }

    // MARK: Transactions

    private func runTransaction<Value: Sendable>(
        _ isolation: MariaDBIsolation, _ body: @Sendable (isolated MariaDBConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await begin(isolation)
        do {
            let value = try await cancellable(connection, body)
            try Task.checkCancellation()
            try await connection.commit()
            await release(connection)
            return value
        } catch {
            await connection.rollback()
            await release(connection)
            throw error
        }
    }

    /// A connection in a new transaction. Nothing has been done on it yet: a broken one is replaced unnoticed.
    private func begin(_ isolation: MariaDBIsolation) async throws -> MariaDBConnection {
        for _ in 0...state.limit {
            let connection = try await acquire()
            do throws(MariaDBError) {
                try await connection.begin(isolation)
                return connection
            } catch {
                let isBroken = await connection.isBroken
                await release(connection)
                guard isBroken else { throw error }
            }
        }
        throw MariaDBError.closed("The server closed every connection of the pool.")
    }

    /// Runs `body`; when the task is cancelled meanwhile, has the server end the connection.
    private func cancellable<Value: Sendable>(
        _ connection: MariaDBConnection, _ body: @Sendable (isolated MariaDBConnection) async throws -> Value
    ) async throws -> Value {
        let serverThread = await connection.serverThreadID
        do {
            return try await withTaskCancellationHandler {
                try await body(connection)
            } onCancel: {
                Task { try await Self.kill(serverThread, configuration) }
            }
        } catch is MariaDBError where Task.isCancelled {
            throw CancellationError()
        }
    }

    /// On a connection beyond the limit: all of the pool's may be waiting for the one to end.
    private static func kill(_ serverThread: UInt, _ configuration: MariaDBConfiguration) async throws {
        let connection = try await MariaDBConnection.connect(configuration)
        try await connection.kill(serverThread)
        await connection.close()
    }

    // MARK: Slots

    private func acquire() async throws -> MariaDBConnection {
        switch try await grant() {
        case .reuse(let connection):
            if await connection.isUsable(afterIdle: Self.idleLimit) { return connection }
            await connection.close()
            return try await opened()
        case .open:
            return try await opened()
        }
    }

    private func opened() async throws -> MariaDBConnection {
        do throws(MariaDBError) {
            return try await MariaDBConnection.connect(configuration)
        } catch {
            perform(state.giveBack(nil))
            throw error
        }
    }

    private func release(_ connection: MariaDBConnection) async {
        // A connection under a KILL that is still on its way must not go to another caller.
        if await connection.isBroken || Task.isCancelled {
            await connection.close()
            perform(state.giveBack(nil))
        } else {
            perform(state.giveBack(connection))
        }
    }

    private func perform(_ release: PoolState<MariaDBConnection>.Release) {
        switch release {
        case .resume(let caller, let grant):
            waiters.removeValue(forKey: caller)?.resume(returning: grant)
        case .close(let connection):
            Task { await connection.close() }
        case .nothing:
            break
        }
        if state.isClosed, state.granted == 0 {
            for closer in closers { closer.resume() }
            closers = []
        }
    }

    private func grant() async throws -> PoolState<MariaDBConnection>.Grant {
        try Task.checkCancellation()
        let caller = nextCaller
        nextCaller += 1
        switch state.acquire(caller) {
        case .granted(let grant): return grant
        case .closed: throw MariaDBError.poolClosed
        case .wait: break
        }
        let timer = Task {
            try await policy.delay(waitLimit)
            refuse(caller, MariaDBError.poolExhausted("All \(state.limit) database connections are busy."))
        }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiters[caller] = $0 }
        } onCancel: {
            Task { await refuse(caller, CancellationError()) }
        }
    }

    private func refuse(_ caller: UInt64, _ error: any Error) {
        guard state.giveUp(caller) else { return }
        waiters.removeValue(forKey: caller)?.resume(throwing: error)
    }
}

extension MariaDBError {
    fileprivate static let poolClosed = MariaDBError.closed("The database pool is closed.")
}
