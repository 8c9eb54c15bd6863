internal import CMariaDB

/// The options of a connection before it is opened.
enum SessionOptions {
    /// What every connection sets, so that a server's own defaults cannot change results.
    ///
    /// `innodb_snapshot_isolation`: without it read-modify-write loses updates under REPEATABLE READ
    /// (the default of 10.11 is OFF).
    static let sessionSetup = """
        SET SESSION time_zone = '+00:00', \
        SESSION sql_mode = 'STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,\
        ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', \
        SESSION innodb_snapshot_isolation = ON
        """

    static func apply(_ configuration: MariaDBConfiguration, to handle: Session.Handle) {
        mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4")
        mysql_options(handle, MYSQL_INIT_COMMAND, sessionSetup)
        set(handle, MYSQL_OPT_CONNECT_TIMEOUT, configuration.connectTimeout)
        set(handle, MYSQL_OPT_READ_TIMEOUT, configuration.answerTimeout)
        set(handle, MYSQL_OPT_WRITE_TIMEOUT, configuration.answerTimeout)
        // A server must not be able to ask this client for its files.
        set(handle, MYSQL_OPT_LOCAL_INFILE, UInt32(0))
        // The password never goes over the wire in clear text or as a hash of long ago.
        mysql_options(handle, MARIADB_OPT_RESTRICTED_AUTH, "mysql_native_password,client_ed25519,auth_gssapi_client")
        let flag = (on: my_bool(1), off: my_bool(0))
        switch configuration.tls {
        case .off:
            set(handle, MYSQL_OPT_SSL_ENFORCE, flag.off)
        case .unverified:
            set(handle, MYSQL_OPT_SSL_ENFORCE, flag.on)
            set(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, flag.off)
        case .verified(let authorities):
            set(handle, MYSQL_OPT_SSL_ENFORCE, flag.on)
            mysql_options(handle, MYSQL_OPT_SSL_CA, authorities)
            set(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, flag.on)
        }
    }

    private static func set<Value: BitwiseCopyable>(
        _ handle: Session.Handle, _ option: mysql_option, _ value: Value
    ) {
        withUnsafeBytes(of: value) { bytes in
            _ = mysql_options(handle, option, bytes.baseAddress)
        }
    }
}
