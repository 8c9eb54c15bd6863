public import NIOCore
import NIOPosix

/// Names to addresses, away from the threads that must not wait.
public enum HostResolver {
    /// The first address of a DNS name or of an IP address in text, as the system orders them.
    public static func address(of host: String, port: Int) async throws(HTTPSFailure) -> SocketAddress {
        do {
            return try await NIOThreadPool.singleton.runIfActive {
                try SocketAddress.makeAddressResolvingHost(host, port: port)
            }
        } catch {
            throw .cannotConnect("\(host) has no address: \(error)")
        }
    }
}
