import MariaDB
import Testing

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
}
