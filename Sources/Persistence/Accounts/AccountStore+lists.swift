public import Accounts
public import DemandResponse
import MariaDB

extension AccountStore {
    /// Whom a list of users is about.
    public enum UserScope: Hashable, Sendable {
        case everyone
        case organization(OrganizationID)
        /// Users without an organization.
        case residential
    }

    public func organization(_ id: OrganizationID) async throws -> Organization? {
        try await pool.query(
            """
            SELECT o.org_id, o.name, o.created_at, e.members FROM organizations o JOIN entities e ON e.entity_id = o.org_id
            WHERE o.org_id = ?
            """, [.integer(id.rawValue)]
        ).first.map(Self.organization)
    }

    /// By name.
    ///
    /// - Parameter text: what the name contains; nil for all.
    public func organizations(
        matching text: String? = nil, page: PageRequest
    ) async throws -> Page<Organization> {
        let rows = try await pool.query(
            """
            SELECT o.org_id, o.name, o.created_at, e.members FROM organizations o JOIN entities e ON e.entity_id = o.org_id
            WHERE o.name > ? AND (? IS NULL OR o.name LIKE ?) ORDER BY o.name LIMIT ?
            """,
            [
                .text(page.after?.text ?? ""), LikePattern.containing(text), LikePattern.containing(text),
                .count(page.limit + 1),
            ])
        return Page(try rows.map(Self.organization), page, key: \.name)
    }

    /// By e-mail.
    ///
    /// - Parameters:
    ///   - approval: only users that are so; nil for all.
    ///   - text: what the e-mail contains; nil for all.
    public func users(
        _ scope: UserScope, approval: UserAccount.Approval? = nil, matching text: String? = nil, page: PageRequest
    ) async throws -> Page<UserAccount> {
        let pattern = LikePattern.containing(text?.lowercased())
        let (kind, organization): (Int64, MariaDBValue) =
            switch scope {
            case .everyone: (0, .null)
            case .organization(let id): (1, .integer(id.rawValue))
            case .residential: (2, .null)
            }
        let approval: MariaDBValue = .optional(approval) { .text($0.rawValue) }
        let rows = try await pool.query(
            """
            SELECT account_id, email, org_id, is_admin, approval_status, created_at FROM users
            WHERE email > ? AND (? = 0 OR org_id <=> ?) AND (? IS NULL OR approval_status = ?)
                AND (? IS NULL OR email LIKE ?)
            ORDER BY email LIMIT ?
            """,
            [
                .text(page.after?.text ?? ""), .integer(kind), organization, approval, approval, pattern, pattern,
                .count(page.limit + 1),
            ])
        return Page(try rows.map(Self.user), page, key: \.email)
    }

    /// Users that wait for approval, the longest waiting first.
    public func approvalQueue(page: PageRequest) async throws -> Page<UserAccount> {
        let rows = try await pool.query(
            """
            SELECT account_id, email, org_id, is_admin, approval_status, created_at FROM users
            WHERE approval_status = 'pending' AND account_id > ? ORDER BY account_id LIMIT ?
            """, [.integer(page.after.flatMap { Int64($0.text) } ?? 0), .count(page.limit + 1)])
        return Page(try rows.map(Self.user), page) { String($0.id.rawValue) }
    }

    private static func organization(_ row: MariaDBRow) throws -> Organization {
        Organization(
            id: OrganizationID(try row.integer("org_id")), name: try row.text("name"),
            createdAt: try row.instant("created_at"), members: Int(try row.integer("members")))
    }
}
