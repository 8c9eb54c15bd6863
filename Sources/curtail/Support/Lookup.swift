import DemandResponse
import MariaDB
import Persistence

/// Finds what people name on the command line, or says that it is not there.
enum Lookup {
    /// Who acts on the command line, for the audit trail.
    static var operatorActor: Actor { Actor("operator \(MariaDBConfiguration.processUser())") }

    static func organization(_ name: String, _ pool: MariaDBPool) async throws -> OrganizationID {
        guard let id = try await AccountStore(pool).organization(named: name) else {
            throw CommandFailure(
                "There is no organization '\(name)'.", hint: "see 'curtail org list'", status: .notFound)
        }
        return id
    }

    static func user(_ email: String, _ pool: MariaDBPool) async throws -> UserAccount {
        guard let user = try await AccountStore(pool).user(email: email) else {
            throw CommandFailure("There is no user \(email).", hint: "see 'curtail user list'", status: .notFound)
        }
        return user
    }

    static func meter(_ name: String, _ pool: MariaDBPool) async throws -> Meter {
        guard let meter = try await MeterStore(pool).meter(named: name) else {
            throw CommandFailure("There is no meter '\(name)'.", hint: "see 'curtail meter list'", status: .notFound)
        }
        return meter
    }
}
