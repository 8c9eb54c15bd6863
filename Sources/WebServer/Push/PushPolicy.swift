import Glibc
public import NIOCore

/// Where a VTN may send pushes: the address comes from the VEN, so it must not become a way into the utility's own network
/// (clause 9.2; threat H7).
public struct PushPolicy: Sendable {
    /// Networks that are allowed besides the public ones.
    public let allowed: [IPNetwork]

    public init(allowed: [IPNetwork] = []) {
        self.allowed = allowed
    }

    /// Whether the address that a name was found to be may be connected to.
    public func permits(_ address: SocketAddress) -> Bool {
        guard let bytes = address.ipBytes else { return false }
        return allowed.contains { $0.contains(bytes) } || !Self.reserved.contains { $0.contains(bytes) }
    }

    /// Loopback, private, link-local, shared, multicast, documentation and other networks that are nobody's on the
    /// Internet (IANA's registries of special-purpose addresses).
    static let reserved: [IPNetwork] = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4", "::/128", "::1/128", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23",
        "2001:db8::/32", "2002::/16", "fc00::/7", "fe80::/10", "ff00::/8",
    ].compactMap { IPNetwork($0) }
}

/// A network of IPv4 or IPv6, such as `10.0.0.0/8`; an address alone is a network of one.
public struct IPNetwork: Hashable, Sendable {
    /// 4 or 16 bytes.
    private let bytes: [UInt8]
    private let length: Int

    /// Nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count),
            let bytes = (try? SocketAddress(ipAddress: String(parts[0]), port: 0))?.ipBytes
        else { return nil }
        let bits = bytes.count * 8
        guard let length = parts.count == 2 ? Int(parts[1]) : bits, (0...bits).contains(length) else { return nil }
        self.bytes = bytes
        self.length = length
    }

    func contains(_ other: [UInt8]) -> Bool {
        guard other.count == bytes.count else { return false }
        return (0..<length).allSatisfy { bit in
            (bytes[bit / 8] ^ other[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
        }
    }
}

extension SocketAddress {
    /// 4 or 16 bytes; an IPv4 address in the clothes of IPv6 is an IPv4 address. Nil for what is no IP address.
    var ipBytes: [UInt8]? {
        guard let text = ipAddress else { return nil }
        let isIPv4 = `protocol` == .inet
        var bytes = [UInt8](repeating: 0, count: isIPv4 ? 4 : 16)
        guard inet_pton(isIPv4 ? AF_INET : AF_INET6, text, &bytes) == 1 else { return nil }
        return bytes.starts(with: Array(repeating: 0, count: 10) + [0xff, 0xff]) ? Array(bytes.suffix(4)) : bytes
    }
}
