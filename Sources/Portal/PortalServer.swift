import HTTPTypes
public import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore

/// The listener for people and programs: HTTP, for loopback or behind a proxy that speaks TLS.
public enum PortalServer {
    /// - Parameter onRunning: gets the port that the listener really has, for a configured port of zero.
    public static func application(
        _ portal: Portal, host: String, port: Int, logger: Logger,
        onRunning: @escaping @Sendable (Int?) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        let http = HTTP1Channel.Configuration(
            idleTimeout: .seconds(75),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 8 << 10, maxHeaderListSize: 16 << 10, maxHeaderFieldCount: 100))
        return Application(
            router: router(portal), server: .http1(configuration: http),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: nil),
            onServerRunning: { channel in
                let port = channel.localAddress?.port
                portal.parts.address.listens(port: port ?? 0)
                await onRunning(port)
            },
            logger: logger)
    }

    /// Every route of the table behind the gate.
    static func router(_ portal: Portal) -> Router<PortalContext> {
        let router = Router(context: PortalContext.self, options: .autoGenerateHeadEndpoints)
        let gate = Gate(portal: portal)
        router.add(middleware: ResponseHeaders(portal: portal))
        for route in RouteTable.all {
            router.on(RouterPath(route.path), method: route.method) { request, context in
                await gate.answer(route, request, context)
            }
        }
        return router
    }
}

/// What every answer carries: no foreign scripts, styles, frames or guesses about types (W10); and an answer for paths
/// that are not there.
struct ResponseHeaders: RouterMiddleware {
    typealias Context = PortalContext

    let portal: Portal

    private static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
        "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    ].joined(separator: "; ")

    func handle(
        _ request: Request, context: PortalContext, next: @concurrent (Request, PortalContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch let error as any HTTPResponseError {
            response = try await missing(request, context, error.status)
        }
        let headers: KeyValuePairs = [
            "Content-Security-Policy": Self.policy, "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        ]
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { response.headers[name] = value }
        }
        if portal.parts.address.isSecure, let name = HTTPField.Name("Strict-Transport-Security") {
            response.headers[name] = "max-age=31536000; includeSubDomains"
        }
        return response
    }

    /// A path without a route, or a method that its path does not take.
    private func missing(
        _ request: Request, _ context: PortalContext, _ status: HTTPResponse.Status
    ) async throws -> Response {
        let isAPI = request.uri.path.hasPrefix("/api/")
        let methods = RouteTable.methods(of: request.uri.path)
        let route = Route(
            method: request.method, path: request.uri.path, audience: isAPI ? .programs : .people, access: .anyone,
            summary: "not found"
        ) { _ in
            throw methods.isEmpty
                ? Problem.notFound
                : Problem(
                    status: .methodNotAllowed, kind: "method", title: "Not with this method",
                    detail: "This takes \(methods.joined(separator: ", ")).")
        }
        // Nothing is changed here, so a foreign form needs no other answer.
        var head = request.head
        head.method = .get
        let asked = Request(head: head, body: RequestBody(buffer: ByteBuffer()))
        var response = await Gate(portal: portal).answer(route, asked, context)
        if !methods.isEmpty { response.headers[.allow] = methods.joined(separator: ", ") }
        return response
    }
}
