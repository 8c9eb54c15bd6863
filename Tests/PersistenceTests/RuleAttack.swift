import DemandResponse
import MariaDB
import Measures
import OpenADR
import Persistence
import Testing

/// What writers do against one rule, on few rows, so that they meet.
struct RuleAttack: Sendable, CustomTestStringConvertible {
    typealias Move = @Sendable (Hand) async throws -> Void

    /// One operation of one writer, with its choices.
    struct Hand: Sendable {
        let pool: MariaDBPool
        let writer: Int
        /// Counts the operations of all writers.
        let turn: Int
        let move: Int
        private let choices: [Int]

        init(pool: MariaDBPool, writer: Int, turn: Int, random: inout SplitMix64) {
            self.pool = pool
            self.writer = writer
            self.turn = turn
            func draw() -> Int { Int(random.next() >> 33) }
            move = draw()
            choices = [draw(), draw(), draw(), draw()]
        }

        var organization: String { "o\(choices[0] % 4)" }
        /// Comes and goes.
        var newcomer: String { "p\(choices[1] % 6)@home.example" }
        var passingOrganization: String { "q\(choices[1] % 3)" }
        var passingMeter: String { "x\(choices[1] % 4)" }
        /// One of four residents who are there from the beginning.
        var resident: String { "r\(choices[1] % 4)@home.example" }
        var meter: String { "m\(choices[2] % 4)" }
        var accounts: AccountStore { AccountStore(pool) }
        var meters: MeterStore { MeterStore(pool) }
        var start: MariaDBValue {
            .timestamp(secondsSinceEpoch: (midsummer + .minutes(15) * Int64(choices[3] % 6)).secondsSinceEpoch)
        }
        var value: MariaDBValue { .double(Double(choices[3] % 101)) }

        func run(_ sql: StaticString, _ parameters: [MariaDBValue]) async throws {
            try await pool.execute(sql, parameters, retries: 50)
        }

        func run(_ sql: StaticString, _ names: String...) async throws {
            try await pool.execute(sql, names.map { .text($0) }, retries: 50)
        }

        /// What is not there becomes a `MissingRow`, as when it goes a moment later.
        func user(_ email: String) async throws -> UserAccount {
            guard let user = try await accounts.user(email: email) else { throw MissingRow(email) }
            return user
        }

        func known(meter name: String) async throws -> Meter {
            guard let meter = try await meters.meter(named: name) else { throw MissingRow(name) }
            return meter
        }

        func known(organization name: String) async throws -> OrganizationID {
            guard let organization = try await accounts.organization(named: name) else { throw MissingRow(name) }
            return organization
        }
    }

    let rule: IntegrityRule
    /// Rules that must have refused something, or the attack was none.
    var refusing: Set<IntegrityRule> = []
    /// More rows, for a number of operations of each writer.
    var preparation: (@Sendable (Int) -> String)?
    /// Counts what must not be, beyond the invariants.
    var breaches: StaticString?
    let moves: [Move]

    var testDescription: String { rule.rawValue }

    static let all = identities + residents + leavings + organizations + readings

    /// The distributor, four organizations, four residents, four meters.
    static let stage = """
        INSERT INTO organizations (name) VALUES ('Grid');
        INSERT INTO distributor (org_id) SELECT org_id FROM organizations WHERE name = 'Grid';
        INSERT INTO organizations (name) SELECT CONCAT('o', seq) FROM seq_0_to_3;
        INSERT INTO users (email) SELECT CONCAT('r', seq, '@home.example') FROM seq_0_to_3;
        INSERT INTO meters (name, zone, step_seconds) SELECT CONCAT('m', seq), 'UTC', 900 FROM seq_0_to_3
        """

    // MARK: add_user_id, add_org_id

    private static let identities = [
        RuleAttack(
            rule: .addUserID, refusing: [.addUserID],
            moves: [
                { _ = try await $0.accounts.createUser(email: $0.newcomer) },
                { try await $0.accounts.delete($0.user($0.newcomer).id) },
                { try await $0.run("INSERT INTO users (account_id, email) VALUES (1, ?)", $0.newcomer) },
                { try await $0.run("INSERT IGNORE INTO users (account_id, email) VALUES (1, ?)", $0.newcomer) },
                {
                    try await $0.run(
                        "INSERT INTO users (email) VALUES (?) ON DUPLICATE KEY UPDATE name = 'again'", $0.newcomer)
                },
                { try await $0.run("UPDATE users SET account_id = account_id + 1 WHERE email = ?", $0.resident) },
                {
                    try await $0.run(
                        """
                        UPDATE entities SET entity_type = 'organization'
                        WHERE entity_id = (SELECT account_id FROM users WHERE email = ?)
                        """, $0.resident)
                },
                {
                    try await $0.run(
                        "DELETE FROM entities WHERE entity_id = (SELECT account_id FROM users WHERE email = ?)",
                        $0.newcomer)
                },
            ]),
        RuleAttack(
            rule: .addOrgID, refusing: [.addOrgID],
            moves: [
                { _ = try await $0.accounts.createOrganization(named: $0.passingOrganization) },
                { try await $0.accounts.delete($0.known(organization: $0.passingOrganization)) },
                { try await $0.run("INSERT INTO organizations (org_id, name) VALUES (1, ?)", $0.passingOrganization) },
                {
                    try await $0.run(
                        "INSERT IGNORE INTO organizations (org_id, name) VALUES (1, ?)", $0.passingOrganization)
                },
                {
                    try await $0.run(
                        "INSERT INTO organizations (name) VALUES (?) ON DUPLICATE KEY UPDATE approval_status = 'approved'",
                        $0.passingOrganization)
                },
                { try await $0.run("UPDATE organizations SET org_id = org_id + 1 WHERE name = ?", $0.organization) },
                {
                    try await $0.run(
                        "DELETE FROM entities WHERE entity_id = (SELECT org_id FROM organizations WHERE name = ?)",
                        $0.passingOrganization)
                },
            ]),
    ]

    // MARK: limit_residential_associations, disallow_org_user_map, approve_residential

    private static let map: Move = { hand in
        try await hand.meters.map(hand.known(meter: hand.meter).id, to: hand.user(hand.resident).id)
    }
    private static let unmap: Move = { hand in
        try await hand.meters.unmap(hand.known(meter: hand.meter).id, from: hand.user(hand.resident).id)
    }
    private static let mapBySQL: Move = { hand in
        try await hand.run(
            """
            INSERT INTO meter_map (meter_id, entity_id) SELECT m.meter_id, u.account_id FROM meters m, users u
            WHERE m.name = ? AND u.email = ?
            """, hand.meter, hand.resident)
    }
    private static let leaveMeters: Move = { hand in
        try await hand.run(
            "DELETE FROM meter_map WHERE entity_id = (SELECT account_id FROM users WHERE email = ?)", hand.resident)
    }
    private static let join: Move = { hand in
        try await hand.accounts.move(hand.user(hand.resident).id, to: hand.known(organization: hand.organization))
    }
    private static let leave: Move = { hand in
        try await hand.accounts.move(hand.user(hand.resident).id, to: nil)
    }
    private static let joinBySQL: Move = { hand in
        try await hand.run(
            "UPDATE users SET org_id = (SELECT org_id FROM organizations WHERE name = ?) WHERE email = ?",
            hand.organization, hand.resident)
    }

    private static let residents = [
        RuleAttack(
            rule: .limitResidentialAssociations, refusing: [.limitResidentialAssociations],
            moves: [
                map, mapBySQL, unmap, leaveMeters,
                { hand in
                    try await hand.run(
                        """
                        INSERT IGNORE INTO meter_map (meter_id, entity_id, residential_user)
                        SELECT m.meter_id, u.account_id, NULL FROM meters m, users u WHERE m.name = ? AND u.email = ?
                        """, hand.meter, hand.resident)
                },
                { hand in
                    try await hand.run(
                        """
                        UPDATE meter_map SET residential_user = NULL, residential_meter = NULL
                        WHERE meter_id = (SELECT meter_id FROM meters WHERE name = ?) AND residential_user IS NOT NULL
                        """, hand.meter)
                },
            ]),
        RuleAttack(
            rule: .disallowOrgUserMap, refusing: [.disallowOrgUserMap],
            moves: [map, mapBySQL, unmap, leaveMeters, join, joinBySQL, leave, leave]),
        RuleAttack(
            rule: .approveResidential,
            breaches: "SELECT COUNT(*) FROM users WHERE org_id IS NULL AND approval_status = 'pending'",
            moves: [
                join, joinBySQL, leave,
                { try await $0.run("UPDATE users SET approval_status = 'pending' WHERE email = ?", $0.resident) },
                {
                    try await $0.run(
                        "UPDATE users SET org_id = NULL, approval_status = 'pending' WHERE email = ?", $0.resident)
                },
                { try await $0.run("INSERT INTO users (email, approval_status) VALUES (?, 'pending')", $0.newcomer) },
                { _ = try await $0.accounts.createUser(email: $0.newcomer) },
                { try await $0.accounts.delete($0.user($0.newcomer).id) },
            ]),
    ]

    // MARK: link_user_entity_delete, link_org_entity_delete

    private static let leavings = [
        RuleAttack(
            rule: .linkUserEntityDelete,
            breaches: """
                SELECT COUNT(*) FROM meter_map m JOIN entities e ON e.entity_id = m.entity_id
                LEFT JOIN users u ON u.account_id = e.entity_id WHERE e.entity_type = 'user' AND u.account_id IS NULL
                """,
            moves: [
                { _ = try await $0.accounts.createUser(email: $0.newcomer) },
                { try await $0.run("INSERT INTO users (email) VALUES (?)", $0.newcomer) },
                { try await $0.meters.map($0.known(meter: $0.meter).id, to: $0.user($0.newcomer).id) },
                {
                    try await $0.run(
                        """
                        INSERT INTO meter_map (meter_id, entity_id) SELECT m.meter_id, u.account_id FROM meters m, users u
                        WHERE m.name = ? AND u.email = ?
                        """, $0.meter, $0.newcomer)
                },
                { try await $0.accounts.delete($0.user($0.newcomer).id) },
                { try await $0.run("DELETE FROM users WHERE email = ?", $0.newcomer) },
                { try await $0.run("DELETE FROM users WHERE email IN (?, ?)", $0.newcomer, "p0@home.example") },
            ]),
        RuleAttack(
            rule: .linkOrgEntityDelete, refusing: [.linkOrgEntityDelete],
            breaches: """
                SELECT COUNT(*) FROM meter_map m JOIN entities e ON e.entity_id = m.entity_id
                LEFT JOIN organizations o ON o.org_id = e.entity_id
                WHERE e.entity_type = 'organization' AND o.org_id IS NULL
                """,
            moves: [
                { _ = try await $0.accounts.createOrganization(named: $0.passingOrganization) },
                { try await $0.accounts.delete($0.known(organization: $0.passingOrganization)) },
                { try await $0.run("DELETE FROM organizations WHERE name = ?", $0.passingOrganization) },
                { hand in
                    try await hand.accounts.move(
                        hand.user(hand.resident).id, to: hand.known(organization: hand.passingOrganization))
                },
                {
                    _ = try await $0.accounts.createUser(
                        email: "s\($0.writer)@org.example", organization: $0.known(organization: $0.passingOrganization)
                    )
                },
                { try await $0.run("DELETE FROM users WHERE email = ?", "s\($0.writer)@org.example") },
                leave,
                {
                    try await $0.meters.map(
                        $0.known(meter: $0.meter).id, to: $0.known(organization: $0.passingOrganization))
                },
            ]),
    ]

    // MARK: org_prime_admin, assign_distributor_meters

    private static let organizations = [
        // The eight writers sign up at the same new organization, one after the other.
        RuleAttack(
            rule: .orgPrimeAdmin,
            preparation: {
                "INSERT INTO organizations (name) SELECT CONCAT('n', seq) FROM seq_0_to_\($0)"
            },
            breaches: """
                SELECT COUNT(*) FROM (
                    SELECT org_id FROM users WHERE org_id IS NOT NULL GROUP BY org_id HAVING SUM(is_admin) <> 1) wrong
                """,
            moves: [
                {
                    _ = try await $0.accounts.createUser(
                        email: "w\($0.turn)@org.example", organization: $0.known(organization: "n\($0.turn / 8)"))
                },
                {
                    try await $0.run(
                        "INSERT INTO users (email, org_id) SELECT ?, org_id FROM organizations WHERE name = ?",
                        "w\($0.turn)@org.example", "n\($0.turn / 8)")
                },
                { hand in
                    let organization = try await hand.known(organization: "n\(hand.turn / 8)")
                    let user = try await hand.accounts.createUser(email: "w\(hand.turn)@org.example")
                    try await hand.accounts.move(user.id, to: organization)
                },
            ]),
        RuleAttack(
            rule: .assignDistributorMeters, refusing: [.assignDistributorMeters],
            moves: [
                {
                    _ = try await $0.meters.create(
                        MeterDescription(name: $0.passingMeter, zone: "UTC", step: .minutes(15)))
                },
                {
                    try await $0.run(
                        "INSERT INTO meters (name, zone, step_seconds) VALUES (?, 'UTC', 900)", $0.passingMeter)
                },
                { try await $0.meters.delete($0.known(meter: $0.passingMeter).id) },
                { try await $0.run("DELETE FROM meters WHERE name = ?", $0.passingMeter) },
                {
                    try await $0.run(
                        "DELETE FROM meter_map WHERE meter_id = (SELECT meter_id FROM meters WHERE name = ?)",
                        $0.passingMeter)
                },
                {
                    try await $0.run(
                        """
                        DELETE p FROM meter_map p JOIN meters m ON m.meter_id = p.meter_id JOIN distributor d
                        ON d.org_id = p.entity_id WHERE m.name = ?
                        """, $0.meter)
                },
                {
                    try await $0.run(
                        "UPDATE distributor SET org_id = (SELECT org_id FROM organizations WHERE name = ?)",
                        $0.organization)
                },
                { try await $0.run("DELETE FROM distributor WHERE only_row = ?", [.integer(1)]) },
            ]),
    ]

    // MARK: populate_deltas

    private static let readings = [
        RuleAttack(
            rule: .populateDeltas, refusing: [.populateDeltas],
            moves: [
                {
                    try await $0.run(
                        """
                        INSERT INTO meter_data (meter_id, start_time, end_time, meter_value, delta_value)
                        SELECT meter_id, ?, ? + INTERVAL 15 MINUTE, ?, 17 FROM meters WHERE name = ?
                        ON DUPLICATE KEY UPDATE meter_value = VALUES(meter_value), delta_value = 18
                        """, [$0.start, $0.start, $0.value, .text($0.meter)])
                },
                { hand in
                    let start = Instant(secondsSinceEpoch: midsummer.secondsSinceEpoch + 900 * Int64(hand.turn % 6))
                    _ = try await ReadingStore(hand.pool).write(
                        [.init(start: start, duration: .minutes(15), energy: WattHours(Double(hand.turn % 100)))],
                        of: hand.known(meter: hand.meter).id, recordedAt: midsummer + .minutes(Int64(hand.turn)))
                },
                {
                    try await $0.run(
                        """
                        INSERT INTO drp_periods (meter_id, event, start_time, end_time, prediction_value)
                        SELECT meter_id, 'e', ?, ? + INTERVAL 15 MINUTE, ? FROM meters WHERE name = ?
                        ON DUPLICATE KEY UPDATE prediction_value = VALUES(prediction_value)
                        """, [$0.start, $0.start, $0.value, .text($0.meter)])
                },
                {
                    try await $0.run(
                        """
                        INSERT INTO drp_periods (meter_id, event, start_time, end_time, prediction_value)
                        SELECT meter_id, 'e', ?, ? + INTERVAL 30 MINUTE, ? FROM meters WHERE name = ?
                        ON DUPLICATE KEY UPDATE end_time = VALUES(end_time)
                        """, [$0.start, $0.start, $0.value, .text($0.meter)])
                },
                {
                    try await $0.run(
                        """
                        DELETE FROM drp_periods WHERE start_time = ?
                            AND meter_id = (SELECT meter_id FROM meters WHERE name = ?)
                        """, [$0.start, .text($0.meter)])
                },
                {
                    try await $0.run(
                        """
                        DELETE FROM meter_data WHERE start_time = ?
                            AND meter_id = (SELECT meter_id FROM meters WHERE name = ?)
                        """, [$0.start, .text($0.meter)])
                },
                {
                    try await $0.run(
                        """
                        UPDATE meter_data SET delta_value = 19 WHERE start_time = ?
                            AND meter_id = (SELECT meter_id FROM meters WHERE name = ?)
                        """, [$0.start, .text($0.meter)])
                },
                {
                    try await $0.run(
                        """
                        INSERT INTO meter_data (meter_id, start_time, end_time, meter_value)
                        VALUES (4000000000, ?, ? + INTERVAL 15 MINUTE, ?)
                        """, [$0.start, $0.start, $0.value])
                },
            ])
    ]
}
