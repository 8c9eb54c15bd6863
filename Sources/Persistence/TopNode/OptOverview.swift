public import MariaDB
public import Measures
public import OpenADR
public import VirtualTopNode

/// What VENs said about taking part, for whoever plans or settles. Reads lock nothing.
public struct OptOverview: Sendable {
    /// How a VEN stands in an event, once the programme has said how silence counts.
    public struct Standing: Hashable, Sendable {
        public let venID: VENID
        public let opt: OptState
        /// The VEN as a whole.
        public let effective: OptType
        /// Resources that were opted by themselves.
        public let resources: [ResourceID: OptType]
    }

    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// The schedules in force that touch the window, by VEN and time of making; of one VEN, or of all. What they say
    /// together is `availability(in:resource:from:to:)` of one VEN's.
    public func schedules(touching window: TimeWindow, of ven: VENID? = nil) async throws -> [OptSchedule] {
        try await pool.query(
            """
            SELECT ven_id, opt_id, created_at, opt_type, reason, market_context, resources, windows, received_at, state,
                device_classes
            FROM opts WHERE state = 'inForce' AND (? IS NULL OR ven_id = ?) ORDER BY ven_id, created_at, opt_id
            """,
            [.optional(ven) { .text($0.rawValue) }, .optional(ven) { .text($0.rawValue) }]
        ).map { try MariaDBTopNodeTransaction.schedule($0, of: VENID(try $0.text("ven_id"))) }
            .filter { $0.touches(from: window.start, to: window.end) }
    }

    /// Everyone who takes part in the event or took part, by venID; a VEN that was taken out of it counts as opted out.
    public func standings(in event: EventID) async throws -> [Standing] {
        try await MariaDBTopNodeStore(pool).transaction { transaction in
            guard let record = try await transaction.event(event) else { return [] }
            let rules = try await transaction.rules(of: record.terms.marketContext)
            return try await transaction.participations(in: event).map { part in
                Standing(
                    venID: part.venID, opt: part.opt,
                    effective: part.withdrawnModification == nil ? part.opt.effective(under: rules) : .optOut,
                    resources: part.opt.resources)
            }
        }
    }

    /// Every decision about the event, in the order in which they were heard.
    public func decisions(in event: EventID) async throws -> [OptDecision] {
        try await pool.query(
            """
            SELECT ven_id, modification_number, opt_type, source, decided_at, resources, reason FROM opt_decisions
            WHERE event_id = ? ORDER BY decision_id
            """, [.text(event.rawValue)]
        ).map { row in
            OptDecision(
                eventID: event, venID: VENID(try row.text("ven_id")),
                modificationNumber: try row.uint32("modification_number"), type: try row.word("opt_type"),
                source: try row.word("source"), decidedAt: try row.instant("decided_at"),
                resources: try row.resources("resources"), reason: try row.optionalText("reason"))
        }
    }
}
