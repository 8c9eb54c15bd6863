import Glibc

/// The few file operations that are needed, without Foundation.
enum Files {
    static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    /// Creates a directory and those above it that are missing.
    static func makeDirectory(_ path: String, mode: mode_t) throws(LocalServicesError) {
        if mkdir(path, mode) == 0 { return }
        switch errno {
        case EEXIST:
            guard isDirectory(path) else { throw .unusableDirectory(path: path, reason: "it is not a directory") }
        case ENOENT:
            let parent = parent(of: path)
            guard parent != path else { throw .system(path) }
            try makeDirectory(parent, mode: 0o755)
            guard mkdir(path, mode) == 0 || errno == EEXIST else { throw .system(path) }
        case ENOTDIR:
            throw .unusableDirectory(path: path, reason: "a part of the path is not a directory")
        default:
            throw .system(path)
        }
    }

    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    static func owner(_ path: String) -> uid_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_uid : nil
    }

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// A new private directory with an unguessable name.
    static func makeTemporaryDirectory(in parent: String) -> String? {
        var template = Array("\(parent)/curtail-XXXXXX".utf8CString)
        return template.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress, mkdtemp(start) != nil else { return nil }
            return String(cString: start)
        }
    }

    static func write(_ text: String, to path: String) throws(LocalServicesError) {
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .system(path) }
        defer { close(descriptor) }
        guard Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count else { throw .system(path) }
    }

    /// At most the last `limit` bytes of a file, empty when there is none.
    static func tail(_ path: String, limit: Int = 4096) -> String {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        let size = lseek(descriptor, 0, SEEK_END)
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = pread(descriptor, &buffer, limit, max(0, size - limit))
        return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
    }

    /// Bytes that can still be written to the file system of `path`.
    static func freeBytes(_ path: String) -> UInt64 {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return 0 }
        return UInt64(status.f_bavail) * UInt64(status.f_frsize)
    }
}
