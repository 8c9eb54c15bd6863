import MariaDB
import Testing

@Suite struct MariaDBConfigurationTests {
    @Test func `a TCP URL has everything`() throws {
        let configuration = try MariaDBConfiguration(
            url: "mariadb://us%40er:p%3Aa%2Fss:%25@db.example:3307/name?tls=verify&ca=/etc/ca%20.pem&answer-timeout=7")
        #expect(configuration.endpoint == .tcp(host: "db.example", port: 3307))
        #expect(configuration.user == "us@er")
        #expect(configuration.password == "p:a/ss:%")
        #expect(configuration.database == "name")
        #expect(configuration.tls == .verified(authorities: "/etc/ca .pem"))
        #expect(configuration.answerTimeout == 7)
        #expect(!"\(configuration)".contains("ss:"))
        #expect(!String(reflecting: configuration).contains("ss:"))
    }

    @Test func `what is left out has a default`() throws {
        let configuration = try MariaDBConfiguration(url: "mariadb://[::1]")
        #expect(configuration.endpoint == .tcp(host: "::1", port: 3306))
        #expect(configuration.user == MariaDBConfiguration.processUser())
        #expect(configuration.password == nil)
        #expect(configuration.database == nil)
        #expect(configuration.tls == .off)
    }

    @Test func `a socket URL has a path`() throws {
        let configuration = try MariaDBConfiguration(url: "mariadb://someone@/curtail?socket=/run/a%20b.sock")
        #expect(configuration.endpoint == .unixSocket(path: "/run/a b.sock"))
        #expect(configuration.user == "someone")
        #expect(configuration.database == "curtail")
    }

    @Test(arguments: [
        "", "mariadb", "mysql://host/db", "mariadb://", "mariadb:///db", "mariadb://host:0/db", "mariadb://host:x/db",
        "mariadb://host:99999/db", "mariadb://host/a/b", "mariadb://host/db?unknown=1", "mariadb://host/db?tls=maybe",
        "mariadb://host/db?tls=verify", "mariadb://host/db?tls=off&ca=/x", "mariadb://host/db?socket=/x",
        "mariadb:///db?socket=relative", "mariadb://host/db#fragment", "mariadb://u:%zz@host/db",
        "mariadb://u:%ff@host/db", "mariadb://host/db?tls=off&tls=off", "mariadb://host/db?connect-timeout=0",
        "mariadb://[::1/db", "mariadb://host/%00",
    ])
    func `a bad URL is refused with a reason, without its password`(url: String) {
        let error = #expect(throws: MariaDBError.self) { try MariaDBConfiguration(url: url) }
        #expect(error?.kind == .configuration)
        #expect(error?.message.contains("Expected mariadb://user:password@host") == true)
    }
}
