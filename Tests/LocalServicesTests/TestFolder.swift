import Foundation

/// A folder for one test, removed when the test is over.
final class TestFolder: Sendable {
    let path: String

    init(_ path: String? = nil) {
        if let path {
            mkdir(path, 0o755)
            self.path = path
        } else {
            var template = Array("/tmp/curtail-XXXXXX".utf8CString)
            self.path = template.withUnsafeMutableBufferPointer { buffer in
                buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? ""
            }
            chmod(self.path, 0o755)
        }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func text(_ name: String) -> String {
        guard let file = fopen("\(path)/\(name)", "r") else { return "" }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&buffer, 1, buffer.count, file)
        return String(decoding: buffer.prefix(count), as: UTF8.self)
    }

    /// The process that a server's folder names.
    func process(_ server: String) -> pid_t? {
        text("\(server)/pid").split(separator: "\n").first.flatMap { pid_t($0) }
    }
}

/// The processes whose command line contains `text`.
func processes(mentioning text: String) -> [pid_t] {
    guard let folder = opendir("/proc") else { return [] }
    defer { closedir(folder) }
    var found: [pid_t] = []
    while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
            pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        guard let pid = pid_t(name), pid != getpid(), let file = fopen("/proc/\(name)/cmdline", "r") else { continue }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = fread(&buffer, 1, buffer.count, file)
        fclose(file)
        if String(decoding: buffer.prefix(count), as: UTF8.self).contains(text) { found.append(pid) }
    }
    return found
}
