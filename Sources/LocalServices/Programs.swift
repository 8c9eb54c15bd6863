import Glibc

/// Where the programs of other packages are.
struct Programs: Sendable {
    /// Folders, in the order of the search.
    var searchPath: [String]

    /// The folders of PATH, and those for administrators, which a user's PATH often lacks.
    init(searchPath: [String]? = nil) {
        self.searchPath =
            searchPath
            ?? (getenv("PATH").map { String(cString: $0) } ?? "").split(separator: ":").map(String.init)
            + ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"]
    }

    /// The path of a program of a Debian package.
    func find(_ name: String, package: String) throws(LocalServicesError) -> String {
        for folder in searchPath where folder.hasPrefix("/") {
            let path = "\(folder)/\(name)"
            if access(path, X_OK) == 0, !Files.isDirectory(path) { return path }
        }
        throw .binaryMissing(name: name, package: package)
    }
}
