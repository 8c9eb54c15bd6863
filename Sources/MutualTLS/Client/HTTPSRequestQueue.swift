import NIOCore
import Synchronization

/// Brings the requests of one ``HTTPSClient`` one after the other onto a connection. Lives on one event loop.
final class HTTPSRequestQueue {
    private final class Job {
        let request: HTTPSRequest
        let promise: EventLoopPromise<HTTPSAnswer>
        var deadline: Scheduled<Void>?
        var isAnswered = false

        init(_ request: HTTPSRequest, _ promise: EventLoopPromise<HTTPSAnswer>) {
            self.request = request
            self.promise = promise
        }
    }

    private let connector: HTTPSConnector
    private var waiting: [Job] = []
    private var current: Job?
    private var channel: (any Channel)?
    private var exchange: HTTPSExchangeHandler?
    private var isClosed = false

    init(connector: HTTPSConnector) {
        self.connector = connector
    }

    private var eventLoop: any EventLoop { connector.eventLoop }

    func submit(_ request: HTTPSRequest, promise: EventLoopPromise<HTTPSAnswer>) {
        guard !isClosed else { return promise.fail(HTTPSFailure.clientClosed) }
        guard !request.isCancelled.load(ordering: .acquiring) else { return promise.fail(HTTPSFailure.cancelled) }
        let job = Job(request, promise)
        job.deadline = eventLoop.assumeIsolated().scheduleTask(in: connector.configuration.requestTimeout) {
            self.giveUp(job, .timeout)
        }
        waiting.append(job)
        startNext()
    }

    func cancel(_ request: HTTPSRequest) {
        let jobs = waiting + [current].compactMap(\.self)
        if let job = jobs.first(where: { $0.request === request }) { giveUp(job, .cancelled) }
    }

    func close() -> EventLoopFuture<Void> {
        isClosed = true
        let closed = channel?.closeFuture
        let jobs = waiting + [current].compactMap(\.self)
        waiting = []
        for job in jobs { finish(job, .failure(.clientClosed)) }
        exchange?.close(.clientClosed)
        return closed ?? eventLoop.makeSucceededVoidFuture()
    }

    private func startNext() {
        guard current == nil, !waiting.isEmpty else { return }
        let job = waiting.removeFirst()
        current = job
        if let exchange, exchange.isUsable {
            send(job, on: exchange, isReused: true)
        } else {
            connect(for: job)
        }
    }

    private func connect(for job: Job) {
        (channel, exchange) = (nil, nil)
        connector.connect().assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel): self.connected(channel, for: job)
            case .failure(let error): self.finish(job, .failure(.cannotConnect("\(error)")))
            }
        }
    }

    private func connected(_ channel: any Channel, for job: Job) {
        // Who waited may have given up meanwhile.
        let found = try? channel.pipeline.syncOperations.handler(type: HTTPSExchangeHandler.self)
        guard current === job, let exchange = found else {
            channel.close(promise: nil)
            return finish(job, .failure(.connectionLost("closed at once")))
        }
        (self.channel, self.exchange) = (channel, exchange)
        send(job, on: exchange, isReused: false)
    }

    private func send(_ job: Job, on exchange: HTTPSExchangeHandler, isReused: Bool) {
        exchange.send(connector.head(of: job.request), body: job.request.body) { outcome in
            switch outcome {
            case .answer(let answer):
                self.finish(job, .success(answer))
            case .failure(_, untouched: true) where isReused && self.current === job:
                // The server had closed the idle connection. All operations may be repeated (section 9.1.4).
                self.connect(for: job)
            case .failure(let failure, _):
                self.finish(job, .failure(failure))
            }
        }
    }

    private func giveUp(_ job: Job, _ failure: HTTPSFailure) {
        waiting.removeAll { $0 === job }
        answer(job, .failure(failure))
        guard current === job else { return }
        // The answer may still come, and the next request must not take it for its own.
        let dropped = exchange
        (channel, exchange) = (nil, nil)
        current = nil
        dropped?.close(failure)
        startNext()
    }

    /// Answers the caller and goes on with the next request.
    private func finish(_ job: Job, _ result: Result<HTTPSAnswer, HTTPSFailure>) {
        answer(job, result)
        guard current === job else { return }
        current = nil
        startNext()
    }

    private func answer(_ job: Job, _ result: Result<HTTPSAnswer, HTTPSFailure>) {
        guard !job.isAnswered else { return }
        job.isAnswered = true
        job.deadline?.cancel()
        job.promise.completeWith(result.mapError { $0 as any Error })
    }
}
