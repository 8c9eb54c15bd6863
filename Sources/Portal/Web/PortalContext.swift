public import Hummingbird
import NIOCore

/// A request with the address that it came from.
public struct PortalContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    /// IP address; empty where there is none, such as in a test.
    public let address: String

    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        address = source.channel.remoteAddress?.ipAddress ?? ""
    }
}
