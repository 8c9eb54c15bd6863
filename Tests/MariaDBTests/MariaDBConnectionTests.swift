import Testing

@testable import MariaDB

@Suite struct MariaDBConnectionTests {
    @Test func `every type comes back as it went`() async throws {
        let connection = try await TestServer.connect()
        try await connection.runScript(
            """
            CREATE OR REPLACE TABLE every_type (
              id INT PRIMARY KEY, tiny TINYINT, big BIGINT, flag BOOLEAN, real8 DOUBLE, real4 FLOAT,
              money DECIMAL(20, 4), name VARCHAR(200), note LONGTEXT, data LONGBLOB, fixed BINARY(4), day DATE,
              moment DATETIME, clock TIME, kind ENUM('a', 'b'), document JSON, bits BIT(12), positive BIGINT UNSIGNED)
            """)
        let long = String(repeating: "Überlänge 漢字 🔌 ", count: 5000)
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let values: [MariaDBValue] = [
            .integer(1), .integer(-128), .integer(.min), .boolean(true), .double(-1.797e308), .double(0.5),
            .text("-1234567890123456.7891"), .text("O'Brien \\ \" \0 ; -- 🔌"), .text(long), .bytes(bytes),
            .bytes([0, 255, 39, 92]), .text("2024-02-29"), .timestamp(secondsSinceEpoch: 1_795_182_330),
            .text("-12:30:01"), .text("b"), .text(#"{"a":[1,2]}"#), .bytes([0x0f, 0xff]), .integer(.max),
        ]
        let insert: StaticString = """
            INSERT INTO every_type VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        #expect(try await connection.execute(insert, values).affectedRows == 1)
        let nulls = [MariaDBValue.integer(2)] + Array(repeating: MariaDBValue.null, count: values.count - 1)
        #expect(try await connection.execute(insert, nulls).affectedRows == 1)

        let rows = try await connection.query("SELECT * FROM every_type ORDER BY id")
        #expect(rows.count == 2)
        #expect(rows[0].values == values)
        #expect(rows[1].values == nulls)
        let row = rows[0]
        #expect(try row.integer("big") == .min)
        #expect(try row.boolean("flag"))
        #expect(try row.double("money") == -1_234_567_890_123_456.7891)
        #expect(try row.text("note") == long)
        #expect(try row.bytes("data") == bytes)
        #expect(try row.timestamp("moment") == 1_795_182_330)
        #expect(try rows[1].optionalTimestamp("moment") == nil)
        #expect(try rows[1].optionalText("name") == nil)
    }

    @Test(arguments: [-30_610_224_000, -1, 0, 951_782_400, 1_774_749_600, 253_402_300_799] as [Int64])
    func `a timestamp is the same second for the server`(seconds: Int64) async throws {
        let connection = try await TestServer.connect()
        let row = try await connection.query(
            "SELECT CAST(? AS DATETIME) AS back, TIMESTAMPDIFF(SECOND, '1970-01-01', ?) AS seconds",
            [.timestamp(secondsSinceEpoch: seconds), .timestamp(secondsSinceEpoch: seconds)])[0]
        #expect(try row.timestamp("back") == seconds)
        #expect(try row.integer("seconds") == seconds)
    }

    @Test(arguments: [-30_610_224_001, 253_402_300_800, Int64.min, .max])
    func `a timestamp that DATETIME does not have is refused`(seconds: Int64) async throws {
        let connection = try await TestServer.connect()
        let error = await #expect(throws: MariaDBError.self) {
            try await connection.query("SELECT ?", [.timestamp(secondsSinceEpoch: seconds)])
        }
        #expect(error?.kind == .unexpectedData)
    }

    @Test func `parameters that do not fit the statement are refused before it runs`() async throws {
        let connection = try await TestServer.connect()
        let refused: [[MariaDBValue]] = [[], [1, 2], [.double(.nan)], [.double(-.infinity)]]
        for parameters in refused {
            let error = await #expect(throws: MariaDBError.self) {
                try await connection.query("SELECT ? AS one", parameters)
            }
            #expect(error?.kind == .unexpectedData)
        }
        #expect(try await connection.query("SELECT ? AS one", [7])[0].integer("one") == 7)
    }

    @Test func `an unsigned number beyond Int64 is an error, not a negative number`() async throws {
        let connection = try await TestServer.connect()
        let error = await #expect(throws: MariaDBError.self) {
            try await connection.query("SELECT 18446744073709551615 AS large")
        }
        #expect(error?.message == "Column 'large' is larger than a signed 64-bit integer.")
        #expect(try await connection.query("SELECT 1 AS one").count == 1)
    }

    @Test func `a row tells which column is wrong`() async throws {
        let connection = try await TestServer.connect()
        let row = try await connection.query("SELECT 1 AS id, 'x' AS name, NULL AS nothing, 0x00ff AS data")[0]
        #expect(throws: MariaDBError.unexpectedData("Column 'nothing' is NULL where an integer is expected.")) {
            try row.integer("nothing")
        }
        #expect(throws: MariaDBError.unexpectedData("Column 'name' holds text that is not an integer.")) {
            try row.integer("name")
        }
        #expect(throws: MariaDBError.unexpectedData("The result has no column 'ID'; it has id, name, nothing, data.")) {
            try row.value("ID")
        }
        #expect(throws: MariaDBError.self) { try row.text("id") }
        #expect(throws: MariaDBError.self) { try row.timestamp("id") }
        #expect(try row.bytes("data") == [0, 255])
        #expect(try row.double("id") == 1)
    }

    @Test func `a script makes triggers, and an error ends it`() async throws {
        let connection = try await TestServer.connect()
        try await connection.runScript(
            """
            CREATE OR REPLACE TABLE scripted (id INT PRIMARY KEY, doubled INT);
            CREATE TRIGGER scripted_insert BEFORE INSERT ON scripted FOR EACH ROW BEGIN
              IF NEW.id < 0 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ids are positive'; END IF;
              SET NEW.doubled = 2 * NEW.id;
            END;
            INSERT INTO scripted (id) VALUES (21);
            SELECT * FROM scripted;
            """)
        #expect(try await connection.query("SELECT doubled FROM scripted")[0].integer("doubled") == 42)
        await #expect(throws: MariaDBError.self) {
            try await connection.runScript(
                "INSERT INTO scripted (id) VALUES (1); SELECT no_such_column; INSERT INTO scripted (id) VALUES (2)")
        }
        #expect(try await connection.query("SELECT id FROM scripted").count == 2)
        // Several statements at once are for scripts alone.
        await #expect(throws: MariaDBError.self) { try await connection.execute("DO 1; DO 2") }
    }

    @Test func `errors are typed and carry no values`() async throws {
        let connection = try await TestServer.connect()
        try await connection.runScript(
            """
            CREATE OR REPLACE TABLE constraint_child (id INT);
            DROP TABLE IF EXISTS constraint_child;
            CREATE OR REPLACE TABLE constraint_parent (
              id INT PRIMARY KEY, email VARCHAR(100) NOT NULL, amount INT, UNIQUE KEY email_once (email),
              CONSTRAINT amount_positive CHECK (amount > 0));
            CREATE TABLE constraint_child (
              parent INT, CONSTRAINT child_has_parent FOREIGN KEY (parent) REFERENCES constraint_parent (id));
            CREATE TRIGGER no_thirteen BEFORE INSERT ON constraint_parent FOR EACH ROW
              IF NEW.id = 13 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'thirteen is not allowed'; END IF;
            INSERT INTO constraint_parent VALUES (1, 'secret''@example.org', 1);
            INSERT INTO constraint_child VALUES (1)
            """)
        func failure(_ sql: StaticString, _ parameters: [MariaDBValue] = []) async -> MariaDBError? {
            await #expect(throws: MariaDBError.self) { try await connection.execute(sql, parameters) }
        }
        let insert: StaticString = "INSERT INTO constraint_parent VALUES (?, ?, ?)"
        let duplicate = await failure(insert, [2, "secret'@example.org", 1])
        #expect(duplicate?.kind == .constraint(name: "email_once"))
        #expect(duplicate?.isDuplicateKey == true)
        #expect(duplicate?.message == "Duplicate entry for key 'email_once'")
        #expect(await failure(insert, [3, .null, 1])?.kind == .constraint(name: "email"))
        #expect(await failure(insert, [3, "b", -1])?.kind == .constraint(name: "amount_positive"))
        #expect(await failure(insert, [13, "b", 1])?.kind == .constraint(name: "thirteen is not allowed"))
        #expect(
            await failure("INSERT INTO constraint_child VALUES (9)")?.kind == .constraint(name: "child_has_parent"))
        #expect(
            await failure("DELETE FROM constraint_parent")?.kind == .constraint(name: "child_has_parent"))
        let wrong = await failure(insert, [4, "c", "secret"])
        #expect(wrong?.kind == .other)
        #expect(wrong?.message.contains("secret") == false)
        #expect(wrong?.message.contains("amount") == true)
        #expect(await failure("SELEC 1")?.code == 1064)
        #expect(await failure("SELECT 1 FROM no_such_table")?.sqlState == "42S02")
    }

    @Test func `statements are prepared once and closed with the connection`() async throws {
        let connection = try await TestServer.connect()
        func prepares() async throws -> Int64 {
            let rows = try await connection.query(
                """
                SELECT CAST(VARIABLE_VALUE AS SIGNED) AS n FROM information_schema.SESSION_STATUS
                WHERE VARIABLE_NAME = 'COM_STMT_PREPARE'
                """)
            return try rows[0].integer("n")
        }
        let before = try await prepares()
        let kept = await connection.preparedStatementCount
        for number in 0..<50 {
            _ = try await connection.query("SELECT ? AS number", [.integer(Int64(number))])
        }
        #expect(try await prepares() == before + 1)
        for _ in 0..<50 {
            await #expect(throws: MariaDBError.self) { try await connection.execute("SELECT 1 FROM no_such_table") }
        }
        #expect(await connection.preparedStatementCount == kept + 1)
        await connection.close()
        #expect(await connection.preparedStatementCount == 0)
        let error = await #expect(throws: MariaDBError.self) { try await connection.query("SELECT 1") }
        #expect(error?.kind == .closed)
    }

    @Test func `a connection ends at the server when it is forgotten`() async throws {
        let observer = try await TestServer.connect()
        func use() async throws -> UInt {
            let connection = try await TestServer.connect()
            _ = try await connection.query("SELECT 1")
            return await connection.serverThreadID
        }
        let thread = try await use()
        try await eventually {
            try await observer.query(
                "SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = ?", [.integer(Int64(thread))]
            ).isEmpty
        }
    }
}
