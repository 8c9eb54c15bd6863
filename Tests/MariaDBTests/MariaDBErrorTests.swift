import Testing

@testable import MariaDB

@Suite struct MariaDBErrorTests {
    @Test(
        arguments: [
            (1213, .retryable), (1205, .retryable), (1020, .retryable), (1467, .retryable), (2006, .outcomeUnknown),
            (2013, .outcomeUnknown), (1180, .outcomeUnknown), (1927, .outcomeUnknown), (1047, .nodeNotReady),
            (2002, .unreachable), (1045, .unreachable), (1064, .other),
        ] as [(Int, MariaDBError.Kind)])
    func `a code tells what to do`(code: Int, kind: MariaDBError.Kind) {
        #expect(MariaDBError(code: code, sqlState: "HY000", serverMessage: "text").kind == kind)
    }

    @Test func `the values of a message are left out, its names are kept`() {
        let duplicate = MariaDBError(
            code: 1062, sqlState: "23000", serverMessage: "Duplicate entry 'it's a 'secret'' for key 'users.email'")
        #expect(duplicate.message == "Duplicate entry for key 'users.email'")
        #expect(duplicate.kind == .constraint(name: "users.email"))
        let wrong = MariaDBError(
            code: 1366, sqlState: "22007",
            serverMessage: "Incorrect integer value: 'a secret' for column `db`.`t`.`amount` at row 1")
        #expect(wrong.message == "Incorrect integer value: '...' for column `db`.`t`.`amount` at row 1")
        let foreign = MariaDBError(
            code: 1452, sqlState: "23000",
            serverMessage: "Cannot add a child row: a foreign key constraint fails (`d`.`c`, CONSTRAINT `has_parent` F")
        #expect(foreign.kind == .constraint(name: "has_parent"))
    }

    @Test func `a truncated or strange message is no trap`() {
        for code in [1062, 1452, 4025, 1048, 1366, 1292] {
            for message in ["", "'", "''", "CONSTRAINT `", "Column '"] {
                #expect(MariaDBError(code: code, sqlState: "HY000", serverMessage: message).code == code)
            }
        }
    }
}
