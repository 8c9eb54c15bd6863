import HTTPTypes
public import Hummingbird
public import Logging
import NIOCore

/// One thing that must work before the process may take traffic.
public struct ReadinessCheck: Sendable {
    /// The name under which `/readyz` reports it.
    public let name: String
    /// Nil when all is well, else one sentence that says what is wrong.
    public let problem: @Sendable () async -> String?

    public init(name: String, problem: @escaping @Sendable () async -> String?) {
        self.name = name
        self.problem = problem
    }
}

/// The listener for operators' tools, on loopback by default: `/livez`, `/readyz` and `/metrics`.
public enum AdminServer {
    /// - Parameter onRunning: gets the port that the listener really has, for a configured port of zero.
    public static func application(
        host: String, port: Int, metrics: MetricsRegistry, checks: [ReadinessCheck], logger: Logger,
        onRunning: @escaping @Sendable (Int?) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        Application(
            router: router(metrics: metrics, checks: checks),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port)),
            onServerRunning: { await onRunning($0.localAddress?.port) },
            logger: logger)
    }

    static func router(metrics: MetricsRegistry, checks: [ReadinessCheck]) -> Router<BasicRequestContext> {
        let router = Router()
        router.get("/livez") { _, _ in
            plain(.ok, "alive\n")
        }
        router.get("/readyz") { _, _ in
            var ready = true
            var report = ""
            for check in checks {
                let problem = await check.problem()
                ready = ready && problem == nil
                report += "\(check.name): \(problem ?? "ok")\n"
            }
            return plain(ready ? .ok : .serviceUnavailable, report)
        }
        router.get("/metrics") { _, _ in
            plain(.ok, metrics.exposition(), contentType: "text/plain; version=0.0.4; charset=utf-8")
        }
        return router
    }

    private static func plain(
        _ status: HTTPResponse.Status, _ text: String, contentType: String = "text/plain; charset=utf-8"
    ) -> Response {
        Response(
            status: status, headers: [.contentType: contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
