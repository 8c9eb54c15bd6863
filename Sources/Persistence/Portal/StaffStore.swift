public import Accounts
import DemandResponse
public import MariaDB

/// Logins that an installation's operator makes, without mail and approval.
public struct StaffStore: Sendable {
    /// Where a person belongs.
    public enum Place: Hashable, Sendable {
        case home
        case organization(String)
        /// Made where there is none.
        case distributor(String)
    }

    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// Makes a confirmed and approved account. Nil when the address has an account, or another organization is the
    /// distributor.
    ///
    /// - Parameter isAdmin: nil leaves it to the rule that the first person of an organization is its admin.
    public func create(
        _ email: EmailAddress, name: String, place: Place, isAdmin: Bool?, isOperator: Bool, passwordHash: String,
        origin: Origin
    ) async throws -> PortalIdentity? {
        try await keepingRules {
            try await pool.transaction { connection in
                guard try PortalIdentity.find(email: email.text, connection) == nil else { return nil }
                let organization: Int64?
                switch place {
                case .home: organization = nil
                case .organization(let name): organization = try Self.organization(name, connection)
                case .distributor(let name):
                    let known = try connection.query("SELECT org_id FROM distributor WHERE only_row = 1 FOR UPDATE")
                    let made = try Self.organization(name, connection)
                    if let row = known.first {
                        guard try row.integer("org_id") == made else { return nil }
                    } else {
                        try connection.execute("INSERT INTO distributor (org_id) VALUES (?)", [.integer(made)])
                    }
                    organization = made
                }
                try connection.execute(
                    "INSERT INTO users (email, name, org_id, confirmed_at, created_at) VALUES (?, ?, ?, ?, ?)",
                    [
                        .text(email.text), .text(name), .optional(organization) { .integer($0) }, .instant(origin.now),
                        .instant(origin.now),
                    ])
                guard let made = try PortalIdentity.find(email: email.text, connection) else {
                    throw StoredDataError(column: "email")
                }
                let key = MariaDBValue.integer(made.account.rawValue)
                try connection.execute(
                    """
                    UPDATE users SET approval_status = 'approved', is_operator = ?, is_admin = COALESCE(?, is_admin)
                    WHERE account_id = ?
                    """,
                    [.boolean(isOperator), organization == nil ? .null : .optional(isAdmin) { .boolean($0) }, key])
                try connection.execute(
                    "INSERT INTO logins (account_id, password_hash, changed_at) VALUES (?, ?, ?)",
                    [key, .text(passwordHash), .instant(origin.now)])
                let person = try PortalIdentity.find(made.account, connection)
                try ChangeNote(
                    action: "account.create", subject: "user \(made.account.rawValue)",
                    after: ["email": email.text, "role": person?.role.rawValue ?? ""]
                ).write(origin, connection)
                return person
            }
        }
    }

    /// The same, and for an account that is there: it gets the password, its address counts as confirmed, and its sessions
    /// end. Place and role of a known account stay.
    public func establish(
        _ email: EmailAddress, name: String, place: Place, isAdmin: Bool?, isOperator: Bool, passwordHash: String,
        origin: Origin
    ) async throws {
        let made = try await create(
            email, name: name, place: place, isAdmin: isAdmin, isOperator: isOperator, passwordHash: passwordHash,
            origin: origin)
        guard made == nil else { return }
        try await pool.transaction { connection in
            guard let known = try PortalIdentity.find(email: email.text, connection) else { return }
            try connection.execute(
                "UPDATE users SET confirmed_at = ?, approval_status = 'approved' WHERE account_id = ?",
                [.instant(origin.now), .integer(known.account.rawValue)])
            try LoginStore.setPassword(passwordHash, of: known.account, keeping: nil, origin: origin, connection)
        }
    }

    private static func organization(_ name: String, _ connection: isolated MariaDBConnection) throws -> Int64 {
        let known = try connection.query("SELECT org_id FROM organizations WHERE name = ?", [.text(name)])
        if let row = known.first { return try row.integer("org_id") }
        try connection.execute("INSERT INTO organizations (name) VALUES (?)", [.text(name)])
        let made = try connection.query("SELECT org_id FROM organizations WHERE name = ?", [.text(name)])
        guard let row = made.first else { throw StoredDataError(column: "name") }
        return try row.integer("org_id")
    }
}
