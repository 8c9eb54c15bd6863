import NIOCore
import Testing

@testable import WebServer

@Suite struct PushPolicyTests {
    private func permits(_ address: String, _ allowed: [String] = []) throws -> Bool {
        PushPolicy(allowed: allowed.compactMap { IPNetwork($0) }).permits(
            try SocketAddress(ipAddress: address, port: 443))
    }

    @Test(arguments: [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:10.0.0.1",
        "::ffff:169.254.169.254", "64:ff9b::a00:1", "2002:a00:1::1",
    ])
    func `an address of nobody on the Internet is refused`(address: String) throws {
        #expect(try !permits(address))
    }

    @Test(arguments: ["8.8.8.8", "172.32.0.1", "11.0.0.1", "2a00:1450::1", "::ffff:8.8.8.8"])
    func `a public address is permitted`(address: String) throws {
        #expect(try permits(address))
    }

    @Test func `what an operator allows is permitted, and nothing beside it`() throws {
        let allowed = ["10.1.0.0/16", "192.168.7.9", "fd00:1::/32"]
        for address in ["10.1.255.255", "192.168.7.9", "fd00:1:2::3", "::ffff:10.1.0.1"] {
            #expect(try permits(address, allowed), "\(address)")
        }
        for address in ["10.2.0.1", "192.168.7.8", "fd00:2::3", "127.0.0.1"] {
            #expect(try !permits(address, allowed), "\(address)")
        }
        for text in ["", "10.0.0.0/33", "10.0.0.0/-1", "ten/8", "10.0.0.0/8/8", "fd00::/129", "localhost"] {
            #expect(IPNetwork(text) == nil, "\(text)")
        }
    }
}
