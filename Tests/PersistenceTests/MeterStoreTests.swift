import DemandResponse
import MariaDB
import Measures
import Persistence
import Testing

@Suite struct MeterStoreTests {
    private func description(_ name: String) -> MeterDescription {
        MeterDescription(name: name, zone: "Europe/Berlin", step: .minutes(15))
    }

    @Test func `a meter comes back as it was described and belongs to the distributor`() async throws {
        try await withDatabase("meters") { pool in
            let meters = MeterStore(pool)
            let distributor = try await AccountStore(pool).establishDistributor(named: "Grid")
            let description = MeterDescription(
                name: "Site 1", zone: "America/New_York", step: .minutes(5), unit: .kilowatts,
                place: .init(latitude: 40.7, longitude: -74))
            let id = try await meters.create(description)
            #expect(try await meters.meter(id) == Meter(id: id, description: description))
            #expect(try await meters.meter(named: "Site 1")?.id == id)
            #expect(try await meters.meter(named: "site 1") == nil)
            #expect(try await meters.meters(of: distributor).map(\.id) == [id])
            let refusal = await #expect(throws: RuleViolation.self) { try await meters.unmap(id, from: distributor) }
            #expect(refusal?.rule == .assignDistributorMeters)
        }
    }

    @Test func `without a distributor there is no meter`() async throws {
        try await withDatabase("no_distributor") { pool in
            let meters = MeterStore(pool)
            let refusal = await #expect(throws: RuleViolation.self) { try await meters.create(description("m")) }
            #expect(refusal?.rule == .assignDistributorMeters)
            let stored = try await meters.meters()
            #expect(stored.isEmpty)
        }
    }

    @Test func `a residential user has one meter and a meter one residential user`() async throws {
        try await withDatabase("residential") { pool in
            let accounts = AccountStore(pool)
            let meters = MeterStore(pool)
            _ = try await accounts.establishDistributor(named: "Grid")
            let first = try await accounts.createUser(email: "a@home.example")
            let second = try await accounts.createUser(email: "b@home.example")
            let one = try await meters.create(description("one"))
            let two = try await meters.create(description("two"))
            try await meters.map(one, to: first.id)
            try await meters.map(one, to: first.id)
            let more = await #expect(throws: RuleViolation.self) { try await meters.map(two, to: first.id) }
            #expect(more?.rule == .limitResidentialAssociations)
            let shared = await #expect(throws: RuleViolation.self) { try await meters.map(one, to: second.id) }
            #expect(shared?.rule == .limitResidentialAssociations)
            #expect(try await meters.meters(of: first.id).map(\.id) == [one])
            let acme = try await accounts.createOrganization(named: "Acme")
            let joining = await #expect(throws: RuleViolation.self) { try await accounts.move(first.id, to: acme) }
            #expect(joining?.rule == .disallowOrgUserMap)
            try await meters.unmap(one, from: first.id)
            try await accounts.move(first.id, to: acme)
            let member = await #expect(throws: RuleViolation.self) { try await meters.map(one, to: first.id) }
            #expect(member?.rule == .disallowOrgUserMap)
        }
    }

    @Test func `eight writers map one meter to eight residents: one succeeds`() async throws {
        try await withDatabase("map_race") { pool in
            let accounts = AccountStore(pool)
            let meters = MeterStore(pool)
            _ = try await accounts.establishDistributor(named: "Grid")
            var residents: [UserID] = []
            for index in 0..<8 {
                residents.append(try await accounts.createUser(email: "r\(index)@home.example").id)
            }
            for round in 0..<20 {
                let meter = try await meters.create(description("m\(round)"))
                let mapped = try await withThrowingTaskGroup(of: UserID?.self) { group in
                    for resident in residents {
                        group.addTask {
                            do {
                                try await meters.map(meter, to: resident)
                                return resident
                            } catch let violation as RuleViolation {
                                #expect(violation.rule == .limitResidentialAssociations)
                                return nil
                            }
                        }
                    }
                    return try await group.reduce(into: [UserID]()) { if let user = $1 { $0.append(user) } }
                }
                #expect(mapped.count == 1)
                for user in mapped { try await meters.unmap(meter, from: user) }
            }
        }
    }

    @Test func `a meter with readings stays`() async throws {
        try await withDatabase("keep") { pool in
            _ = try await AccountStore(pool).establishDistributor(named: "Grid")
            let meter = try await MeterStore(pool).create(description("m"))
            _ = try await ReadingStore(pool).write(
                [IntervalReading(start: midsummer, duration: .minutes(15), energy: WattHours(1))], of: meter,
                recordedAt: midsummer)
            await #expect {
                try await pool.execute("DELETE FROM meters")
            } throws: { RuleViolation($0)?.rule == .metersKeepReadings }
        }
    }
}
