import Glibc

/// Where the sockets are: in the servers' folders, or in a short private folder when that path is too long.
struct SocketFolders: Sendable {
    /// Removed at the end.
    private let temporary: String?
    private let base: String

    /// `directory` holds one folder for each of `users`' keys.
    init(_ directory: StateDirectory, users: [String: SystemUser]) throws(LocalServicesError) {
        let longest = users.keys.map { Self.path(directory.path, $0).utf8.count }.max() ?? 0
        guard longest > SocketProbe.pathLimit else {
            base = directory.path
            temporary = nil
            return
        }
        let runtime = getenv("XDG_RUNTIME_DIR").map { String(cString: $0) }
        for parent in [runtime, "/tmp"].compactMap({ $0 }) {
            guard parent.hasPrefix("/"), parent.utf8.count + 40 <= SocketProbe.pathLimit,
                let folder = Files.makeTemporaryDirectory(in: parent)
            else { continue }
            base = folder
            temporary = folder
            try share(with: users)
            return
        }
        throw .pathTooLong(path: Self.path(directory.path, "mariadb"), limit: SocketProbe.pathLimit)
    }

    /// The socket of a server.
    func socket(_ server: String) -> String {
        Self.path(base, server)
    }

    func remove(_ servers: [String]) {
        guard let temporary else { return }
        for server in servers {
            unlink(socket(server))
            rmdir("\(temporary)/\(server)")
        }
        rmdir(temporary)
    }

    private static func path(_ base: String, _ server: String) -> String {
        "\(base)/\(server)/\(server).sock"
    }

    private func share(with users: [String: SystemUser]) throws(LocalServicesError) {
        for (server, user) in users {
            let folder = "\(base)/\(server)"
            try Files.makeDirectory(folder, mode: 0o700)
            if geteuid() == 0 {
                guard chown(folder, user.id, user.group) == 0 else { throw .system(folder) }
            }
        }
        if geteuid() == 0 { chmod(base, 0o711) }
    }
}
