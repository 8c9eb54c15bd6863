import DemandResponse
import Glibc
import MariaDB
import Measures
import OpenADR
import Persistence
import Testing

/// Eight writers do what the rules are about, all at once and against each other, by the data layer and by raw SQL; then
/// every invariant must hold (`withDatabase` asks) and every refusal must have had a rule's name.
///
/// `CURTAIL_RACE_OPERATIONS` is the number of operations of each writer: 400 without it, which takes seconds.
@Suite struct RuleRaceTests {
    private static let operations = getenv("CURTAIL_RACE_OPERATIONS").flatMap { Int(String(cString: $0)) } ?? 400
    private static let writers = 8

    /// What the writers share: few rows, so that they meet.
    private struct Stage {
        let organizations: [OrganizationID]
        let meters: [MeterID]
        static let people = 12

        static func make(_ pool: MariaDBPool) async throws -> Stage {
            let accounts = AccountStore(pool)
            _ = try await accounts.establishDistributor(named: "Grid")
            var organizations: [OrganizationID] = []
            for index in 0..<4 {
                organizations.append(try await accounts.createOrganization(named: "Organization \(index)"))
            }
            var meters: [MeterID] = []
            for index in 0..<6 {
                meters.append(
                    try await MeterStore(pool).create(
                        MeterDescription(name: "meter \(index)", zone: "UTC", step: .minutes(15))))
            }
            try await storeEvent("e", on: pool)
            return Stage(organizations: organizations, meters: meters)
        }
    }

    /// One writer, with its own choices.
    private struct Writer {
        let pool: MariaDBPool
        let stage: Stage
        var random: SplitMix64
        private(set) var done = 0
        private(set) var refused: [IntegrityRule: Int] = [:]

        init(_ pool: MariaDBPool, _ stage: Stage, seed: UInt64) {
            self.pool = pool
            self.stage = stage
            random = SplitMix64(seed: seed)
        }

        private mutating func pick<Element>(_ all: [Element]) -> Element {
            all[Int(random.fraction() * Double(all.count))]
        }

        private mutating func email() -> String { "p\(Int(random.fraction() * Double(Stage.people)))@people.example" }

        mutating func run(_ count: Int) async throws {
            for index in 0..<count {
                do {
                    if index % 2 == 0 { try await byStores() } else { try await bySQL() }
                    done += 1
                } catch let error as MariaDBError where error.isDuplicateKey && RuleViolation(error) == nil {
                    done += 1
                } catch let violation as RuleViolation {
                    refused[violation.rule, default: 0] += 1
                } catch {
                    guard let violation = RuleViolation(error) else { throw error }
                    refused[violation.rule, default: 0] += 1
                }
            }
        }

        private mutating func byStores() async throws {
            let accounts = AccountStore(pool)
            let meters = MeterStore(pool)
            let email = email()
            let organization = pick(stage.organizations)
            let meter = pick(stage.meters)
            let user = try await accounts.user(email: email)
            do {
                switch (Int(random.fraction() * 10), user) {
                case (8, _): try await organizationComesOrGoes(accounts)
                case (9, _): try await meterComesOrGoes(meters)
                case (0...1, nil): _ = try await accounts.createUser(email: email)
                case (_, nil): _ = try await accounts.createUser(email: email, organization: organization)
                case (0, let user?): try await accounts.move(user.id, to: organization)
                case (1, let user?): try await accounts.move(user.id, to: nil)
                case (2, let user?): try await accounts.delete(user.id)
                case (3...4, let user?): try await meters.map(meter, to: user.id)
                case (5, let user?): try await meters.unmap(meter, from: user.id)
                case (6, _): try await meters.map(meter, to: organization)
                default: try await meters.unmap(meter, from: organization)
                }
            } catch is MissingRow {
                // Somebody else was faster.
            } catch let error as MariaDBError where error.code == 1452 {
                // The user that was to be mapped is gone.
            }
        }

        /// add_org_id and link_org_entity_delete; half of them with a user who would be the first.
        private mutating func organizationComesOrGoes(_ accounts: AccountStore) async throws {
            let name = "Passing \(Int(random.fraction() * 20))"
            guard let known = try await accounts.organization(named: name) else {
                _ = try await accounts.createOrganization(named: name)
                return
            }
            if random.fraction() < 0.5 {
                // Somebody new: the organization has one from now on, and whoever wants to delete it is refused.
                let newcomer = "passing-\(Int(random.fraction() * 1e12))@example.com"
                _ = try await accounts.createUser(email: newcomer, organization: known)
            } else {
                try await accounts.delete(known)
            }
        }

        /// assign_distributor_meters
        private mutating func meterComesOrGoes(_ meters: MeterStore) async throws {
            let name = "passing \(Int(random.fraction() * 3))"
            if let known = try await meters.meter(named: name) {
                try await meters.delete(known.id)
            } else {
                _ = try await meters.create(MeterDescription(name: name, zone: "UTC", step: .minutes(15)))
            }
        }

        private mutating func bySQL() async throws {
            let meter = MariaDBValue.integer(pick(stage.meters).rawValue)
            let start = MariaDBValue.timestamp(
                secondsSinceEpoch: (midsummer + .minutes(15) * Int64(random.fraction() * 20)).secondsSinceEpoch)
            let value = MariaDBValue.double((random.fraction() * 100).rounded())
            let email = MariaDBValue.text(email())
            switch Int(random.fraction() * 8) {
            case 0:
                try await pool.execute(
                    """
                    INSERT INTO meter_data (meter_id, start_time, end_time, meter_value)
                    SELECT meter_id, start_time, start_time + INTERVAL 15 MINUTE, ? FROM meters, (
                        SELECT ? AS start_time UNION ALL SELECT ? + INTERVAL 15 MINUTE
                    ) t WHERE meter_id IN (?, ?) ORDER BY meter_id, start_time
                    ON DUPLICATE KEY UPDATE meter_value = VALUES(meter_value)
                    """, [value, start, start, meter, .integer(pick(stage.meters).rawValue)])
            case 1:
                try await pool.execute(
                    "UPDATE meter_data SET meter_value = ? WHERE meter_id = ? AND start_time = ?",
                    [value, meter, start])
            case 2:
                try await pool.execute("DELETE FROM meter_data WHERE meter_id = ? AND start_time = ?", [meter, start])
            case 3:
                try await pool.execute(
                    """
                    INSERT INTO drp_periods (meter_id, event, start_time, end_time, prediction_value)
                    VALUES (?, 'e', ?, ? + INTERVAL 15 MINUTE, ?)
                    ON DUPLICATE KEY UPDATE prediction_value = VALUES(prediction_value)
                    """, [meter, start, start, value])
            case 4:
                try await pool.execute("DELETE FROM drp_periods WHERE meter_id = ? AND start_time = ?", [meter, start])
            case 5:
                try await pool.execute(
                    "INSERT INTO users (email, org_id) VALUES (?, ?)",
                    [email, .integer(pick(stage.organizations).rawValue)])
            case 6: try await pool.execute("DELETE FROM users WHERE email = ?", [email])
            default:
                try await pool.execute(
                    """
                    INSERT INTO meter_map (meter_id, entity_id) SELECT ?, account_id FROM users WHERE email = ?
                    """, [meter, email])
            }
        }
    }

    @Test func `eight writers against each other break no rule`() async throws {
        try await withDatabase("rule_race", limit: Self.writers) { pool in
            let stage = try await Stage.make(pool)
            let results = try await withThrowingTaskGroup(of: (Int, [IntegrityRule: Int]).self) { group in
                for index in 0..<Self.writers {
                    group.addTask {
                        var writer = Writer(pool, stage, seed: UInt64(index + 1))
                        try await writer.run(Self.operations)
                        return (writer.done, writer.refused)
                    }
                }
                return try await group.reduce(into: [(Int, [IntegrityRule: Int])]()) { $0.append($1) }
            }
            let done = results.reduce(0) { $0 + $1.0 }
            let refused = results.reduce(into: [IntegrityRule: Int]()) { $0.merge($1.1, uniquingKeysWith: +) }
            #expect(done + refused.values.reduce(0, +) == Self.writers * Self.operations)
            #expect(done > Self.writers * Self.operations / 3)
            // The writers really were against each other.
            for rule in [IntegrityRule.limitResidentialAssociations, .disallowOrgUserMap, .linkOrgEntityDelete] {
                #expect(refused[rule] ?? 0 > 0, "\(rule)")
            }
        }
    }
}
