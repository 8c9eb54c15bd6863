public import Accounts
public import DemandResponse
public import MariaDB
public import Measures

/// What the protocol and the settlement wrote down, as a viewer may see it: the distributor's people everything, others what
/// is about their meters and the VENs that report for them. Lists go on after the key of their last row.
public struct RecordQueries: Sendable {
    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// An opt schedule of a VEN (table `opts`).
    public struct Opt: Hashable, Sendable {
        public let ven: String
        public let id: String
        public let type: String
        public let reason: String
        public let marketContext: String?
        public let state: String
        public let createdAt: Instant
        public let receivedAt: Instant

        public var key: [String] { [ven, id, createdAt.description] }
    }

    public func opts(seenBy viewer: Viewer, after key: [String]?, limit: Int) async throws -> Part<Opt> {
        let rows = try await pool.query(
            """
            SELECT o.ven_id, o.opt_id, o.opt_type, o.reason, o.market_context, o.state, o.created_at, o.received_at
            FROM opts o WHERE (o.ven_id, o.opt_id, o.created_at) > (?, ?, ?)
                AND (? OR EXISTS (SELECT 1 FROM report_meters r JOIN meter_map a ON a.meter_id = r.meter_id
                    WHERE r.ven_id = o.ven_id AND a.entity_id = ?))
            ORDER BY o.ven_id, o.opt_id, o.created_at LIMIT ?
            """,
            [
                .text(key?[0] ?? ""), .text(key?[1] ?? ""), .instant(Self.instant(key?[2])),
                .boolean(viewer.may(.seePortfolio)), .integer(viewer.entity), .count(limit + 1),
            ])
        return Part(
            try rows.map { row in
                Opt(
                    ven: try row.text("ven_id"), id: try row.text("opt_id"), type: try row.text("opt_type"),
                    reason: try row.text("reason"), marketContext: try row.optionalText("market_context"),
                    state: try row.text("state"), createdAt: try row.instant("created_at"),
                    receivedAt: try row.instant("received_at"))
            }, limit: limit)
    }

    /// A report that the VTN asked a VEN for (table `report_requests`).
    public struct Report: Hashable, Sendable {
        public let ven: String
        public let id: String
        public let specifier: String
        public let name: String?
        public let granularity: TimeSpan
        public let reportBack: TimeSpan
        public let state: String
        public let createdAt: Instant

        public var key: [String] { [ven, id] }
    }

    public func reports(
        of ven: String? = nil, seenBy viewer: Viewer, after key: [String]?, limit: Int
    ) async throws -> Part<Report> {
        let rows = try await pool.query(
            """
            SELECT q.ven_id, q.request_id, q.specifier_id, f.name, q.granularity_seconds, q.back_duration_seconds, q.state,
                q.created_at
            FROM report_requests q LEFT JOIN report_offers f ON f.ven_id = q.ven_id AND f.specifier_id = q.specifier_id
            WHERE (q.ven_id, q.request_id) > (?, ?) AND (? IS NULL OR q.ven_id = ?)
                AND (? OR EXISTS (SELECT 1 FROM report_meters r JOIN meter_map a ON a.meter_id = r.meter_id
                    WHERE r.ven_id = q.ven_id AND a.entity_id = ?))
            ORDER BY q.ven_id, q.request_id LIMIT ?
            """,
            [
                .text(key?[0] ?? ""), .text(key?[1] ?? ""), .optional(ven) { .text($0) }, .optional(ven) { .text($0) },
                .boolean(viewer.may(.seePortfolio)), .integer(viewer.entity), .count(limit + 1),
            ])
        return Part(
            try rows.map { row in
                Report(
                    ven: try row.text("ven_id"), id: try row.text("request_id"),
                    specifier: try row.text("specifier_id"),
                    name: try row.optionalText("name"), granularity: try row.span("granularity_seconds"),
                    reportBack: try row.span("back_duration_seconds"), state: try row.text("state"),
                    createdAt: try row.instant("created_at"))
            }, limit: limit)
    }

    /// A certificate that a VEN comes in with, or came in with (tables `vens`, `revoked_certificates`).
    public struct Certificate: Hashable, Sendable {
        /// SHA-256 of its DER form.
        public let digest: [UInt8]
        public let ven: String?
        public let revokedAt: Instant?
        public let reason: String?
    }

    /// In the order of their digests; `key` is one in lower hexadecimal.
    public func certificates(seenBy viewer: Viewer, after key: [String]?, limit: Int) async throws -> Part<Certificate>
    {
        let rows = try await pool.query(
            """
            SELECT c.certificate, c.ven_id, x.revoked_at, x.reason
            FROM (SELECT certificate, ven_id FROM vens UNION SELECT certificate, ven_id FROM revoked_certificates
                WHERE certificate NOT IN (SELECT certificate FROM vens)) c
                LEFT JOIN revoked_certificates x ON x.certificate = c.certificate
            WHERE LOWER(HEX(c.certificate)) > ?
                AND (? OR EXISTS (SELECT 1 FROM report_meters r JOIN meter_map a ON a.meter_id = r.meter_id
                    WHERE r.ven_id = c.ven_id AND a.entity_id = ?))
            ORDER BY c.certificate LIMIT ?
            """,
            [
                .text(key?[0] ?? ""), .boolean(viewer.may(.seePortfolio)), .integer(viewer.entity), .count(limit + 1),
            ])
        return Part(
            try rows.map { row in
                Certificate(
                    digest: try row.bytes("certificate"), ven: try row.optionalText("ven_id"),
                    revokedAt: try row.optionalInstant("revoked_at"), reason: try row.optionalText("reason"))
            }, limit: limit)
    }

    /// A forecast of a meter's load (table `forecasts`), without its intervals.
    public struct Forecast: Hashable, Sendable {
        public let id: Int64
        public let meter: MeterID
        public let model: String
        public let madeAt: Instant
        public let window: TimeWindow?
        /// Expected, over the whole of it.
        public let energy: WattHours
    }

    /// The newest first.
    public func forecasts(
        of meter: MeterID? = nil, seenBy viewer: Viewer, after id: Int64?, limit: Int
    ) async throws -> Part<Forecast> {
        let rows = try await pool.query(
            """
            SELECT f.forecast_id, f.meter_id, f.model, f.made_at, MIN(i.start_time) AS first_time,
                MAX(i.end_time) AS last_time, COALESCE(SUM(i.mean_value), 0) AS energy
            FROM forecasts f JOIN meter_map a ON a.meter_id = f.meter_id
                LEFT JOIN forecast_intervals i ON i.forecast_id = f.forecast_id
            WHERE f.forecast_id < ? AND (? IS NULL OR f.meter_id = ?) AND a.entity_id = ?
            GROUP BY f.forecast_id ORDER BY f.forecast_id DESC LIMIT ?
            """,
            [
                .integer(id ?? .max), .optional(meter) { .meter($0) }, .optional(meter) { .meter($0) },
                .integer(viewer.entity), .count(limit + 1),
            ])
        return Part(
            try rows.map { row in
                var window: TimeWindow?
                if let first = try row.optionalInstant("first_time"), let last = try row.optionalInstant("last_time") {
                    window = TimeWindow(start: first, end: last)
                }
                return Forecast(
                    id: try row.integer("forecast_id"), meter: try row.meter(), model: try row.text("model"),
                    madeAt: try row.instant("made_at"), window: window, energy: WattHours(try row.double("energy")))
            }, limit: limit)
    }

    /// What a meter would have counted without an event, in one interval (table `drp_periods`).
    public struct Baseline: Hashable, Sendable {
        public let meter: MeterID
        public let event: String
        public let window: TimeWindow
        public let energy: WattHours

        public var key: [String] { ["\(meter.rawValue)", window.start.description] }
    }

    public func baselines(
        event: String? = nil, seenBy viewer: Viewer, after key: [String]?, limit: Int
    ) async throws -> Part<Baseline> {
        let rows = try await pool.query(
            """
            SELECT d.meter_id, d.event, d.start_time, d.end_time, d.prediction_value
            FROM drp_periods d JOIN meter_map a ON a.meter_id = d.meter_id
            WHERE (d.meter_id, d.start_time) > (?, ?) AND (? IS NULL OR d.event = ?) AND a.entity_id = ?
            ORDER BY d.meter_id, d.start_time LIMIT ?
            """,
            [
                .integer(key.flatMap { Int64($0[0]) } ?? 0), .instant(Self.instant(key?[1])),
                .optional(event) { .text($0) }, .optional(event) { .text($0) }, .integer(viewer.entity),
                .count(limit + 1),
            ])
        return Part(
            try rows.map { row in
                Baseline(
                    meter: try row.meter(), event: try row.text("event"), window: try row.window(),
                    energy: WattHours(try row.double("prediction_value")))
            }, limit: limit)
    }

    /// What an event came to for a meter (table `settlements`), the newest count of each.
    public struct Settlement: Hashable, Sendable {
        public let event: String
        public let meter: MeterID
        public let revision: Int
        public let termsVersion: String
        public let participation: String
        public let state: String
        /// Over the measured intervals; Wh.
        public let baseline: Int64
        public let actual: Int64
        public let reduction: Int64
        public let paidEnergy: Int64
        /// Minor units.
        public let payment: Int64
        public let currency: String
        public let settledAt: Instant

        public var key: [String] { [event, "\(meter.rawValue)"] }
    }

    public func settlements(
        of event: String? = nil, seenBy viewer: Viewer, after key: [String]?, limit: Int
    ) async throws -> Part<Settlement> {
        let rows = try await pool.query(
            """
            SELECT s.event, s.meter_id, s.revision, s.terms_version, s.participation, s.state, s.baseline, s.actual,
                s.reduction, s.paid_energy, s.payment, s.currency, s.settled_at
            FROM settlements s JOIN meter_map a ON a.meter_id = s.meter_id
            WHERE (s.event, s.meter_id) > (?, ?) AND (? IS NULL OR s.event = ?) AND a.entity_id = ?
                AND NOT EXISTS (SELECT 1 FROM settlements n WHERE n.event = s.event AND n.meter_id = s.meter_id
                    AND n.revision > s.revision)
            ORDER BY s.event, s.meter_id LIMIT ?
            """,
            [
                .text(key?[0] ?? ""), .integer(key.flatMap { Int64($0[1]) } ?? 0), .optional(event) { .text($0) },
                .optional(event) { .text($0) }, .integer(viewer.entity), .count(limit + 1),
            ])
        return Part(
            try rows.map { row in
                Settlement(
                    event: try row.text("event"), meter: try row.meter(), revision: Int(try row.integer("revision")),
                    termsVersion: try row.text("terms_version"), participation: try row.text("participation"),
                    state: try row.text("state"), baseline: try row.integer("baseline"),
                    actual: try row.integer("actual"), reduction: try row.integer("reduction"),
                    paidEnergy: try row.integer("paid_energy"), payment: try row.integer("payment"),
                    currency: try row.text("currency"), settledAt: try row.instant("settled_at"))
            }, limit: limit)
    }

    private static func instant(_ text: String?) -> Instant {
        text.flatMap { Instant(utc: $0) } ?? Instant(year: 1970, month: 1, day: 1)
    }
}
