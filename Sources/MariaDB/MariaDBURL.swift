extension MariaDBConfiguration {
    /// A configuration from a URL:
    /// `mariadb://user:password@host:3306/database?tls=verify&ca=/path/ca.pem` or
    /// `mariadb://user@/database?socket=/run/mysqld/mysqld.sock`.
    ///
    /// `tls` is `off` (default), `unverified` or `verify` (needs `ca`); `connect-timeout` and `answer-timeout` are
    /// seconds. Reserved characters of user, password and paths are percent-encoded.
    public init(url: String) throws(MariaDBError) {
        var rest = Substring(url)
        guard rest.hasPrefix("mariadb://") else {
            throw .badURL("it must start with mariadb://")
        }
        rest = rest.dropFirst("mariadb://".count)
        guard !rest.contains("#") else { throw .badURL("it has a fragment (#); write %23 for the character") }
        let options = try Self.options(rest.firstIndex(of: "?").map { rest[rest.index(after: $0)...] } ?? "")
        rest = rest.prefix { $0 != "?" }
        let authority = rest.prefix { $0 != "/" }
        let database = try Self.decoded(rest.dropFirst(authority.count + 1))
        guard !database.contains("/") else { throw .badURL("the database name contains '/'") }

        let login = authority.lastIndex(of: "@").map { authority[..<$0] }
        let place = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        let user = try login.map { login throws(MariaDBError) in try Self.decoded(login.prefix { $0 != ":" }) }
        let password = try login?.firstIndex(of: ":").map { colon throws(MariaDBError) in
            try Self.decoded((login ?? "")[authority.index(after: colon)...])
        }
        self.init(
            endpoint: try Self.endpoint(place, socket: options["socket"]),
            user: user.flatMap { $0.isEmpty ? nil : $0 }, password: password,
            database: database.isEmpty ? nil : database)
        tls = try Self.tls(options)
        connectTimeout = try Self.seconds(options["connect-timeout"], "connect-timeout") ?? connectTimeout
        answerTimeout = try Self.seconds(options["answer-timeout"], "answer-timeout") ?? answerTimeout
    }

    private static func endpoint(_ place: Substring, socket: String?) throws(MariaDBError) -> Endpoint {
        if let socket {
            guard place.isEmpty else { throw .badURL("it has both a host and a socket") }
            guard socket.hasPrefix("/") else { throw .badURL("the socket is not an absolute path") }
            return .unixSocket(path: socket)
        }
        guard !place.isEmpty else { throw .badURL("it has neither a host nor ?socket=/path") }
        // [::1]:3306
        let isBracketed = place.first == "["
        let host = isBracketed ? place.dropFirst().prefix { $0 != "]" } : place.prefix { $0 != ":" }
        let tail = place.dropFirst(isBracketed ? host.count + 2 : host.count)
        guard !isBracketed || place.contains("]") else { throw .badURL("the host has no closing bracket") }
        guard !host.isEmpty else { throw .badURL("the host is empty") }
        if tail.isEmpty { return .tcp(host: String(host), port: 3306) }
        guard tail.first == ":", let port = UInt16(tail.dropFirst()), port > 0 else {
            throw .badURL("the port is not a number from 1 to 65535")
        }
        return .tcp(host: String(host), port: port)
    }

    private static func options(_ query: Substring) throws(MariaDBError) -> [String: String] {
        var options: [String: String] = [:]
        for pair in query.split(separator: "&") {
            let name = String(pair.prefix { $0 != "=" })
            guard ["socket", "tls", "ca", "connect-timeout", "answer-timeout"].contains(name) else {
                throw .badURL("it has the unknown option '\(name)'")
            }
            guard options[name] == nil else { throw .badURL("it has the option '\(name)' twice") }
            options[name] = try decoded(pair.dropFirst(name.count + 1))
        }
        return options
    }

    private static func tls(_ options: [String: String]) throws(MariaDBError) -> TLS {
        switch (options["tls"] ?? "off", options["ca"]) {
        case ("off", nil): return .off
        case ("unverified", nil): return .unverified
        case ("verify", .some(let authorities)): return .verified(authorities: authorities)
        case ("verify", nil): throw .badURL("tls=verify needs ca=/path/of/authorities.pem")
        case ("off", .some), ("unverified", .some): throw .badURL("ca is only used with tls=verify")
        default: throw .badURL("tls must be off, unverified or verify")
        }
    }

    private static func seconds(_ text: String?, _ name: String) throws(MariaDBError) -> UInt32? {
        guard let text else { return nil }
        guard let seconds = UInt32(text), (1...86_400).contains(seconds) else {
            throw .badURL("\(name) is not a number of seconds from 1 to 86400")
        }
        return seconds
    }

    private static func decoded(_ text: Substring) throws(MariaDBError) -> String {
        var bytes: [UInt8] = []
        var rest = Substring(text).utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, let code = UInt8(Substring(digits), radix: 16), code != 0 else {
                throw .badURL("a % is not followed by two hexadecimal digits")
            }
            bytes.append(code)
            rest = rest.dropFirst(2)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw .badURL("it is not UTF-8 after decoding")
        }
        return decoded
    }
}

extension MariaDBError {
    /// Never shows the URL: it can hold a password.
    fileprivate static func badURL(_ reason: String) -> MariaDBError {
        .configuration(
            "The database URL is not usable: \(reason). "
                + "Expected mariadb://user:password@host:3306/database or mariadb:///database?socket=/path.")
    }
}
