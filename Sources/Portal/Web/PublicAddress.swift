import Synchronization

/// Under which address people reach the portal. Links in mails and the check of `Origin` use it, never what a request
/// says of itself.
public final class PublicAddress: Sendable {
    private let configured: String?
    private let port = Mutex(0)

    /// - Parameter url: `https://portal.example.com`, without a path; nil: this machine only, at the listener's port.
    public init(url: String?) {
        configured = url.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
    }

    /// Told once the listener runs.
    public func listens(port: Int) {
        self.port.withLock { $0 = port }
    }

    public var url: String { configured ?? "http://localhost:\(port.withLock { $0 })" }

    /// Whether a browser's `Origin` is the portal's own.
    func isOwn(origin: String) -> Bool {
        if let configured { return origin == configured }
        let port = port.withLock { $0 }
        return ["localhost", "127.0.0.1", "[::1]"].contains { origin == "http://\($0):\(port)" }
    }

    /// Whether a request was sent to this name; another one is a rebound DNS name or a mistake.
    func isOwn(host: String) -> Bool {
        if let configured {
            // A health check of a proxy may come by address.
            return configured.hasSuffix("//\(host)") || Self.isLoopback(host)
        }
        return Self.isLoopback(host)
    }

    private static func isLoopback(_ host: String) -> Bool {
        let name = host.hasPrefix("[") ? String(host.prefix { $0 != "]" } + "]") : String(host.prefix { $0 != ":" })
        return ["localhost", "127.0.0.1", "[::1]"].contains(name)
    }

    public var isSecure: Bool { configured?.hasPrefix("https://") ?? false }
}
