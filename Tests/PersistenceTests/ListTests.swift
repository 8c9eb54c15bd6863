import Accounts
import DemandResponse
import MariaDB
import Measures
import Persistence
import Testing

@Suite struct ListTests {
    /// All pages one after the other; no page is longer than `limit`.
    private func all<Element>(
        limit: Int, _ page: (PageRequest) async throws -> Page<Element>
    ) async throws -> [Element] {
        var found: [Element] = []
        var cursor: PageCursor?
        repeat {
            let next = try await page(PageRequest(after: cursor, limit: limit))
            #expect(next.items.count <= limit)
            found += next.items
            cursor = next.next
        } while cursor != nil
        return found
    }

    @Test func `pages hold every organization once, in order of name`() async throws {
        try await withDatabase("pages") { pool in
            let accounts = AccountStore(pool)
            for index in 0..<25 { _ = try await accounts.createOrganization(named: "Org \(100 - index)%_") }
            for limit in [1, 5, 7, 25, 500] {
                let names = try await all(limit: limit) { try await accounts.organizations(page: $0) }.map(\.name)
                #expect(names == (76...100).map { "Org \($0)%_" }.sorted())
            }
            let found = try await accounts.organizations(matching: "9%", page: PageRequest())
            #expect(found.items.map(\.name) == ["Org 79%_", "Org 89%_", "Org 99%_"])
            #expect(found.next == nil)
        }
    }

    @Test func `users are listed by organization, approval and text, the queue by age`() async throws {
        try await withDatabase("user_lists") { pool in
            let accounts = AccountStore(pool)
            let acme = try await accounts.createOrganization(named: "Acme")
            let zoe = try await accounts.createUser(email: "zoe@acme.example", organization: acme)
            let ann = try await accounts.createUser(email: "ann@acme.example", organization: acme)
            let home = try await accounts.createUser(email: "ann@home.example")
            func emails(
                _ scope: AccountStore.UserScope, _ approval: UserAccount.Approval? = nil, _ text: String? = nil
            ) async throws -> [String] {
                try await all(limit: 1) {
                    try await accounts.users(scope, approval: approval, matching: text, page: $0)
                }.map(\.email)
            }
            #expect(try await emails(.everyone) == [ann.email, home.email, zoe.email])
            #expect(try await emails(.organization(acme)) == [ann.email, zoe.email])
            #expect(try await emails(.residential) == [home.email])
            #expect(try await emails(.everyone, .pending) == [ann.email, zoe.email])
            #expect(try await emails(.everyone, nil, "ANN@") == [ann.email, home.email])
            let queue = try await all(limit: 1) { try await accounts.approvalQueue(page: $0) }
            #expect(queue.map(\.id) == [zoe.id, ann.id])
            try await accounts.approve(zoe.id, .approved)
            #expect(try await accounts.approvalQueue(page: PageRequest()).items.map(\.id) == [ann.id])
            #expect(try await accounts.organization(acme)?.members == 2)
        }
    }

    @Test func `meters are listed with their owners`() async throws {
        try await withDatabase("meter_lists") { pool in
            let accounts = AccountStore(pool)
            let meters = MeterStore(pool)
            _ = try await accounts.establishDistributor(named: "Grid")
            let acme = try await accounts.createOrganization(named: "Acme")
            let resident = try await accounts.createUser(email: "r@home.example")
            var ids: [MeterID] = []
            for name in ["c", "a", "b"] {
                ids.append(try await meters.create(MeterDescription(name: name, zone: "UTC", step: .minutes(15))))
            }
            try await meters.map(ids[0], to: acme)
            try await meters.map(ids[0], to: resident.id)
            try await meters.map(ids[1], to: acme)
            let everything = try await all(limit: 2) { try await meters.meters(of: .anyone, page: $0) }
            #expect(everything.map(\.meter.description.name) == ["a", "b", "c"])
            #expect(everything.map(\.organizations) == [[acme], [], [acme]])
            #expect(everything.map(\.resident) == [nil, nil, resident.id])
            let own = try await meters.meters(of: .organization(acme), page: PageRequest()).items
            #expect(own.map(\.meter.id) == [ids[1], ids[0]])
            #expect(
                try await meters.meters(of: .user(resident.id), page: PageRequest()).items.map(\.meter.id) == [ids[0]])
            #expect(try await meters.meters(of: .nobody, page: PageRequest()).items.map(\.meter.id) == [ids[2]])
            #expect(try await meters.meters(of: .anyone, matching: "b", page: PageRequest()).items.count == 1)
        }
    }

    @Test func `changes are made, told, and refused where there is nothing to change`() async throws {
        try await withDatabase("changes") { pool in
            let accounts = AccountStore(pool)
            let meters = MeterStore(pool)
            let audit = AuditStore(pool)
            let boss = Actor("boss@grid.example")
            _ = try await accounts.establishDistributor(named: "Grid", by: boss)
            let acme = try await accounts.createOrganization(named: "Acme", by: boss)
            try await accounts.rename(acme, to: "Acme Ltd", by: boss)
            try await accounts.rename(acme, to: "Acme Ltd", by: boss)
            #expect(try await accounts.organization(acme)?.name == "Acme Ltd")
            await #expect(throws: MissingRow("organization/999")) {
                try await accounts.rename(OrganizationID(999), to: "x", by: boss)
            }
            await #expect(throws: MissingRow("user/999")) { try await accounts.delete(UserID(999), by: boss) }
            await #expect(throws: MissingRow("meter/999")) { try await meters.rename(MeterID(999), to: "x") }
            await #expect { try await accounts.rename(acme, to: "Grid", by: boss) } throws: {
                ($0 as? MariaDBError)?.isDuplicateKey == true
            }
            let meter = try await meters.create(
                MeterDescription(name: "m", zone: "UTC", step: .minutes(15)), by: boss)
            try await meters.map(meter, to: acme, by: boss)
            try await meters.map(meter, to: acme, by: boss)
            try await meters.rename(meter, to: "n", by: boss)
            try await meters.unmap(meter, from: acme, by: boss)
            try await meters.delete(meter, by: boss)
            #expect(try await meters.meter(meter) == nil)
            let actions = try await all(limit: 3) {
                try await audit.entries(AuditStore.Filter(actor: boss), page: $0)
            }.map(\.action)
            #expect(
                actions == [
                    "meter.delete", "meter.unmap", "meter.rename", "meter.map", "meter.create", "organization.rename",
                    "organization.create", "distributor.establish", "organization.create",
                ])
        }
    }

    @Test func `the audit trail is found by actor, action, subject and time, and never changes`() async throws {
        try await withDatabase("audit_trail") { pool in
            let audit = AuditStore(pool)
            let ann = Actor("ann@acme.example")
            try await audit.record(AuditRecord(ann, "session.open", "user/1", detail: "from 192.0.2.1"))
            try await audit.record(AuditRecord(ann, "meter.map", "meter/3"))
            try await audit.record(AuditRecord(.program, "meter.create", "meter/3"))
            func actions(_ filter: AuditStore.Filter) async throws -> [String] {
                try await audit.entries(filter).items.map(\.action)
            }
            #expect(try await actions(.init()) == ["meter.create", "meter.map", "session.open"])
            #expect(try await actions(.init(actor: ann)) == ["meter.map", "session.open"])
            #expect(try await actions(.init(action: "meter.")) == ["meter.create", "meter.map"])
            #expect(try await actions(.init(actor: ann, subject: "meter/3")) == ["meter.map"])
            let past = TimeWindow(start: midsummer - .days(9_000), duration: .days(1))
            #expect(try await actions(.init(window: past)).isEmpty)
            for change: StaticString in ["DELETE FROM audit", "UPDATE audit SET actor = 'x'"] {
                await #expect { try await pool.execute(change) } throws: {
                    RuleViolation($0)?.rule == .auditAppendOnly
                }
            }
        }
    }

    @Test func `an action whose entry cannot be written is not done`() async throws {
        try await withDatabase("audit_failure") { pool in
            let accounts = AccountStore(pool)
            let acme = try await accounts.createOrganization(named: "Acme")
            try await pool.execute("ALTER TABLE audit ADD CONSTRAINT closed CHECK (actor <> 'x')")
            await #expect(throws: MariaDBError.self) { try await accounts.rename(acme, to: "Other", by: Actor("x")) }
            #expect(try await accounts.organization(acme)?.name == "Acme")
        }
    }
}
