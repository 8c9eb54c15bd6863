import ArgumentParser
import Foundation

/// Where a command finds its files, its database and its cache: by flag, environment or default.
struct ServiceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder that holds Schemas, Database and Portal (environment: CURTAIL_ROOT).", valueName: "folder"))
    var root: String?

    @Option(
        help: ArgumentHelp(
            "Where the private servers, keys and logs live (environment: CURTAIL_STATE_DIRECTORY).",
            valueName: "folder"))
    var stateDirectory: String?

    @Option(
        name: .customLong("database-url"),
        help: ArgumentHelp(
            """
            Use this MariaDB and start none: mariadb://user:password@host:3306/database or \
            mariadb:///database?socket=/path (environment: CURTAIL_DATABASE_URL).
            """, valueName: "url"))
    var databaseURL: String?

    @Option(
        name: .customLong("redis-url"),
        help: ArgumentHelp(
            "Use this Redis and start none: redis://host:6379/0 or unix:///path (environment: CURTAIL_REDIS_URL).",
            valueName: "url"))
    var redisURL: String?

    /// The flags that were given, completed from the environment and the defaults.
    func resolved(defaultState: String) -> ResolvedServices {
        let environment = ProcessInfo.processInfo.environment
        func value(_ flag: String?, _ variable: String) -> String? {
            flag ?? environment[variable].flatMap { $0.isEmpty ? nil : $0 }
        }
        // Root's servers run as other users, who cannot look into root's home.
        let home =
            geteuid() == 0
            ? "/var/lib"
            : value(nil, "XDG_STATE_HOME") ?? "\(value(nil, "HOME") ?? "/tmp")/.local/state"
        return ResolvedServices(
            root: value(root, "CURTAIL_ROOT") ?? FileManager.default.currentDirectoryPath,
            stateDirectory: absolute(
                value(stateDirectory, "CURTAIL_STATE_DIRECTORY") ?? "\(home)/curtail/\(defaultState)"),
            databaseURL: value(databaseURL, "CURTAIL_DATABASE_URL"),
            redisURL: value(redisURL, "CURTAIL_REDIS_URL"))
    }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
    }
}

/// Where everything is, once flags, environment and defaults are weighed.
struct ResolvedServices: Sendable {
    let root: String
    let stateDirectory: String
    let databaseURL: String?
    let redisURL: String?

    var schemas: String { "\(root)/Schemas" }
    var database: String { "\(root)/Database" }
    var portal: String { "\(root)/Portal" }
    var credentials: String { "\(stateDirectory)/credentials" }
}
