import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// Answers what is no HTTP, once and last: 414 for a request line and 431 for header fields beyond the limits, 400 for the
/// rest, after the answers to the requests that came before. Stands behind the HTTP decoder.
///
/// A body that goes wrong is refused by who reads it, as that is who owes the request its one answer. What says
/// `Expect: 100-continue` is told to go on (RFC 9110, 10.1.1).
final class HTTPFaultHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    enum Fault: String, Sendable {
        case uri
        case header
        case http

        fileprivate var status: HTTPResponse.Status {
            switch self {
            case .uri: .uriTooLong
            case .header: .requestHeaderFieldsTooLarge
            case .http: .badRequest
            }
        }
    }

    private let lineLimit: Int
    private let observe: @Sendable (Fault) -> Void
    private var watch: SlowPeerHandler?
    /// Requests whose answer has not ended.
    private var unanswered = 0
    /// Between a head and the end of its body.
    private var isInside = false
    private var fault: Fault?
    /// Whether the connection ends with the answers that are owed, and nothing more is read: the client wants that, or
    /// another protocol, behind which the decoder reads nothing.
    private var isLast = false

    /// - Parameter lineLimit: bytes of a request line, beyond which the decoder gives up.
    init(lineLimit: Int, observe: @escaping @Sendable (Fault) -> Void) {
        self.lineLimit = lineLimit
        self.observe = observe
    }

    func handlerAdded(context: ChannelHandlerContext) {
        watch = try? context.pipeline.syncOperations.handler(type: SlowPeerHandler.self)
    }

    func handlerRemoved(context: ChannelHandlerContext) { watch = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard fault == nil, isInside || !isLast else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            let wishes = Wishes(head.headerFields)
            guard !wishes.hasHost else { return fail(context, .http) }
            isInside = true
            unanswered += 1
            isLast = wishes.isLast
            if unanswered == 1, wishes.wantsContinue {
                context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
            }
        case .body: break
        case .end: isInside = false
        }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError || error is HTTP1TypeConversionError else {
            return context.fireErrorCaught(error)
        }
        guard fault == nil, isInside || !isLast else { return }
        if isInside {
            // Its reader refuses it; when it has its answer already, there is nothing left to say.
            return unanswered > 0 ? context.fireErrorCaught(error) : context.close(promise: nil)
        }
        if case .headerOverflow? = error as? HTTPParserError {
            fail(context, (watch?.lineLength ?? 0) > lineLimit ? .uri : .header)
        } else {
            fail(context, .http)
        }
    }

    /// What the fields of a head want of the connection, found in one pass: asked by name, they would be indexed first, for
    /// every request.
    private struct Wishes {
        /// Another one than the decoder has taken for the authority.
        var hasHost = false
        var isLast = false
        var wantsContinue = false

        init(_ fields: HTTPFields) {
            var expectations = 0
            for field in fields {
                switch field.name.canonicalName {
                case "host": hasHost = true
                case "upgrade": isLast = true
                case "connection": isLast = isLast || Self.closes(field.value)
                case "expect":
                    expectations += 1
                    wantsContinue = expectations == 1 && field.value.lowercased() == "100-continue"
                default: break
                }
            }
        }

        private static func closes(_ words: String) -> Bool {
            words.split(separator: ",").contains { $0.filter { $0 != " " }.lowercased() == "close" }
        }
    }

    private func fail(_ context: ChannelHandlerContext, _ fault: Fault) {
        observe(fault)
        self.fault = fault
        if unanswered == 0 { answer(context, fault) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        context.write(data, promise: promise)
        guard case .end = unwrapOutboundIn(data) else { return }
        unanswered -= 1
        guard unanswered == 0 else { return }
        if let fault {
            answer(context, fault)
        } else if isLast {
            context.flush()
            context.close(promise: nil)
        }
    }

    private func answer(_ context: ChannelHandlerContext, _ fault: Fault) {
        let head = HTTPResponse(status: fault.status, headerFields: [.contentLength: "0", .connection: "close"])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(promise: nil)
    }
}
