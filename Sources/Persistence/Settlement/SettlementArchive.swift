import DemandResponse
import FoundationEssentials
import MariaDB
import Measures

/// What settlements were counted from (table `settlement_inputs`), kept under the SHA-256 of its bytes: ledger entries
/// name it by that.
struct SettlementArchive {
    private let pool: MariaDBPool

    init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    static func bytes(_ inputs: SettlementInputs) throws -> [UInt8] { try JSONColumn.bytes(inputs) }

    /// Keeps the bytes; the same ones again do nothing.
    func keep(_ content: [UInt8], _ inputs: SettlementInputs, hash: [UInt8], at now: Instant) async throws {
        let known = try await pool.query("SELECT 1 FROM settlement_inputs WHERE sha256 = ?", [.bytes(hash)])
        guard known.isEmpty else { return }
        do {
            _ = try await pool.execute(
                """
                INSERT INTO settlement_inputs (sha256, event, meter_id, content, stored_at) VALUES (?, ?, ?, ?, ?)
                """,
                [
                    .bytes(hash), .text(inputs.event.rawValue), .meter(inputs.meter), .bytes(content), .instant(now),
                ])
        } catch let error as MariaDBError where error.isDuplicateKey {
            // Another process was faster with the same bytes.
        }
    }

    /// What is kept under a hash; nil when there is nothing.
    func inputs(_ hash: String) async throws -> (content: [UInt8], inputs: SettlementInputs)? {
        let rows = try await pool.query("SELECT content FROM settlement_inputs WHERE sha256 = UNHEX(?)", [.text(hash)])
        return try rows.first.map { try Self.decode(try $0.bytes("content")) }
    }

    /// What the latest booking of a meter in an event was counted from; nil when there is none.
    func latest(_ event: ProgramEventID, _ meter: MeterID) async throws -> SettlementInputs? {
        let rows = try await pool.query(
            """
            SELECT i.content FROM ledger_transactions t
                JOIN settlement_inputs i ON i.sha256 = UNHEX(JSON_VALUE(t.audit, '$.provenance.inputsHash'))
            WHERE t.event = ? AND t.meter_id = ? ORDER BY t.transaction_id DESC LIMIT 1
            """, [.text(event.rawValue), .meter(meter)])
        return try rows.first.map { try Self.decode(try $0.bytes("content")).inputs }
    }

    private static func decode(_ content: [UInt8]) throws -> (content: [UInt8], inputs: SettlementInputs) {
        do {
            return (content, try JSONDecoder().decode(SettlementInputs.self, from: Data(content)))
        } catch {
            throw StoredDataError(column: "content")
        }
    }
}

func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
}
