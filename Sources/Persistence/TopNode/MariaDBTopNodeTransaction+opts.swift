import MariaDB
import Measures
import OpenADR
import VirtualTopNode

extension MariaDBTopNodeTransaction {
    /// A window as seconds since the epoch.
    private struct StoredWindow: Codable {
        let start: Int64
        let end: Int64
    }

    func optSchedules(of ven: VENID) async throws -> [OptSchedule] {
        try await connection.query(
            """
            SELECT opt_id, created_at, opt_type, reason, market_context, resources, windows, received_at, state,
                device_classes
            FROM opts WHERE ven_id = ? ORDER BY created_at, opt_id
            """, [.text(ven.rawValue)]
        ).map { try Self.schedule($0, of: ven) }
    }

    func save(_ schedule: OptSchedule) async throws {
        let windows = schedule.windows.map {
            StoredWindow(start: $0.start.secondsSinceEpoch, end: $0.end.secondsSinceEpoch)
        }
        try await connection.execute(
            """
            INSERT INTO opts (ven_id, opt_id, created_at, opt_type, reason, market_context, resources, windows,
                received_at, state, device_classes)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON DUPLICATE KEY UPDATE opt_type = VALUES(opt_type), reason = VALUES(reason),
                market_context = VALUES(market_context), resources = VALUES(resources), windows = VALUES(windows),
                received_at = VALUES(received_at), state = VALUES(state), device_classes = VALUES(device_classes)
            """,
            [
                .text(schedule.venID.rawValue), .text(schedule.optID.rawValue), .instant(schedule.createdAt),
                .text(schedule.type.rawValue), .text(schedule.reason.rawValue),
                .optional(schedule.marketContext) { .text($0.rawValue) },
                try JSONColumn.value(schedule.resources.map(\.rawValue)), try JSONColumn.value(windows),
                .instant(schedule.receivedAt), .text(schedule.state.rawValue),
                try JSONColumn.value(schedule.deviceClasses),
            ])
    }

    func removeOptSchedules(of ven: VENID) async throws {
        try await connection.execute("DELETE FROM opts WHERE ven_id = ?", [.text(ven.rawValue)])
    }

    static func schedule(_ row: MariaDBRow, of ven: VENID) throws -> OptSchedule {
        let windows = try row.json("windows", as: [StoredWindow].self).map { stored in
            guard
                let window = TimeWindow(
                    start: Instant(secondsSinceEpoch: stored.start), end: Instant(secondsSinceEpoch: stored.end))
            else { throw StoredDataError(column: "windows") }
            return window
        }
        return OptSchedule(
            venID: ven, optID: OptID(try row.text("opt_id")), type: try row.word("opt_type"),
            reason: try row.word("reason"), marketContext: try row.optionalText("market_context").map { .init($0) },
            resources: try row.resources("resources"), deviceClasses: try row.json("device_classes"), windows: windows,
            createdAt: try row.instant("created_at"),
            receivedAt: try row.instant("received_at"), state: try row.word("state"))
    }
}
