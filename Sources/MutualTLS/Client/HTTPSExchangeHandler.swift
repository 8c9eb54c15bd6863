import NIOCore
import NIOHTTP1

/// The end of a client's pipeline: one request, then its answer, then the next request.
final class HTTPSExchangeHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// What came of a request; `untouched` when the connection ended before a byte of the answer.
    enum Outcome {
        case answer(HTTPSAnswer)
        case failure(HTTPSFailure, untouched: Bool)
    }

    private let longestAnswer: Int
    private var completion: ((Outcome) -> Void)?
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []
    private var failure: HTTPSFailure?
    private var context: ChannelHandlerContext?
    /// Whether another request may be sent.
    private(set) var isUsable = true

    init(longestAnswer: Int) {
        self.longestAnswer = longestAnswer
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        end(with: failure ?? .connectionLost("closed"))
    }

    /// Sends a request; only when ``isUsable`` and after the answer to the one before.
    func send(_ head: HTTPRequestHead, body: [UInt8], completion: @escaping (Outcome) -> Void) {
        guard isUsable, let context else {
            return report(failure ?? .connectionLost("closed"), to: completion)
        }
        self.completion = completion
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !body.isEmpty {
            let bytes = context.channel.allocator.buffer(bytes: body)
            context.write(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    /// Ends the connection; a request that waits fails with `failure`.
    func close(_ failure: HTTPSFailure) {
        end(with: failure)
        context?.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let part):
            guard body.count + part.readableBytes <= longestAnswer else {
                return close(.answerTooLong(limit: longestAnswer))
            }
            body += part.readableBytesView
        case .end:
            complete(context)
        }
    }

    private func complete(_ context: ChannelHandlerContext) {
        guard let head, let completion else { return close(.badAnswer("an answer without a question")) }
        let answer = HTTPSAnswer(
            status: Int(head.status.code), headers: head.headers.map { .init(name: $0.name, value: $0.value) },
            body: body)
        self.head = nil
        self.completion = nil
        body = []
        if !head.isKeepAlive {
            isUsable = false
            context.close(promise: nil)
        }
        completion(.answer(answer))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case let error as TLSFailure where error.reason == .truncated: close(.connectionLost(error.detail))
        case let error as TLSFailure: close(.tls(error))
        case HTTPParserError.invalidEOFState: close(.connectionLost("closed within the answer"))
        case let error as HTTPParserError: close(.badAnswer("\(error)"))
        default: close(.connectionLost("\(error)"))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(with: .connectionLost("closed by the server"))
    }

    private func end(with reason: HTTPSFailure) {
        isUsable = false
        if failure == nil { failure = reason }
        guard let completion else { return }
        self.completion = nil
        report(reason, to: completion)
    }

    private func report(_ failure: HTTPSFailure, to completion: (Outcome) -> Void) {
        var isLost = false
        if case .connectionLost = failure { isLost = true }
        completion(.failure(failure, untouched: isLost && head == nil))
    }
}
