public import MariaDB

/// Why the schema could not be brought up to date.
public enum MigrationError: Error, Hashable, Sendable {
    /// There is no such folder, or no SQL file in it.
    case noDirectory(String)
    /// A file and what is wrong with it.
    case unusableFile(String, String)
    /// A migration differs from what was applied to this database.
    case changedMigration(String)
    /// The database has a migration or trigger that this program does not have.
    case newerSchema(String)
    /// Another program has been migrating this database for as long as one may wait.
    case busy
    /// The statement that failed: file, line, first line of its text. What the file did before stays done; after the
    /// cause is mended, the next start runs the whole file again.
    case statementFailed(file: String, line: Int, statement: String, MariaDBError)
}

extension MigrationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noDirectory(let path):
            "There are no SQL files in \(path); point the program to its Database folder."
        case .unusableFile(let path, let reason):
            "The schema file \(path) is not usable: \(reason)."
        case .changedMigration(let path):
            "\(path) was changed after it had been applied to this database; put it back and add a new migration."
        case .newerSchema(let name):
            "The database has \(name), which this program does not know; it was made by a newer version."
        case .busy:
            "Another program is migrating the database."
        case .statementFailed(let file, let line, let statement, let error):
            "\(file), line \(line): \(statement): \(error)"
        }
    }
}
