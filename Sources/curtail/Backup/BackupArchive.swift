import ArgumentParser
import Crypto
import Foundation
import LocalServices
import MariaDB
import Measures

/// A backup: a folder with a dump of the database, the keys of the state directory, and a manifest that says what they
/// are and proves that they are whole.
struct BackupArchive {
    struct Manifest: Codable {
        struct File: Codable, Equatable {
            let name: String
            let bytes: Int
            let sha256: String
        }

        let madeAt: String
        let program: String
        let files: [File]
    }

    static let dumpName = "database.sql"
    static let credentialsName = "credentials"
    private static let manifestName = "manifest.json"

    let path: String
    var dump: String { "\(path)/\(Self.dumpName)" }
    var log: String { "\(path)/log" }

    /// A new folder, which must not exist.
    static func create(_ path: String) throws -> BackupArchive {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandFailure(
                "The folder \(path) cannot be made: \(error.localizedDescription)",
                hint: "name a folder that does not exist, in one that does")
        }
        return BackupArchive(path: path)
    }

    /// Takes the keys along, where there are any.
    func copyCredentials(from folder: String) throws {
        guard FileManager.default.fileExists(atPath: folder) else { return }
        try FileManager.default.copyItem(atPath: folder, toPath: "\(path)/\(Self.credentialsName)")
    }

    /// The last thing to be written: a folder without it is no backup.
    func seal(at now: Instant) throws -> Manifest {
        try? FileManager.default.removeItem(atPath: log)
        let manifest = Manifest(madeAt: now.description, program: Curtail.configuration.version, files: try files())
        try Data((try JSONOutput.text(manifest) + "\n").utf8).write(
            to: URL(fileURLWithPath: "\(path)/\(Self.manifestName)"), options: .atomic)
        return manifest
    }

    /// Opens a backup and compares every file with the manifest.
    static func open(_ path: String) throws -> (archive: BackupArchive, manifest: Manifest) {
        let archive = BackupArchive(path: path)
        guard let data = FileManager.default.contents(atPath: "\(path)/\(manifestName)"),
            let manifest = try? JSONDecoder().decode(Manifest.self, from: data)
        else {
            throw CommandFailure(
                "\(path) is no backup: it has no manifest.", hint: "name a folder that 'curtail backup' wrote",
                status: .notFound)
        }
        let found = try archive.files()
        for file in manifest.files where !found.contains(file) {
            throw CommandFailure(
                "The backup is damaged: \(file.name) is not what was written.", hint: "take another backup",
                status: .refused)
        }
        return (archive, manifest)
    }

    private func files() throws -> [Manifest.File] {
        let names = (FileManager.default.enumerator(atPath: path)?.allObjects as? [String] ?? []).sorted()
        return try names.filter { $0 != Self.manifestName && $0 != "log" }.compactMap { name in
            let file = "\(path)/\(name)"
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder), !isFolder.boolValue else {
                return nil
            }
            let (bytes, digest) = try Self.digest(file)
            return Manifest.File(name: name, bytes: bytes, sha256: digest)
        }
    }

    static func digest(_ path: String) throws -> (bytes: Int, sha256: String) {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw CommandFailure("The file \(path) cannot be read.", hint: "check its rights")
        }
        defer { try? handle.close() }
        var hash = SHA256()
        var bytes = 0
        while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty {
            hash.update(data: piece)
            bytes += piece.count
        }
        return (bytes, hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
    }
}

extension DumpedDatabase {
    /// The database that a connection's URL names.
    init(url: String) throws {
        let configuration = try MariaDBConfiguration(url: url)
        let place: Place =
            switch configuration.endpoint {
            case .unixSocket(let path): .socket(path)
            case .tcp(let host, let port): .tcp(host: host, port: port)
            }
        self.init(
            place: place, user: configuration.user, password: configuration.password,
            name: configuration.database ?? OperatorDatabase.name)
    }
}
