public import DemandResponse
public import MariaDB
public import Measures

/// Who takes part in a programme, with what (table `program_meters`).
public struct EnrolmentStore: Sendable {
    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// Enrols a meter, or changes what it is enrolled with.
    public func enrol(
        _ meter: MeterID, in program: ProgramID, pledge: Watts?, feeder: String = "", customerClass: String = "",
        at now: Instant
    ) async throws {
        _ = try await pool.execute(
            """
            INSERT INTO program_meters (program_id, meter_id, pledge, feeder, customer_class, enrolled_at)
            VALUES (?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE pledge = VALUES(pledge), feeder = VALUES(feeder),
                customer_class = VALUES(customer_class)
            """,
            [
                .integer(program.rawValue), .meter(meter), .optional(pledge) { .double($0.value) }, .text(feeder),
                .text(customerClass), .instant(now),
            ])
    }
}
