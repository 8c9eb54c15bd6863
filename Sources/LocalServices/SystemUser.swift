import Glibc

/// A user of the machine.
struct SystemUser: Hashable, Sendable {
    let name: String
    let id: uid_t
    let group: gid_t

    init?(named name: String) {
        guard let user = Self.lookUp({ entry, buffer, size, found in getpwnam_r(name, entry, buffer, size, found) })
        else { return nil }
        self = user
    }

    /// The user that the program runs as.
    static func current() -> SystemUser {
        lookUp { entry, buffer, size, found in getpwuid_r(geteuid(), entry, buffer, size, found) }
            ?? SystemUser(name: String(geteuid()), id: geteuid(), group: getegid())
    }

    private init(name: String, id: uid_t, group: gid_t) {
        self.name = name
        self.id = id
        self.group = group
    }

    private typealias Call = (
        UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
        UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
    ) -> Int32

    private static func lookUp(_ call: Call) -> SystemUser? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
            guard let start = buffer.baseAddress, call(&entry, start, buffer.count, &found) == 0, found != nil,
                let name = entry.pw_name
            else { return nil }
            return SystemUser(name: String(cString: name), id: entry.pw_uid, group: entry.pw_gid)
        }
    }
}
