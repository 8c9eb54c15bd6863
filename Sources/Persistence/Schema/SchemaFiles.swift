import FoundationEssentials

/// The files that the schema is made of: `migrations/NNNN-name.sql`, each applied once, in the order of their numbers as
/// far as they are there at the same time, and `triggers/name.sql`, applied again whenever they change.
public struct SchemaFiles: Hashable, Sendable {
    struct File: Hashable, Sendable {
        /// 0 for a trigger.
        let version: Int
        /// Without number and extension.
        let name: String
        /// From the directory on, for messages.
        let path: String
        let text: String
    }

    let migrations: [File]
    let triggers: [File]

    /// Reads `directory`, the `Database` folder of the program.
    public init(directory: String) throws(MigrationError) {
        let migrations = try Self.read("migrations", in: directory)
        // Numbers may be left out: several people number their migrations in ranges of their own.
        for (file, next) in zip(migrations, migrations.dropFirst()) where next.version == file.version {
            throw .unusableFile(next.path, "\(file.path) has the same number")
        }
        self.init(migrations: migrations, triggers: try Self.read("triggers", in: directory))
    }

    init(migrations: [File], triggers: [File]) {
        self.migrations = migrations
        self.triggers = triggers
    }

    private static func read(_ folder: String, in directory: String) throws(MigrationError) -> [File] {
        let path = "\(directory)/\(folder)"
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            throw .noDirectory(path)
        }
        let scripts = names.filter { $0.hasSuffix(".sql") }.sorted()
        guard !scripts.isEmpty else { throw .noDirectory(path) }
        var files: [File] = []
        for name in scripts {
            files.append(try file(name, path: "\(folder)/\(name)", in: directory, isNumbered: folder == "migrations"))
        }
        return files
    }

    private static func file(
        _ fileName: String, path: String, in directory: String, isNumbered: Bool
    ) throws(MigrationError) -> File {
        guard let data = FileManager.default.contents(atPath: "\(directory)/\(path)"),
            let text = String(data: data, encoding: .utf8)
        else { throw .unusableFile(path, "it cannot be read as UTF-8 text") }
        let stem = String(fileName.dropLast(".sql".count))
        guard isNumbered else { return File(version: 0, name: stem, path: path, text: text) }
        let number = stem.prefix { $0 != "-" }
        guard number.count == 4, let version = Int(number), stem.count > 5 else {
            throw .unusableFile(path, "its name should be four digits, a hyphen and a title")
        }
        return File(version: version, name: String(stem.dropFirst(5)), path: path, text: text)
    }

    static func fourDigits(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
