import Foundation
import NIOCore
public import NIOPosix

/// The socket through which commands at the site reach a running VEN. Who may open its folder may use it.
public enum ControlSocket {
    /// Its name in the folder of the VEN's state.
    public static let fileName = "ven.sock"

    /// The longest path of a socket that Linux takes, in bytes.
    public static let longestPath = 107

    /// In bytes, without the newline: a status with hundreds of events fits.
    fileprivate static let longestLine = 4 << 20

    /// Listens until `close` of the result.
    ///
    /// - Parameter answer: called for each request, on an event loop; it must not block for long.
    public static func listen(
        at path: String, group: MultiThreadedEventLoopGroup = .singleton,
        answer: @escaping @Sendable (ControlRequest) -> ControlAnswer
    ) async throws -> ControlListener {
        let channel = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ControlHandler(answer: answer))
                }
            }
            .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
        return ControlListener(channel: channel, path: path)
    }

    /// Asks the VEN that listens there. Nil when none does.
    public static func ask(
        _ request: ControlRequest, at path: String, group: MultiThreadedEventLoopGroup = .singleton
    ) async throws -> ControlAnswer? {
        guard path.utf8.count <= longestPath else { return nil }
        let promise = group.any().makePromise(of: [UInt8].self)
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: group)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(LineCollector(promise: promise))
                    }
                }
                .connect(unixDomainSocketPath: path).get()
        } catch {
            promise.fail(error)
            return nil
        }
        let line = Array(try JSONEncoder().encode(request)) + [UInt8(ascii: "\n")]
        try await channel.writeAndFlush(channel.allocator.buffer(bytes: line))
        let timeout = channel.eventLoop.scheduleTask(in: .seconds(10)) { promise.fail(ChannelError.eof) }
        defer {
            timeout.cancel()
            channel.close(promise: nil)
        }
        return try JSONDecoder().decode(ControlAnswer.self, from: Data(try await promise.futureResult.get()))
    }
}

/// A socket that listens.
public struct ControlListener: Sendable {
    let channel: any Channel
    let path: String

    /// Ends it and takes its file away.
    public func close() async {
        try? await channel.close()
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// One request, one answer, and the end.
private final class ControlHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: @Sendable (ControlRequest) -> ControlAnswer
    private var line: [UInt8] = []

    init(answer: @escaping @Sendable (ControlRequest) -> ControlAnswer) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        line += unwrapInboundIn(data).readableBytesView
        guard line.count <= 65_536 else { return context.close(promise: nil) }
        guard let end = line.firstIndex(of: UInt8(ascii: "\n")) else { return }
        let reply: ControlAnswer
        do {
            reply = answer(try JSONDecoder().decode(ControlRequest.self, from: Data(line[..<end])))
        } catch {
            reply = .refused("that is no request")
        }
        let bytes = ((try? JSONEncoder().encode(reply)).map(Array.init) ?? []) + [UInt8(ascii: "\n")]
        let (channel, buffer) = (context.channel, context.channel.allocator.buffer(bytes: bytes))
        context.writeAndFlush(wrapOutboundOut(buffer)).whenComplete { _ in channel.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

private final class LineCollector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let promise: EventLoopPromise<[UInt8]>
    private var line: [UInt8] = []

    init(promise: EventLoopPromise<[UInt8]>) { self.promise = promise }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        line += unwrapInboundIn(data).readableBytesView
        if let end = line.firstIndex(of: UInt8(ascii: "\n")) {
            promise.succeed(Array(line[..<end]))
        } else if line.count > ControlSocket.longestLine {
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) { promise.fail(ChannelError.eof) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
