import Accounts
import DemandResponse
import MariaDB
import Measures
import Persistence
import Testing

@Suite struct AccountStoreTests {
    @Test func `the first user of an organization is its admin and a residential user is approved`() async throws {
        try await withDatabase("accounts") { pool in
            let accounts = AccountStore(pool)
            let organization = try await accounts.createOrganization(named: "Acme")
            let first = try await accounts.createUser(email: "First@acme.example", organization: organization)
            let second = try await accounts.createUser(email: "second@acme.example", organization: organization)
            let resident = try await accounts.createUser(email: "resident@home.example")
            #expect(first.isAdmin && !second.isAdmin && !resident.isAdmin)
            #expect(first.email == "first@acme.example")
            #expect(first.approval == .pending)
            #expect(resident.approval == .approved && resident.organization == nil)
            #expect(try await accounts.users(of: organization) == [first, second])
            #expect(try await accounts.user(email: "FIRST@acme.example") == first)
            #expect(try await accounts.organization(named: "Acme") == organization)
            await #expect { try await accounts.createUser(email: "resident@home.example") } throws: { error in
                (error as? MariaDBError)?.isDuplicateKey == true
            }
        }
    }

    @Test func `who changes organization is judged by the new one`() async throws {
        try await withDatabase("moving") { pool in
            let accounts = AccountStore(pool)
            let acme = try await accounts.createOrganization(named: "Acme")
            let other = try await accounts.createOrganization(named: "Other")
            let admin = try await accounts.createUser(email: "a@acme.example", organization: acme)
            _ = try await accounts.createUser(email: "o@other.example", organization: other)
            try await accounts.move(admin.id, to: other)
            #expect(try await accounts.user(email: "a@acme.example")?.isAdmin == false)
            try await accounts.move(admin.id, to: acme)
            #expect(try await accounts.user(email: "a@acme.example")?.isAdmin == true)
            try await accounts.move(admin.id, to: nil)
            let resident = try await accounts.user(email: "a@acme.example")
            #expect(resident?.isAdmin == false && resident?.approval == .approved)
        }
    }

    @Test func `deleting takes entities and mappings along, but no organization with users`() async throws {
        try await withDatabase("deleting") { pool in
            let accounts = AccountStore(pool)
            let meters = MeterStore(pool)
            let distributor = try await accounts.establishDistributor(named: "Grid")
            let organization = try await accounts.createOrganization(named: "Acme")
            let user = try await accounts.createUser(email: "a@acme.example", organization: organization)
            let meter = try await meters.create(.init(name: "m", zone: "UTC", step: .minutes(15)))
            try await meters.map(meter, to: organization)
            let refusal = await #expect(throws: RuleViolation.self) { try await accounts.delete(organization) }
            #expect(refusal?.rule == .linkOrgEntityDelete)
            try await accounts.delete(user.id)
            try await accounts.delete(organization)
            #expect(try await pool.number("SELECT COUNT(*) FROM entities") == 1)
            #expect(try await meters.meters(of: organization).isEmpty)
            #expect(try await meters.meters(of: distributor).map(\.id) == [meter])
            let kept = await #expect(throws: RuleViolation.self) { try await accounts.delete(distributor) }
            #expect(kept?.rule == .linkOrgEntityDelete)
        }
    }

    @Test func `there is one distributor`() async throws {
        try await withDatabase("distributor") { pool in
            let accounts = AccountStore(pool)
            #expect(try await accounts.distributor() == nil)
            let grid = try await accounts.establishDistributor(named: "Grid")
            #expect(try await accounts.establishDistributor(named: "Grid") == grid)
            await #expect(throws: RuleViolation.self) { try await accounts.establishDistributor(named: "Other") }
            #expect(try await accounts.distributor() == grid)
        }
    }

    @Test func `eight writers give each organization one first admin`() async throws {
        try await withDatabase("race") { pool in
            let accounts = AccountStore(pool)
            var organizations: [OrganizationID] = []
            for index in 0..<40 {
                organizations.append(try await accounts.createOrganization(named: "Organization \(index)"))
            }
            try await withThrowingDiscardingTaskGroup { group in
                for writer in 0..<8 {
                    group.addTask { [organizations] in
                        for (index, organization) in organizations.enumerated() {
                            _ = try await accounts.createUser(
                                email: "w\(writer)@o\(index).example", organization: organization)
                        }
                    }
                }
            }
            #expect(try await pool.number("SELECT COUNT(*) FROM users") == 320)
            #expect(try await pool.number("SELECT COUNT(*) FROM users WHERE is_admin") == 40)
            #expect(
                try await pool.number("SELECT COUNT(DISTINCT org_id) FROM users WHERE is_admin") == 40)
        }
    }

    @Test func `raw statements without a retry keep the rule too`() async throws {
        try await withDatabase("raw_race") { pool in
            let accounts = AccountStore(pool)
            let organization = try await accounts.createOrganization(named: "Acme")
            let written = try await withThrowingTaskGroup(of: Int.self) { group in
                for writer in 0..<8 {
                    group.addTask {
                        var written = 0
                        for index in 0..<25 {
                            let email = "w\(writer)-\(index)@acme.example"
                            written += try await pool.execute(
                                "INSERT INTO users (email, org_id) SELECT ?, org_id FROM organizations WHERE org_id = ?",
                                [.text(email), .integer(organization.rawValue)], retries: 0
                            ).affectedRows
                        }
                        return written
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(written == 200)
            #expect(try await pool.number("SELECT COUNT(*) FROM users WHERE is_admin") == 1)
        }
    }

    @Test func `residential sign-ups at the same time do not lock each other out`() async throws {
        try await withDatabase("residential_race") { pool in
            try await withThrowingDiscardingTaskGroup { group in
                for writer in 0..<8 {
                    group.addTask {
                        for index in 0..<25 {
                            _ = try await pool.execute(
                                "INSERT INTO users (email) VALUES (?)", [.text("r\(index)-\(writer)@home.example")],
                                retries: 0)
                        }
                    }
                }
            }
            #expect(try await pool.number("SELECT COUNT(*) FROM users WHERE approval_status = 'approved'") == 200)
        }
    }
}
