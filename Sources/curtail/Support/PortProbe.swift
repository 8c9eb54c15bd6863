import Glibc

/// Tries whether a listener could have a place, before anything is started for it.
enum PortProbe {
    /// Throws a `CommandFailure` when it could not.
    ///
    /// - Parameters:
    ///   - port: 0 is always free.
    ///   - option: the command's option with which people choose another place.
    static func check(host: String, port: Int, option: String) throws {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, "\(port)", &hints, &list) == 0, let first = list else {
            throw CommandFailure(
                "'\(host)' is no address of this machine.", hint: "choose another one with --host", status: .notReady)
        }
        defer { freeaddrinfo(list) }
        let descriptor = socket(first.pointee.ai_family, hints.ai_socktype, 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // As the listener does: connections of an earlier one that linger do not count.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) != 0 else { return }
        let reason = errno
        throw CommandFailure(
            reason == EADDRINUSE
                ? "Port \(port) of \(host) is in use."
                : "Nothing can listen on \(host):\(port): \(String(cString: strerror(reason))).",
            hint: "stop the program that does, or choose another place with \(option)", status: .notReady)
    }
}
