import Redis
import Testing

@Suite struct RedisConfigurationTests {
    @Test func `a TCP URL has a host, a port, a password and a database`() throws {
        let plain = try RedisConfiguration(url: "redis://cache.example")
        #expect(plain.endpoint == .tcp(host: "cache.example", port: 6379))
        #expect(plain.password == nil)
        #expect(plain.timeout == .milliseconds(50))
        let full = try RedisConfiguration(url: "redis://:p%40ss%2F:@[::1]:7000/3")
        #expect(full.endpoint == .tcp(host: "::1", port: 7000))
        #expect(full.password == "p@ss/:")
        #expect(full.database == 3)
    }

    @Test func `a Unix URL has a path`() throws {
        let configuration = try RedisConfiguration(url: "unix:///run/my%20redis/redis.sock")
        #expect(configuration.endpoint == .unixSocket(path: "/run/my redis/redis.sock"))
    }

    @Test(arguments: [
        "", "redis", "http://host", "redis://", "redis://:6379", "redis://host:", "redis://host:0",
        "redis://host:70000", "redis://host:port", "redis://host/x", "redis://host/-1", "redis://host?db=1",
        "redis://user:password@host", "redis://:%zz@host", "redis://:%ff@host", "unix://relative", "unix://",
        "unix:///a%00b", "redis://[::1", "redis://host/65536",
    ])
    func `a bad URL is refused`(url: String) {
        #expect(throws: RedisError.self) { try RedisConfiguration(url: url) }
    }
}
