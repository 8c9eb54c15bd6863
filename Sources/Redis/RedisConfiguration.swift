/// Where a server is, and how long to wait for it.
public struct RedisConfiguration: Sendable, Hashable {
    public enum Endpoint: Sendable, Hashable {
        case unixSocket(path: String)
        case tcp(host: String, port: UInt16)
    }

    public var endpoint: Endpoint
    public var password: String?
    /// The number of the database, 0 to 15 by default of the server.
    public var database: UInt16 = 0
    /// How long a connection attempt and a reply may take, each.
    public var timeout: Duration = .milliseconds(50)
    /// The first wait after a failed connection attempt; doubled each time up to `longestBackOff`.
    public var backOff: Duration = .milliseconds(50)
    public var longestBackOff: Duration = .seconds(5)

    public init(endpoint: Endpoint) {
        self.endpoint = endpoint
    }

    /// A configuration from `redis://:password@host:6379/0` or `unix:///path/redis.sock`; reserved characters of the
    /// password and the path are percent-encoded.
    public init(url: String) throws(RedisError) {
        if url.hasPrefix("unix://") {
            let path = try Self.decoded(url.dropFirst("unix://".count))
            guard path.hasPrefix("/") else { throw .badURL("the path is not absolute") }
            self.init(endpoint: .unixSocket(path: path))
            return
        }
        guard url.hasPrefix("redis://") else { throw .badURL("it must start with redis:// or unix://") }
        let rest = url.dropFirst("redis://".count)
        guard !rest.contains("?"), !rest.contains("#") else { throw .badURL("it has a query or a fragment") }
        let authority = rest.prefix { $0 != "/" }
        let place = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        self.init(endpoint: try Self.endpoint(place))
        if place.count < authority.count {
            let login = authority.dropLast(place.count + 1)
            guard login.first == ":" else { throw .badURL("a user name is not supported; write :password@") }
            password = try Self.decoded(login.dropFirst())
        }
        let number = rest.dropFirst(authority.count + 1)
        guard let database = number.isEmpty ? 0 : UInt16(number) else {
            throw .badURL("the database is not a number")
        }
        self.database = database
    }

    private static func endpoint(_ place: Substring) throws(RedisError) -> Endpoint {
        let isBracketed = place.first == "["
        let host = isBracketed ? place.dropFirst().prefix { $0 != "]" } : place.prefix { $0 != ":" }
        let tail = place.dropFirst(isBracketed ? host.count + 2 : host.count)
        guard !isBracketed || place.contains("]") else { throw .badURL("the host has no closing bracket") }
        guard !host.isEmpty else { throw .badURL("the host is empty") }
        if tail.isEmpty { return .tcp(host: String(host), port: 6379) }
        guard tail.first == ":", let port = UInt16(tail.dropFirst()), port > 0 else {
            throw .badURL("the port is not a number from 1 to 65535")
        }
        return .tcp(host: String(host), port: port)
    }

    private static func decoded(_ text: Substring) throws(RedisError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8
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

extension RedisConfiguration: CustomStringConvertible {
    /// Without the password.
    public var description: String {
        switch endpoint {
        case .unixSocket(let path): "socket \(path), database \(database)"
        case .tcp(let host, let port): "\(host):\(port), database \(database)"
        }
    }
}
