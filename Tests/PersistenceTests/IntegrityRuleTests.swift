import DemandResponse
import MariaDB
import Measures
import Persistence
import Testing

/// The rules by raw SQL, as another program would write it.
@Suite struct IntegrityRuleTests {
    private func stage(_ pool: MariaDBPool) async throws {
        try await pool.withConnection { connection in
            try connection.runScript(
                """
                INSERT INTO organizations (name) VALUES ('Grid'), ('Acme'), ('Empty');
                INSERT INTO distributor (org_id) SELECT org_id FROM organizations WHERE name = 'Grid';
                INSERT INTO users (email, org_id) SELECT 'a@acme.example', org_id FROM organizations WHERE name = 'Acme';
                INSERT INTO users (email) VALUES ('r@home.example'), ('s@home.example');
                INSERT INTO meters (name, zone, step_seconds) VALUES ('m', 'UTC', 900), ('n', 'UTC', 900);
                INSERT INTO meter_map (meter_id, entity_id)
                    SELECT m.meter_id, u.account_id FROM meters m, users u
                    WHERE m.name = 'm' AND u.email = 'r@home.example';
                INSERT INTO meter_data (meter_id, start_time, end_time, meter_value)
                    SELECT meter_id, '2026-07-01 00:00', '2026-07-01 00:15', 5 FROM meters WHERE name = 'n'
                """)
        }
    }

    /// A statement and the rule that refuses it.
    private static let refused: [(StaticString, IntegrityRule)] = [
        ("UPDATE users SET account_id = 999 WHERE email = 'r@home.example'", .addUserID),
        ("UPDATE entities SET entity_type = 'user' WHERE entity_id = 1", .addUserID),
        ("UPDATE organizations SET org_id = 999 WHERE name = 'Empty'", .addOrgID),
        (
            """
            INSERT INTO meter_map (meter_id, entity_id) SELECT m.meter_id, u.account_id FROM meters m, users u
            WHERE m.name = 'n' AND u.email = 'r@home.example'
            """, .limitResidentialAssociations
        ),
        (
            """
            INSERT INTO meter_map (meter_id, entity_id) SELECT m.meter_id, u.account_id FROM meters m, users u
            WHERE m.name = 'm' AND u.email = 's@home.example'
            """, .limitResidentialAssociations
        ),
        ("UPDATE meter_map SET residential_user = NULL", .limitResidentialAssociations),
        (
            """
            INSERT INTO meter_map (meter_id, entity_id) SELECT m.meter_id, u.account_id FROM meters m, users u
            WHERE m.name = 'n' AND u.email = 'a@acme.example'
            """, .disallowOrgUserMap
        ),
        (
            """
            UPDATE users SET org_id = (SELECT org_id FROM organizations WHERE name = 'Empty')
            WHERE email = 'r@home.example'
            """, .disallowOrgUserMap
        ),
        ("DELETE FROM organizations WHERE name = 'Acme'", .linkOrgEntityDelete),
        ("DELETE FROM organizations WHERE name = 'Grid'", .linkOrgEntityDelete),
        ("DELETE FROM meter_map WHERE entity_id = (SELECT org_id FROM distributor)", .assignDistributorMeters),
        ("DELETE FROM distributor", .assignDistributorMeters),
        (
            "UPDATE distributor SET org_id = (SELECT org_id FROM organizations WHERE name = 'Empty')",
            .assignDistributorMeters
        ),
        ("DELETE FROM meters WHERE name = 'n'", .metersKeepReadings),
        ("UPDATE meters SET meter_id = 999 WHERE name = 'n'", .metersKeepReadings),
        ("UPDATE meter_data SET meter_id = 999", .populateDeltas),
    ]

    @Test func `a row that is ignored or turned into an update leaves no entity behind`() async throws {
        try await withDatabase("ignored") { pool in
            try await stage(pool)
            let entities = try await pool.number("SELECT COUNT(*) FROM entities")
            for statement: StaticString in [
                "INSERT IGNORE INTO users (email, org_id) VALUES ('x@home.example', 999999)",
                "INSERT IGNORE INTO users (email) VALUES ('r@home.example')",
                "INSERT INTO users (email) VALUES ('r@home.example') ON DUPLICATE KEY UPDATE name = 'again'",
                "INSERT IGNORE INTO organizations (name) VALUES ('Acme')",
            ] { try await pool.execute(statement) }
            #expect(try await pool.number("SELECT COUNT(*) FROM entities") == entities)
            #expect(try await pool.number("SELECT COUNT(*) FROM users WHERE name = 'again'") == 1)
        }
    }

    @Test func `what breaks a rule is refused by its name`() async throws {
        try await withDatabase("refused") { pool in
            try await stage(pool)
            for (statement, rule) in Self.refused {
                await #expect("\(statement)") {
                    try await pool.execute(statement)
                } throws: { RuleViolation($0)?.rule == rule }
            }
        }
    }

    @Test func `what keeps the rules is done`() async throws {
        try await withDatabase("kept") { pool in
            try await stage(pool)
            let allowed: [StaticString] = [
                "INSERT IGNORE INTO users (email) VALUES ('r@home.example')",
                "INSERT INTO users (email) VALUES ('s@home.example') ON DUPLICATE KEY UPDATE email = email",
                "INSERT IGNORE INTO organizations (name) VALUES ('Acme')",
                "UPDATE users SET is_admin = FALSE WHERE email = 'a@acme.example'",
                """
                UPDATE users SET org_id = (SELECT org_id FROM organizations WHERE name = 'Empty')
                WHERE email = 's@home.example'
                """,
                "DELETE FROM users WHERE email = 'r@home.example'",
                "DELETE FROM organizations WHERE name = 'None'",
                "DELETE FROM meters WHERE name = 'm'",
            ]
            for statement in allowed { try await pool.execute(statement) }
            #expect(try await pool.number("SELECT COUNT(*) FROM users") == 2)
            #expect(
                try await pool.number("SELECT is_admin FROM users WHERE email = 's@home.example'") == 1)
            #expect(try await pool.number("SELECT COUNT(*) FROM meter_map") == 1)
        }
    }
}
