import Glibc

/// Asks over a Unix socket whether a server answers, without waiting.
struct SocketProbe: ~Copyable {
    /// The longest path that fits into `sockaddr_un`, without its final zero.
    static let pathLimit = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    private let descriptor: Int32

    private init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// `nil` while nobody listens.
    static func open(path: String, greeting: String) -> SocketProbe? {
        guard path.utf8.count <= pathLimit else { return nil }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        let length = greeting.utf8.count
        guard connect(descriptor, path),
            length == 0 || send(descriptor, greeting, length, Int32(MSG_NOSIGNAL)) == length
        else {
            close(descriptor)
            return nil
        }
        return SocketProbe(descriptor: descriptor)
    }

    deinit {
        close(descriptor)
    }

    /// The first bytes that the server sent; `nil` while there are none.
    func answer() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count > 0 ? Array(buffer.prefix(count)) : nil
    }

    private static func connect(_ descriptor: Int32, _ path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }
}
