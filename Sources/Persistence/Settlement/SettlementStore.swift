public import DemandResponse
public import MariaDB
public import Measures

/// What an event came to for each meter (table `settlements`); a new count is a new revision.
public struct SettlementStore: Sendable {
    /// One meter's count.
    public struct StoredSettlement: Hashable, Sendable {
        /// Where the count stands.
        public enum State: String, Hashable, Sendable {
            case excluded
            case waiting
            case settled
        }

        public let meter: MeterID
        public let revision: Int
        public let participation: Participation
        public let state: State
        /// In Wh over the measured intervals; the reduction is baseline less actual.
        public let baseline: Int64
        public let actual: Int64
        public let reduction: Int64
        /// In Wh, after floor and cap.
        public let paidEnergy: Int64
        public let payment: Money
        public let settledAt: Instant
    }

    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// Adds a revision for every site of the event and returns its number; the same count again adds none.
    public func save(_ settlement: EventSettlement, settledAt: Instant) async throws -> Int {
        try await pool.transaction { try Self.save(settlement, settledAt: settledAt, $0) }
    }

    static func save(
        _ settlement: EventSettlement, settledAt: Instant, _ connection: isolated MariaDBConnection
    ) throws -> Int {
        // The event's row makes two counts of one event queue.
        _ = try connection.query(
            "SELECT event_id FROM events WHERE event_id = ? FOR UPDATE", [.text(settlement.event.rawValue)])
        let known = try latest(settlement.event, connection)
        let revision = known.map(\.revision).max() ?? -1
        if !known.isEmpty, counts(known) == counts(settlement, settledAt) { return revision }
        for site in settlement.sites {
            try insert(site, of: settlement, revision: revision + 1, settledAt, connection)
        }
        return revision + 1
    }

    /// The newest revision, by meter.
    public func latest(of event: ProgramEventID) async throws -> [StoredSettlement] {
        try await pool.withConnection { try Self.latest(event, $0) }
    }

    // MARK: Rows

    /// What two revisions are compared by: everything but their number and time.
    private static func counts(_ stored: [StoredSettlement]) -> [[MariaDBValue]] {
        stored.map { site in
            [
                .meter(site.meter), .text(site.participation.rawValue), .text(site.state.rawValue),
                .integer(site.baseline), .integer(site.actual), .integer(site.paidEnergy),
                .integer(site.payment.minorUnits), .text(site.payment.currency.rawValue),
            ]
        }
    }

    private static func counts(_ settlement: EventSettlement, _ settledAt: Instant) -> [[MariaDBValue]] {
        counts(settlement.sites.map { stored($0, revision: 0, settledAt) })
    }

    private static func stored(
        _ site: EventSettlement.Site, revision: Int, _ settledAt: Instant
    ) -> StoredSettlement {
        let settlement = site.settlement
        let state: StoredSettlement.State =
            switch settlement.state {
            case .excluded: .excluded
            case .waiting: .waiting
            case .settled: .settled
            }
        return StoredSettlement(
            meter: settlement.meter, revision: revision, participation: settlement.participation, state: state,
            baseline: settlement.baseline, actual: settlement.actual, reduction: settlement.reduction,
            paidEnergy: settlement.paidEnergy, payment: site.payment, settledAt: settledAt)
    }

    private static func insert(
        _ site: EventSettlement.Site, of event: EventSettlement, revision: Int, _ settledAt: Instant,
        _ connection: isolated MariaDBConnection
    ) throws {
        let row = stored(site, revision: revision, settledAt)
        try connection.execute(
            """
            INSERT INTO settlements (event, meter_id, revision, program_id, terms_version, participation, state,
                baseline, actual, reduction, paid_energy, performance, payment, currency, settled_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(event.event.rawValue), .meter(row.meter), .count(revision), .integer(event.program.rawValue),
                .text(event.termsVersion), .text(row.participation.rawValue), .text(row.state.rawValue),
                .integer(row.baseline), .integer(row.actual), .integer(row.reduction), .integer(row.paidEnergy),
                .optional(site.settlement.performance) { .double($0) }, .integer(row.payment.minorUnits),
                .text(row.payment.currency.rawValue), .instant(settledAt),
            ])
    }

    private static func latest(
        _ event: ProgramEventID, _ connection: isolated MariaDBConnection
    ) throws -> [StoredSettlement] {
        try connection.query(
            """
            SELECT s.meter_id, s.revision, s.participation, s.state, s.baseline, s.actual, s.reduction, s.paid_energy,
                s.payment, s.currency, s.settled_at
            FROM settlements s WHERE s.event = ? AND s.revision = (
                SELECT MAX(l.revision) FROM settlements l WHERE l.event = s.event AND l.meter_id = s.meter_id)
            ORDER BY s.meter_id
            """, [.text(event.rawValue)]
        ).map { row in
            StoredSettlement(
                meter: try row.meter(), revision: Int(try row.integer("revision")),
                participation: try row.word("participation"), state: try row.word("state"),
                baseline: try row.integer("baseline"), actual: try row.integer("actual"),
                reduction: try row.integer("reduction"), paidEnergy: try row.integer("paid_energy"),
                payment: Money(minorUnits: try row.integer("payment"), currency: try row.word("currency")),
                settledAt: try row.instant("settled_at"))
        }
    }
}
