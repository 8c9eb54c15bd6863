import Glibc

/// An advisory lock on a file (flock): it goes when every process that holds the descriptor has ended, however.
final class FileLock: Sendable {
    /// Closed on exec; a child that shall hold the lock gets a copy.
    let descriptor: Int32

    /// `nil` when somebody else holds the lock.
    init?(path: String) throws(LocalServicesError) {
        descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .system(path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return nil }
    }

    deinit {
        close(descriptor)
    }

    /// Gives the lock up before the last reference goes; children that inherited it lose it too.
    func unlock() {
        flock(descriptor, LOCK_UN)
    }

    /// Leaves the number of this process for others to read.
    func writeOwner() {
        ftruncate(descriptor, 0)
        let text = "\(getpid())\n"
        pwrite(descriptor, text, text.utf8.count, 0)
    }
}

extension LocalServicesError {
    /// What the last failed system call says about `path`.
    static func system(_ path: String) -> LocalServicesError {
        .unusableDirectory(path: path, reason: String(cString: strerror(errno)))
    }
}
