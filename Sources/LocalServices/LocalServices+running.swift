extension LocalServices {
    /// The database of the instance that runs in a state directory now, so that another program can speak to it; nil
    /// when none does. Takes no lock: an instance that starts meanwhile is not disturbed.
    ///
    /// - Returns: as ``databaseURL``, for a user that may log in: the one the instance runs as.
    public static func runningDatabaseURL(in stateDirectory: String, database: String = "curtail") -> String? {
        let folder = "\(StateDirectory.absolute(stateDirectory))/\(MariaDBServer.name)"
        guard let process = StateDirectory.processNumber("\(folder)/pid") else { return nil }
        // Its command line proves that the number was not given to another program, and names the socket, which is
        // elsewhere when the folder's path is too long.
        let arguments = Files.tail("/proc/\(process)/cmdline", limit: 65_536).split(separator: "\0")
        guard arguments.contains(where: { $0.hasPrefix("--datadir=\(folder)/") }),
            let socket = arguments.first(where: { $0.hasPrefix("--socket=") })?.dropFirst("--socket=".count),
            SocketProbe.open(path: String(socket), greeting: "") != nil
        else { return nil }
        return "mariadb:///\(database)?socket=\(percentEncoded(String(socket)))"
    }
}
