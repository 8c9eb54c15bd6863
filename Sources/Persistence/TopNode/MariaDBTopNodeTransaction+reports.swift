import MariaDB
import Measures
import OpenADR
import VirtualTopNode

extension MariaDBTopNodeTransaction {
    // MARK: Offers

    func offers(of ven: VENID) async throws -> [ReportOffer] {
        let points = try await connection.query(
            """
            SELECT specifier_id, r_id, report_type, reading_type, unit, scale, resource_id, min_period_seconds,
                max_period_seconds, on_change, resources, device_classes, market_context
            FROM report_data_points WHERE ven_id = ? ORDER BY specifier_id, position
            """, [.text(ven.rawValue)]
        ).map { (specifier: try $0.text("specifier_id"), point: try Self.dataPoint($0)) }
        let bySpecifier = Dictionary(grouping: points, by: \.specifier)
        return try await connection.query(
            "SELECT specifier_id, name, capacity_seconds FROM report_offers WHERE ven_id = ? ORDER BY specifier_id",
            [.text(ven.rawValue)]
        ).map { row in
            let specifier = try row.text("specifier_id")
            return ReportOffer(
                venID: ven, specifierID: ReportSpecifierID(specifier), name: try row.word("name"),
                capacity: try row.span("capacity_seconds"), dataPoints: bySpecifier[specifier, default: []].map(\.point)
            )
        }
    }

    func replaceOffers(of ven: VENID, with offers: [ReportOffer]) async throws {
        // Deleting what is not there would lock the gap in which others' first offers go.
        let old = try await connection.query(
            "SELECT 1 FROM report_offers WHERE ven_id = ? LIMIT 1", [.text(ven.rawValue)])
        if !old.isEmpty {
            try await connection.execute("DELETE FROM report_offers WHERE ven_id = ?", [.text(ven.rawValue)])
        }
        for offer in offers {
            try await connection.execute(
                "INSERT INTO report_offers (ven_id, specifier_id, name, capacity_seconds) VALUES (?, ?, ?, ?)",
                [
                    .text(ven.rawValue), .text(offer.specifierID.rawValue), .text(offer.name.rawValue),
                    .span(offer.capacity),
                ])
        }
        try await connection.executeBatch(
            """
            INSERT INTO report_data_points (ven_id, specifier_id, r_id, position, report_type, reading_type, unit, scale,
                resource_id, min_period_seconds, max_period_seconds, on_change, resources, device_classes, market_context)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            rows: try offers.flatMap { offer in
                try offer.dataPoints.enumerated().map { position, point in
                    try [.text(ven.rawValue), .text(offer.specifierID.rawValue)] + Self.values(point, at: position)
                }
            })
    }

    private static func values(_ point: OfferedDataPoint, at position: Int) throws -> [MariaDBValue] {
        let (unit, scale): (String, Double) =
            switch point.unit {
            case .watts(let scale): ("W", scale)
            case .wattHours(let scale): ("Wh", scale)
            case .other: ("other", 1)
            }
        return [
            .text(point.rID.rawValue), .count(position), .text(point.reportType.rawValue),
            .text(point.readingType.rawValue), .text(unit), .double(scale),
            .optional(point.resource) { .text($0.rawValue) }, .optional(point.minPeriod) { .span($0) },
            .optional(point.maxPeriod) { .span($0) }, .boolean(point.onChange),
            try JSONColumn.value(point.aggregate.map(\.rawValue)), try JSONColumn.value(point.deviceClasses),
            .optional(point.marketContext) { .text($0.rawValue) },
        ]
    }

    private static func dataPoint(_ row: MariaDBRow) throws -> OfferedDataPoint {
        let scale = try row.double("scale")
        let unit: MeasurementUnit =
            switch try row.text("unit") {
            case "W": .watts(scale: scale)
            case "Wh": .wattHours(scale: scale)
            default: .other
            }
        return OfferedDataPoint(
            rID: RID(try row.text("r_id")), reportType: try row.word("report_type"),
            readingType: try row.word("reading_type"), unit: unit,
            resource: try row.optionalText("resource_id").map { ResourceID($0) },
            aggregate: try row.resources("resources"), deviceClasses: try row.json("device_classes"),
            marketContext: try row.optionalText("market_context").map { MarketContext($0) },
            minPeriod: try row.optionalSpan("min_period_seconds"),
            maxPeriod: try row.optionalSpan("max_period_seconds"), onChange: try row.boolean("on_change"))
    }

    // MARK: Requests

    func reportRequests(of ven: VENID) async throws -> [ReportRequestRecord] {
        try await connection.query(
            """
            SELECT request_id, specifier_id, data_points, granularity_seconds, back_duration_seconds, start_time,
                duration_seconds, state, created_at, report_to_follow
            FROM report_requests WHERE ven_id = ? ORDER BY created_at, request_id
            """, [.text(ven.rawValue)]
        ).map { row in
            ReportRequestRecord(
                venID: ven, requestID: ReportRequestID(try row.text("request_id")),
                specifierID: ReportSpecifierID(try row.text("specifier_id")),
                dataPoints: try row.json("data_points", as: [String].self).map { RID($0) },
                granularity: try row.span("granularity_seconds"), backDuration: try row.span("back_duration_seconds"),
                start: try row.instant("start_time"), duration: try row.span("duration_seconds"),
                state: try row.word("state"), reportToFollow: try row.boolean("report_to_follow"),
                createdAt: try row.instant("created_at"))
        }
    }

    func save(_ request: ReportRequestRecord) async throws {
        try await connection.execute(
            """
            INSERT INTO report_requests (ven_id, request_id, specifier_id, data_points, granularity_seconds,
                back_duration_seconds, start_time, duration_seconds, state, created_at, report_to_follow)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON DUPLICATE KEY UPDATE specifier_id = VALUES(specifier_id), data_points = VALUES(data_points),
                granularity_seconds = VALUES(granularity_seconds),
                back_duration_seconds = VALUES(back_duration_seconds), start_time = VALUES(start_time),
                duration_seconds = VALUES(duration_seconds), state = VALUES(state), created_at = VALUES(created_at),
                report_to_follow = VALUES(report_to_follow)
            """,
            [
                .text(request.venID.rawValue), .text(request.requestID.rawValue), .text(request.specifierID.rawValue),
                try JSONColumn.value(request.dataPoints.map(\.rawValue)), .span(request.granularity),
                .span(request.backDuration), .instant(request.start), .span(request.duration),
                .text(request.state.rawValue), .instant(request.createdAt), .boolean(request.reportToFollow),
            ])
    }
}
