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
        isControl: Bool = false, at now: Instant
    ) async throws {
        _ = try await pool.execute(
            """
            INSERT INTO program_meters (program_id, meter_id, pledge, feeder, customer_class, is_control, enrolled_at)
            VALUES (?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE pledge = VALUES(pledge), feeder = VALUES(feeder),
                customer_class = VALUES(customer_class), is_control = VALUES(is_control)
            """,
            [
                .integer(program.rawValue), .meter(meter), .optional(pledge) { .double($0.value) }, .text(feeder),
                .text(customerClass), .boolean(isControl), .instant(now),
            ])
    }

    /// Notes that a meter's load said nothing about its normal use for a while; again to change the reason or the end.
    public func noteOutage(of meter: MeterID, _ window: TimeWindow, reason: String) async throws {
        _ = try await pool.execute(
            """
            INSERT INTO meter_outages (meter_id, start_time, end_time, reason) VALUES (?, ?, ?, ?)
            ON DUPLICATE KEY UPDATE end_time = VALUES(end_time), reason = VALUES(reason)
            """,
            [.meter(meter), .instant(window.start), .instant(window.end), .text(String(reason.prefix(190)))])
    }
}
