public import DemandResponse
public import MariaDB
public import Measures
public import OpenADR
import VirtualTopNode

/// What became of earlier plans: who took part, and what was delivered of what was promised.
public struct DispatchHistory: Sendable {
    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// How often each VEN took part in, and stayed out of, events of plans that have ended. Silence counts as each
    /// programme's rules say.
    public func answers(before now: Instant) async throws -> [VENID: (ins: Int, outs: Int)] {
        let rows = try await pool.query(
            """
            SELECT a.ven_id, e.market_context, a.opt_type, COUNT(*) AS events
            FROM event_participations a JOIN dispatch_plans p ON p.event = a.event_id
                JOIN events e ON e.event_id = a.event_id
            WHERE p.end_time <= ? AND e.cancelled_at IS NULL AND a.withdrawn_modification IS NULL
            GROUP BY a.ven_id, e.market_context, a.opt_type
            """, [.instant(now)])
        let programmes = Set(try rows.map { MarketContext(try $0.text("market_context")) })
        let rules = try await MariaDBTopNodeStore(pool).transaction { transaction in
            var rules: [MarketContext: ProgrammeRules] = [:]
            for programme in programmes { rules[programme] = try await transaction.rules(of: programme) }
            return rules
        }
        var answers: [VENID: (ins: Int, outs: Int)] = [:]
        for row in rows {
            let said = OptState(type: try row.optionalWord("opt_type"))
            let rule = rules[MarketContext(try row.text("market_context"))] ?? ProgrammeRules()
            let events = Int(try row.integer("events"))
            let ven = VENID(try row.text("ven_id"))
            if said.effective(under: rule) == .optIn {
                answers[ven, default: (0, 0)].ins += events
            } else {
                answers[ven, default: (0, 0)].outs += events
            }
        }
        return answers
    }

    /// What the meters of called participants delivered in settled events since a moment, by the newest settlement.
    public func deliveries(since start: Instant) async throws -> [DeliveryRecord] {
        try await pool.query(
            """
            SELECT p.event, r.meter_id, MAX(c.end_time) AS ended_at, SUM(c.promised) AS promised,
                MAX(s.reduction) AS delivered
            FROM dispatch_calls c JOIN dispatch_plans p ON p.plan_id = c.plan_id
                JOIN dispatch_resources r ON r.name = c.resource
                JOIN settlements s ON s.event = p.event AND s.meter_id = r.meter_id
            WHERE c.start_time >= ? AND c.promised > 0 AND s.state = 'settled' AND s.participation = 'optedIn'
                AND s.revision = (SELECT MAX(l.revision) FROM settlements l
                    WHERE l.event = s.event AND l.meter_id = s.meter_id)
            GROUP BY p.event, r.meter_id ORDER BY ended_at, p.event, r.meter_id
            """, [.instant(start)]
        ).map { row in
            DeliveryRecord(
                event: ProgramEventID(try row.text("event")), meter: try row.meter(),
                endedAt: try row.instant("ended_at"), promised: WattHours(try row.double("promised")),
                delivered: WattHours(Double(try row.integer("delivered"))))
        }
    }
}
