import MariaDB
import Testing

@Suite struct MariaDBBatchTests {
    private static let insert: StaticString =
        "INSERT INTO batch (id, number, name, data, moment) VALUES (?, ?, ?, ?, ?)"

    private static func connection() async throws -> MariaDBConnection {
        let connection = try await TestServer.connect()
        // Temporary: each test has its own.
        try await connection.runScript(
            """
            CREATE TEMPORARY TABLE batch (
              id BIGINT PRIMARY KEY, number DOUBLE, name VARCHAR(100), data BLOB, moment DATETIME)
            """)
        return connection
    }

    private static func row(_ number: Int) -> [MariaDBValue] {
        [
            .integer(Int64(number)),
            number % 5 == 0 ? .null : .double(Double(number) / 8),
            number % 7 == 0 ? .null : .text(String(repeating: "é", count: number % 40) + "\(number)"),
            number % 3 == 0 ? .null : .bytes([UInt8(number % 256), 0]),
            number % 11 == 0 ? .null : .timestamp(secondsSinceEpoch: 1_790_000_000 + Int64(number) * 900),
        ]
    }

    @Test func `twenty thousand rows arrive, and are read one by one`() async throws {
        let connection = try await Self.connection()
        let rows = (0..<20_000).map(Self.row)
        let start = ContinuousClock.now
        let result = try await connection.executeBatch(Self.insert, rows: rows)
        let elapsed = start.duration(to: .now)
        print("20,000 rows by array binding: \(elapsed)")
        #expect(result.affectedRows == 20_000)
        let read = try await connection.readAll()
        #expect(read == rows)
    }

    @Test(arguments: [1, 2, 999, 1000, 1001, 2500])
    func `every size of batch and chunk is whole`(count: Int) async throws {
        let connection = try await Self.connection()
        let rows = (0..<count).map(Self.row)
        #expect(try await connection.executeBatch(Self.insert, rows: rows, chunk: 1000).affectedRows == count)
        #expect(try await connection.readAll() == rows)
        // The same statement again without arrays.
        #expect(try await connection.execute(Self.insert, Self.row(count)).affectedRows == 1)
        #expect(try await connection.readAll().count == count + 1)
    }

    @Test(arguments: [999, 5_000]) func `columns arrive as rows do`(chunk: Int) async throws {
        let connection = try await Self.connection()
        let numbers = Array(Int64(0)..<2_500)
        let constants: [MariaDBValue] = [
            .null, .integer(7), .double(1.5), .text("é7"), .bytes([0, 255]),
            .timestamp(secondsSinceEpoch: 1_790_000_000),
        ]
        for constant in constants {
            // What fits the constant: a number, text, bytes or a moment.
            let place = [1, 1, 1, 2, 3, 4][constants.firstIndex(of: constant) ?? 0]
            var columns: [MariaDBColumn] = [
                .integers(numbers), .doubles(numbers.map { Double($0) / 8 }), .constant("x"), .constant(.bytes([1])),
                .timestamps(numbers.map { 1_790_000_000 + $0 * 900 }),
            ]
            columns[place] = .constant(constant)
            try await connection.execute("DELETE FROM batch")
            #expect(
                try await connection.executeBatch(Self.insert, columns: columns, chunk: chunk).affectedRows == 2_500)
            let expected = numbers.map { number -> [MariaDBValue] in
                var row: [MariaDBValue] = [
                    .integer(number), .double(Double(number) / 8), "x", .bytes([1]),
                    .timestamp(secondsSinceEpoch: 1_790_000_000 + number * 900),
                ]
                row[place] = constant == .integer(7) ? .double(7) : constant
                return row
            }
            #expect(try await connection.readAll() == expected)
        }
    }

    @Test func `columns that do not fit together are refused before any is sent`() async throws {
        let connection = try await Self.connection()
        let rest: [MariaDBColumn] = [.constant("x"), .constant(.null), .constant(.null)]
        let refused: [[MariaDBColumn]] = [
            [.integers([1, 2]), .doubles([1])] + rest, [.integers([1, 2]), .doubles([1, .nan])] + rest,
            [.constant(1), .constant(.double(1))] + rest, [.integers([1])] + rest,
        ]
        for columns in refused {
            let error = await #expect(throws: MariaDBError.self) {
                try await connection.executeBatch(Self.insert, columns: columns)
            }
            #expect(error?.kind == .unexpectedData)
        }
        #expect(
            try await connection.executeBatch(Self.insert, columns: [.integers([]), .doubles([])] + rest).affectedRows
                == 0)
        #expect(try await connection.readAll().isEmpty)
    }

    @Test func `a column of nothing but NULL, and no rows at all`() async throws {
        let connection = try await Self.connection()
        let rows: [[MariaDBValue]] = (0..<3).map { [.integer(Int64($0)), .null, .null, .null, .null] }
        #expect(try await connection.executeBatch(Self.insert, rows: rows).affectedRows == 3)
        #expect(try await connection.readAll() == rows)
        #expect(try await connection.executeBatch(Self.insert, rows: []).affectedRows == 0)
    }

    @Test func `rows that do not fit together are refused before any is sent`() async throws {
        let connection = try await Self.connection()
        var mixed = (0..<10).map(Self.row)
        mixed[4][2] = .integer(5)
        var ragged = (0..<10).map(Self.row)
        ragged[9].removeLast()
        var infinite = (0..<10).map(Self.row)
        infinite[3][1] = .double(.infinity)
        for rows in [mixed, ragged, infinite, [[1, 2]]] {
            let error = await #expect(throws: MariaDBError.self) {
                try await connection.executeBatch(Self.insert, rows: rows)
            }
            #expect(error?.kind == .unexpectedData)
        }
        #expect(try await connection.readAll().isEmpty)
    }

    @Test func `a chunk with a duplicate leaves nothing of itself`() async throws {
        let connection = try await TestServer.connect()
        try await connection.runScript("CREATE OR REPLACE TABLE batch_atomic (id BIGINT PRIMARY KEY)")
        let rows: [[MariaDBValue]] = [[1], [2], [3], [1], [5]]
        let error = await #expect(throws: MariaDBError.self) {
            try await connection.executeBatch("INSERT INTO batch_atomic VALUES (?)", rows: rows)
        }
        #expect(error?.isDuplicateKey == true)
        #expect(try await connection.query("SELECT id FROM batch_atomic").isEmpty)
    }

    @Test func `reading stops when the reader wants, and not before`() async throws {
        struct Enough: Error {}
        let connection = try await Self.connection()
        try await connection.executeBatch(Self.insert, rows: (0..<5000).map(Self.row))
        await #expect(throws: Enough.self) {
            try await connection.forEachRow("SELECT id FROM batch ORDER BY id") { row in
                if try row.integer("id") == 10 { throw Enough() }
            }
        }
        #expect(try await connection.query("SELECT COUNT(*) AS n FROM batch")[0].integer("n") == 5000)
        // Rows that nobody asked for are dropped; asking for rows where there are none is a mistake.
        #expect(try await connection.execute("SELECT id FROM batch").affectedRows == 0)
        await #expect(throws: MariaDBError.self) { try await connection.query("DO 1") }
        #expect(try await connection.query("SELECT 1 AS one").count == 1)
    }
}

extension MariaDBConnection {
    fileprivate func readAll() throws -> [[MariaDBValue]] {
        var values: [[MariaDBValue]] = []
        try forEachRow("SELECT id, number, name, data, moment FROM batch ORDER BY id") { values.append($0.values) }
        return values
    }
}
