import Glibc

/// Where a server is and who asks.
public struct MariaDBConfiguration: Sendable, Hashable {
    public enum Endpoint: Sendable, Hashable {
        case unixSocket(path: String)
        case tcp(host: String, port: UInt16)
    }

    /// How a TCP connection is protected.
    public enum TLS: Sendable, Hashable {
        case off
        /// Encrypted, but to whoever answers.
        case unverified
        /// Encrypted, with the server's name and certificate checked against the authorities of a PEM file.
        case verified(authorities: String)
    }

    public var endpoint: Endpoint
    public var user: String
    public var password: String?
    public var database: String?
    public var tls: TLS = .off
    /// Seconds to connect and log in.
    public var connectTimeout: UInt32 = 5
    /// Seconds to wait for an answer of the server, or for it to take a statement.
    public var answerTimeout: UInt32 = 60

    /// Without a user: the name of the user the program runs as, which is what socket authentication asks for.
    public init(endpoint: Endpoint, user: String? = nil, password: String? = nil, database: String? = nil) {
        self.endpoint = endpoint
        self.user = user ?? Self.processUser()
        self.password = password
        self.database = database
    }

    /// The name of the effective user of this process, or its number when it has no name.
    public static func processUser() -> String {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
            guard let start = buffer.baseAddress else { return String(geteuid()) }
            let failure = getpwuid_r(geteuid(), &entry, start, buffer.count, &found)
            guard failure == 0, found != nil, let name = entry.pw_name else { return String(geteuid()) }
            return String(cString: name)
        }
    }
}

extension MariaDBConfiguration: CustomStringConvertible {
    /// Without the password.
    public var description: String {
        let place =
            switch endpoint {
            case .unixSocket(let path): "socket \(path)"
            case .tcp(let host, let port): "\(host):\(port)"
            }
        return "\(user) at \(place), database \(database ?? "none")"
    }
}
