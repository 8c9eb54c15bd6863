import Glibc

/// How many files the process may have open; each connection is one.
enum FileLimit {
    /// Takes all that the system gives.
    static func raise() { _ = set(rlim_t.max) }

    /// Throws a `CommandFailure` when the system does not give that many.
    static func raise(to wanted: Int) throws {
        let given = set(rlim_t(wanted))
        guard given >= rlim_t(wanted) else {
            throw CommandFailure(
                "This process may open \(given) files, and \(wanted) are needed.",
                hint: "raise the limit (ulimit -Hn), or use several processes", status: .notReady)
        }
    }

    /// Never less than before; returns what holds now.
    private static func set(_ wanted: rlim_t) -> rlim_t {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        let aim = min(wanted, limit.rlim_max)
        guard limit.rlim_cur < aim else { return limit.rlim_cur }
        limit.rlim_cur = aim
        return setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? aim : 0
    }
}
