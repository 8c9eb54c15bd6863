import NIOCore
import NIOPosix
import Synchronization

/// A mail server for tests: says what it is told to say, and keeps what it gets.
final class SMTPSink: Sendable {
    private struct State {
        var commands: [String] = []
        var messages: [String] = []
    }

    private let state = Mutex(State())
    private let channel: any Channel
    let port: Int

    var commands: [String] { state.withLock { $0.commands } }
    var messages: [String] { state.withLock { $0.messages } }

    /// - Parameter answers: what is said to a command that begins so, in place of consent.
    init(answers: [String: String] = [:]) async throws {
        let sink = Holder()
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Conversation(answers: answers, sink: sink))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
        sink.record.withLock {
            $0 = { [weak self] line, isMessage in
                self?.state.withLock { if isMessage { $0.messages.append(line) } else { $0.commands.append(line) } }
            }
        }
    }

    func close() async throws { try await channel.close() }

    fileprivate final class Holder: Sendable {
        let record = Mutex<(@Sendable (String, Bool) -> Void)?>(nil)
        func note(_ text: String, isMessage: Bool) { record.withLock { $0 }?(text, isMessage) }
    }

    private final class Conversation: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let answers: [String: String]
        private let sink: Holder
        private var text = ""
        private var message: String?

        init(answers: [String: String], sink: Holder) {
            self.answers = answers
            self.sink = sink
        }

        func channelActive(context: ChannelHandlerContext) { say("220 sink ESMTP", context) }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
            while let end = text.firstRange(of: "\r\n") {
                let line = String(text[..<end.lowerBound])
                text.removeSubrange(..<end.upperBound)
                take(line, context)
            }
        }

        private func take(_ line: String, _ context: ChannelHandlerContext) {
            if let soFar = message {
                guard line == "." else {
                    message = soFar + (line.hasPrefix(".") ? String(line.dropFirst()) : line) + "\r\n"
                    return
                }
                message = nil
                sink.note(soFar, isMessage: true)
                return say("250 taken", context)
            }
            sink.note(line, isMessage: false)
            if let answer = answers.first(where: { line.hasPrefix($0.key) })?.value { return say(answer, context) }
            switch line.prefix(4) {
            case "DATA":
                message = ""
                say("354 go on", context)
            case "QUIT": say("221 bye", context)
            default: say("250 fine", context)
            }
        }

        private func say(_ line: String, _ context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: line + "\r\n")), promise: nil)
        }
    }
}
