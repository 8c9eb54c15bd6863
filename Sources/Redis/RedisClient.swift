import NIOCore
import NIOPosix

/// One pipelined connection to a server that holds copies, never the truth.
///
/// The connection opens with the first command and again after it broke; while the server is unreachable, commands
/// fail at once between attempts that become rarer. A task's cancellation does not end a command; its timeout does.
public actor RedisClient {
    private typealias Handler = NIOLoopBound<ReplyHandler>

    private struct Connection {
        let channel: any Channel
        let handler: Handler
    }

    private let configuration: RedisConfiguration
    private let group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    private var backOff: BackOff
    private var connection: Connection?
    private var attempt: Task<Connection, any Error>?
    private var isClosed = false

    public init(_ configuration: RedisConfiguration) {
        self.configuration = configuration
        backOff = BackOff(base: configuration.backOff, cap: configuration.longestBackOff)
    }

    deinit {
        connection?.channel.close(promise: nil)
    }

    /// Sends a command, for example `["SET", "key", "value"]`, and waits for its reply.
    @discardableResult
    public func command(_ arguments: [RedisArgument]) async throws(RedisError) -> RedisReply {
        try await Self.send(arguments, on: try await connected())
    }

    /// Closes the connection; later commands fail.
    public func close() async {
        isClosed = true
        attempt?.cancel()
        if let connection {
            try? await connection.channel.close().get()
        }
        connection = nil
    }

    // MARK: Connection

    private func connected() async throws(RedisError) -> Connection {
        if isClosed { throw .closed }
        if let connection, connection.channel.isActive { return connection }
        connection = nil
        if let attempt { return try await outcome(attempt) }
        guard backOff.allows(.now) else { throw .unreachable("waiting before the next attempt") }
        let attempt = Task { try await self.connect() }
        self.attempt = attempt
        defer { self.attempt = nil }
        do throws(RedisError) {
            let opened = try await outcome(attempt)
            if isClosed {
                opened.channel.close(promise: nil)
                throw .closed
            }
            backOff.succeeded()
            connection = opened
            return opened
        } catch {
            backOff.failed(.now)
            throw error
        }
    }

    private func outcome(_ attempt: Task<Connection, any Error>) async throws(RedisError) -> Connection {
        do {
            return try await attempt.value
        } catch let error as RedisError {
            throw error
        } catch {
            throw .unreachable("\(error)")
        }
    }

    private func connect() async throws -> Connection {
        let timeout = TimeAmount(configuration.timeout)
        let bootstrap = ClientBootstrap(group: group)
            .connectTimeout(timeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ReplyHandler(timeout: timeout))
                }
            }
        let channel =
            switch configuration.endpoint {
            case .unixSocket(let path): try await bootstrap.connect(unixDomainSocketPath: path).get()
            case .tcp(let host, let port): try await bootstrap.connect(host: host, port: Int(port)).get()
            }
        let handler = try await channel.pipeline.handler(type: ReplyHandler.self)
            .map { [loop = channel.eventLoop] in NIOLoopBound($0, eventLoop: loop) }.get()
        let connection = Connection(channel: channel, handler: handler)
        do throws(RedisError) {
            if let password = configuration.password {
                _ = try await Self.send(["AUTH", RedisArgument(password)], on: connection)
            }
            if configuration.database != 0 {
                _ = try await Self.send(["SELECT", RedisArgument(Int64(configuration.database))], on: connection)
            }
        } catch {
            channel.close(promise: nil)
            throw error
        }
        return connection
    }

    private static func send(
        _ arguments: [RedisArgument], on connection: Connection
    ) async throws(RedisError) -> RedisReply {
        guard !arguments.isEmpty, let command = RedisArgument.encode(arguments) else {
            throw .protocolViolation("the command is empty or too large")
        }
        let loop = connection.channel.eventLoop
        let promise = loop.makePromise(of: ReplyHandler.Answer.self)
        let handler = connection.handler
        loop.execute { handler.value.send(command, promise) }
        let answer: ReplyHandler.Answer
        do {
            answer = try await promise.futureResult.get()
        } catch {
            throw .connectionLost
        }
        return try answer.get()
    }
}
