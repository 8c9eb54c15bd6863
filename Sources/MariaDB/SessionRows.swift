extension Session {
    func rows(_ sql: StaticString, _ parameters: [MariaDBValue]) throws(MariaDBError) -> [MariaDBRow] {
        let reading = try startRows(sql, parameters)
        var rows: [MariaDBRow] = []
        do throws(MariaDBError) {
            while let row = try nextRow(reading) { rows.append(row) }
        } catch {
            try? endRows(reading)
            throw error
        }
        try endRows(reading)
        return rows
    }

    /// Calls `body` with each row as it comes from the server; an error of `body` ends the reading.
    func forEachRow(
        _ sql: StaticString, _ parameters: [MariaDBValue], _ body: (MariaDBRow) throws -> Void
    ) throws {
        let reading = try startRows(sql, parameters)
        do {
            while let row = try nextRow(reading) { try body(row) }
        } catch {
            try? endRows(reading)
            throw error
        }
        try endRows(reading)
    }
}
