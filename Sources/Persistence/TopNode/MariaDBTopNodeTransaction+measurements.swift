import DemandResponse
import MariaDB
import Measures
import OpenADR
import VirtualTopNode

extension MariaDBTopNodeTransaction {
    /// What a VEN said goes to `report_values`, and where a data point feeds a meter, from there to `meter_data` in the
    /// same transaction. Both are upserts by interval: a repeated or corrected report never counts twice.
    func record(_ measurements: [Measurement]) async throws {
        guard !measurements.isEmpty else { return }
        try await connection.executeBatch(
            """
            INSERT INTO report_values (ven_id, specifier_id, r_id, start_time, duration_seconds, resource_id, kind,
                value, is_online, is_overridden, quality, reported_at, received_at, accuracy, confidence, load_control)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON DUPLICATE KEY UPDATE
                duration_seconds = IF(VALUES(reported_at) >= reported_at, VALUES(duration_seconds), duration_seconds),
                resource_id = IF(VALUES(reported_at) >= reported_at, VALUES(resource_id), resource_id),
                kind = IF(VALUES(reported_at) >= reported_at, VALUES(kind), kind),
                value = IF(VALUES(reported_at) >= reported_at, VALUES(value), value),
                is_online = IF(VALUES(reported_at) >= reported_at, VALUES(is_online), is_online),
                is_overridden = IF(VALUES(reported_at) >= reported_at, VALUES(is_overridden), is_overridden),
                quality = IF(VALUES(reported_at) >= reported_at, VALUES(quality), quality),
                accuracy = IF(VALUES(reported_at) >= reported_at, VALUES(accuracy), accuracy),
                confidence = IF(VALUES(reported_at) >= reported_at, VALUES(confidence), confidence),
                load_control = IF(VALUES(reported_at) >= reported_at, VALUES(load_control), load_control),
                received_at = IF(VALUES(reported_at) >= reported_at, VALUES(received_at), received_at),
                reported_at = GREATEST(VALUES(reported_at), reported_at)
            """, rows: try measurements.map(Self.values))
        try await feedMeters(measurements)
    }

    /// The spans that are known of a data point, for finding what is missing.
    func coverage(of ven: VENID, rID: RID, in window: TimeWindow) async throws -> [TimeWindow] {
        try await connection.query(
            """
            SELECT start_time, duration_seconds FROM report_values
            WHERE ven_id = ? AND r_id = ? AND start_time >= ? AND start_time < ? AND duration_seconds > 0
                AND quality IN ('ok', 'estimated')
            ORDER BY start_time, duration_seconds
            """,
            [.text(ven.rawValue), .text(rID.rawValue), .instant(window.start), .instant(window.end)]
        ).map { TimeWindow(start: try $0.instant("start_time"), duration: try $0.span("duration_seconds")) }
    }

    private static func values(_ measurement: Measurement) throws -> [MariaDBValue] {
        var number: Double?
        var status: (isOnline: Bool, isManuallyOverridden: Bool, loadControl: LoadControlState?)?
        let kind: String
        switch measurement.value {
        case .power(let power): (kind, number) = ("power", power.value)
        case .energy(let energy): (kind, number) = ("energy", energy.value)
        case .number(let value): (kind, number) = ("number", value)
        case .status(let isOnline, let isManuallyOverridden, let loadControl):
            (kind, status) = ("status", (isOnline, isManuallyOverridden, loadControl))
        case .missing: kind = "missing"
        }
        return [
            .text(measurement.venID.rawValue), .text(measurement.specifierID.rawValue),
            .text(measurement.rID.rawValue), .instant(measurement.start),
            .optional(measurement.duration) { .span($0) }, .optional(measurement.resource) { .text($0.rawValue) },
            .text(kind), .optional(number) { .double($0) }, .optional(status?.isOnline) { .boolean($0) },
            .optional(status?.isManuallyOverridden) { .boolean($0) }, .text(measurement.quality.rawValue),
            .instant(measurement.reportedAt), .instant(measurement.receivedAt),
            .optional(measurement.accuracy) { .double($0) }, .optional(measurement.confidence) { .count($0) },
            try status?.loadControl.map { try JSONColumn.value($0) } ?? .null,
        ]
    }

    // MARK: Meters

    /// A metering interval that measurements touched.
    private struct Slot: Hashable {
        let ven: VENID
        let specifier: ReportSpecifierID
        let point: RID
        let meter: MeterID
        let window: TimeWindow
    }

    private struct FedMeter {
        let meter: MeterID
        let step: TimeSpan
    }

    private func feedMeters(_ measurements: [Measurement]) async throws {
        var slots: [Slot] = []
        var seen: Set<Slot> = []
        for (ven, own) in Dictionary(grouping: measurements, by: \.venID).sorted(by: { $0.key < $1.key }) {
            let meters = try await fedMeters(by: ven)
            for measurement in own {
                guard let fed = meters[measurement.rID] else { continue }
                let window = TimeWindow(start: measurement.start.floored(to: fed.step), duration: fed.step)
                let slot = Slot(
                    ven: ven, specifier: measurement.specifierID, point: measurement.rID, meter: fed.meter,
                    window: window)
                if seen.insert(slot).inserted { slots.append(slot) }
            }
        }
        var rows: [[MariaDBValue]] = []
        for slot in slots {
            if let row = try await reading(of: slot) { rows.append(row) }
        }
        try await ReadingStore.upsert(rows, connection)
    }

    private func fedMeters(by ven: VENID) async throws -> [RID: FedMeter] {
        let rows = try await connection.query(
            """
            SELECT r.r_id, r.meter_id, m.step_seconds FROM report_meters r JOIN meters m ON m.meter_id = r.meter_id
            WHERE r.ven_id = ?
            """, [.text(ven.rawValue)])
        return Dictionary(
            uniqueKeysWithValues: try rows.map {
                (RID(try $0.text("r_id")), FedMeter(meter: try $0.meter(), step: try $0.span("step_seconds")))
            })
    }

    /// The meter's reading of an interval, once the values that were reported for it cover all of it. A power stands for
    /// the mean of its interval. Values beyond a terawatt or terawatt-hour are unit mistakes and feed no meter.
    private func reading(of slot: Slot) async throws -> [MariaDBValue]? {
        let rows = try await connection.query(
            """
            SELECT SUM(IF(kind = 'power', value * duration_seconds / 3600, value)) AS energy,
                SUM(duration_seconds) AS seconds, MAX(reported_at) AS reported_at,
                SUM(quality = 'bad') AS bad, SUM(quality = 'estimated') AS estimated
            FROM report_values
            WHERE ven_id = ? AND specifier_id = ? AND r_id = ? AND start_time >= ? AND start_time < ?
                AND kind IN ('power', 'energy') AND duration_seconds > 0 AND ABS(value) <= 1e12
            """,
            [
                .text(slot.ven.rawValue), .text(slot.specifier.rawValue), .text(slot.point.rawValue),
                .instant(slot.window.start), .instant(slot.window.end),
            ])
        guard let row = rows.first, let energy = try row.optionalDouble("energy"),
            try row.span("seconds") == slot.window.duration
        else { return nil }
        let quality: ReadingStore.Quality =
            if try row.integer("bad") > 0 {
                .suspect
            } else if try row.integer("estimated") > 0 {
                .estimated
            } else {
                .good
            }
        return ReadingStore.row(
            slot.meter, slot.window, WattHours(energy), quality, .telemetry, try row.instant("reported_at"))
    }
}
