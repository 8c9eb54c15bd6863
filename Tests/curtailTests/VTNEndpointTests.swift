import Testing

@testable import curtail

@Suite struct VTNEndpointTests {
    @Test func `host, port and path come out of a URL`() throws {
        let plain = try #require(VTNEndpoint("https://vtn.example.com"))
        #expect((plain.host, plain.port, plain.path) == ("vtn.example.com", 443, ""))
        let full = try #require(VTNEndpoint("HTTPS://127.0.0.1:8443/base%20path/"))
        #expect((full.host, full.port, full.path) == ("127.0.0.1", 8_443, "/base%20path/"))
        #expect(VTNEndpoint("https://[::1]:8443")?.host == "::1")
    }

    @Test(arguments: [
        "", "vtn.example.com", "http://vtn.example.com", "https://", "https://:8443", "https://a:0", "https://a:65536",
        "https://a?x=1", "https://user@a", "https://a#b",
    ])
    func `anything else is no VTN`(url: String) {
        #expect(VTNEndpoint(url) == nil)
    }
}
