import Credentials
import LocalServices
import MariaDB
import MeterData
import MutualTLS
import OpenADRXML
import Persistence
import Redis

extension CommandFailure {
    /// What to tell people about an error of one of the parts; nil for one that nobody foresaw.
    init?(explaining error: any Error) {
        switch error {
        case let failure as CommandFailure:
            self = failure
        case let failure as LocalServicesError:
            self.init(failure.description, hint: failure.hint, status: .notReady)
        case let failure as MeterDataError:
            self.init(failure.description, hint: failure.hint)
        case let failure as MigrationError:
            self.init(failure.description, hint: "check the folder given by --root", status: .notReady)
        case let failure as MariaDBError:
            let code = failure.code == 0 ? "" : " (\(failure.code))"
            self.init(
                "The database refused: \(failure.message)\(code).",
                hint: "check --database-url, or the log of the private server in the state directory",
                status: .notReady)
        case let failure as RedisError:
            self.init(failure.description, hint: "check --redis-url", status: .notReady)
        case let failure as SchemaSet.Failure:
            self.init(failure.description, hint: "check the folder given by --root", status: .notReady)
        case let failure as CredentialError:
            self.init("A key or certificate cannot be used: \(failure).", hint: "check the state directory")
        case let failure as TLSConfigurationError:
            self.init("TLS cannot be set up: \(failure).", hint: "check the credentials in the state directory")
        default:
            return nil
        }
    }
}
