public import DemandResponse
public import MariaDB
public import Measures
import OpenADR
import VirtualTopNode

/// Settles events from what the database holds: terms of the time of the call, readings, opts, calendars, prices; and
/// books the outcome with everything that is needed to count it again.
public struct SettlementDesk: Sendable {
    /// Why an event is not settled. Nothing is booked then.
    public enum Refusal: Error, Hashable, Sendable {
        case unknownEvent(ProgramEventID)
        case cancelled(ProgramEventID)
        /// It has no end yet, or it is not over.
        case notOver(ProgramEventID)
        /// No programme has the event's market context.
        case noProgram(marketContext: String)
        /// Nothing was published and valid when the event was called.
        case noTerms(ProgramID)
        /// No meter is behind any of its VENs.
        case noMeters(ProgramEventID)
        /// It is final, and the time for corrections is over.
        case closed(ProgramEventID, since: Instant)
    }

    /// What the desk needs from outside the database.
    public struct Environment: Sendable {
        /// The rules of a time zone by its name.
        public let zone: @Sendable (String) throws -> ZoneRules
        public let sha256: Ledger.Hash
        public let codeVersion: String
        /// The market's prices for an event's intervals, in order; none without a market.
        public let prices: @Sendable (TimeWindow, TimeSpan) async throws -> [EnergyPrice]
        /// How many sites are counted at a time.
        public let width: Int

        public init(
            zone: @escaping @Sendable (String) throws -> ZoneRules, sha256: @escaping Ledger.Hash, codeVersion: String,
            width: Int,
            prices: @escaping @Sendable (TimeWindow, TimeSpan) async throws -> [EnergyPrice] = { _, _ in [] }
        ) {
            self.zone = zone
            self.sha256 = sha256
            self.codeVersion = codeVersion
            self.width = width
            self.prices = prices
        }
    }

    /// An event with its programme's terms and all of its sites.
    public struct Case: Sendable {
        public let event: ProgramEventID
        public let window: TimeWindow
        public let calledAt: Instant
        public let terms: ProgramTerms
        public let sites: [SettlementInputs]
        /// Meters that another event has in these hours: nothing is counted twice.
        public let overlapping: [MeterID]
    }

    let pool: MariaDBPool
    let environment: Environment
    let rules: [BaselineRule]

    public init(_ pool: MariaDBPool, _ environment: Environment, rules: [BaselineRule] = BaselineRule.standard) {
        self.pool = pool
        self.environment = environment
        self.rules = rules
    }

    /// How many days of readings are looked at: the longest of the rules' spans and of the placebo days before them.
    private static let lookBack = TimeSpan.days(125)

    /// Gathers what an event is settled from.
    public func open(_ event: ProgramEventID, now: Instant) async throws -> Case {
        let (record, participations, rulesOfOpts) = try await MariaDBTopNodeStore(pool).transaction { transaction in
            let id = EventID(event.rawValue)
            let record = try await transaction.event(id)
            var rules = ProgrammeRules()
            if let record { rules = try await transaction.rules(of: record.terms.marketContext) }
            return (record, try await transaction.participations(in: id), rules)
        }
        guard let record else { throw Refusal.unknownEvent(event) }
        guard record.cancelledAt == nil else { throw Refusal.cancelled(event) }
        guard let end = record.terms.end, end <= now else { throw Refusal.notOver(event) }
        let window = TimeWindow(start: record.terms.start, duration: record.terms.duration)
        let programs = ProgramStore(pool, rules: rules)
        let context = record.terms.marketContext.rawValue
        guard let program = try await programs.programs().first(where: { $0.marketContext == context }) else {
            throw Refusal.noProgram(marketContext: context)
        }
        guard let terms = try await programs.terms(of: program.id, calledAt: record.createdAt) else {
            throw Refusal.noTerms(program.id)
        }
        var sites: [SettlementInputs] = []
        var overlapping: [MeterID] = []
        for participation in participations where participation.withdrawnModification == nil {
            for (meter, share) in try await meters(of: participation.venID.rawValue) {
                guard try await isFree(meter, event, window) else {
                    overlapping.append(meter.id)
                    continue
                }
                sites.append(
                    try await inputs(
                        meter, event, window, terms, asked: participation.asked.map { $0 * share },
                        // Whom the programme's rules take as out without an answer was out from the call on.
                        optedOutAt: participation.opt.effective(under: rulesOfOpts) == .optOut
                            ? participation.opt.decidedAt ?? record.createdAt : nil))
            }
        }
        guard !sites.isEmpty || !overlapping.isEmpty else { throw Refusal.noMeters(event) }
        return Case(
            event: event, window: window, calledAt: record.createdAt, terms: terms, sites: sites,
            overlapping: overlapping)
    }

    /// The meters behind a VEN; what it is asked for is shared equally.
    private func meters(of ven: String) async throws -> [(meter: Meter, share: Double)] {
        let rows = try await pool.query(
            "SELECT DISTINCT meter_id FROM report_meters WHERE ven_id = ? ORDER BY meter_id", [.text(ven)])
        var meters: [Meter] = []
        for row in rows {
            if let meter = try await MeterStore(pool).meter(try row.meter()) { meters.append(meter) }
        }
        return meters.map { ($0, 1 / Double(meters.count)) }
    }

    private func isFree(_ meter: Meter, _ event: ProgramEventID, _ window: TimeWindow) async throws -> Bool {
        try await pool.query(
            """
            SELECT event FROM drp_periods WHERE meter_id = ? AND event <> ? AND start_time < ? AND end_time > ? LIMIT 1
            """, [.meter(meter.id), .text(event.rawValue), .instant(window.end), .instant(window.start)]
        ).isEmpty
    }

    private func inputs(
        _ meter: Meter, _ event: ProgramEventID, _ window: TimeWindow, _ terms: ProgramTerms, asked: Watts?,
        optedOutAt: Instant?
    ) async throws -> SettlementInputs {
        let zone = try environment.zone(meter.description.zone)
        let step = meter.description.step
        let first = (window.start - Self.lookBack).floored(to: .days(1))
        let last = window.end + .hours(6)
        let stored = try await ReadingStore(pool).storedReadings(
            of: meter.id, in: TimeWindow(start: first, duration: last - first))
        // Not before there is something: a new meter's inputs are short.
        let start = stored.first.map { $0.reading.start } ?? window.start
        let count = Int((last - start).seconds / step.seconds)
        var qualities: [Int: ReadingQuality] = [:]
        for reading in stored where reading.quality != .good {
            qualities[Int((reading.reading.start - start).seconds / step.seconds)] =
                reading.quality == .suspect ? .suspect : .estimated
        }
        let pledge = try await pledge(meter.id, terms.program)
        let prices: [EnergyPrice] =
            if case .market = terms.payment { try await environment.prices(window, step) } else { [] }
        return SettlementInputs(
            event: event, window: window, meter: meter.id,
            participation: terms.participation(optedOutAt: optedOutAt, start: window.start),
            pledge: pledge ?? asked, zone: zone.cut(from: start, until: last),
            eventDays: try await eventDays(meter.id, event, before: window.start, zone),
            outageDays: try await outageDays(meter.id, before: window.start, zone), step: step, first: start,
            energies: SettlementInputs.grid(stored.map(\.reading), first: start, step: step, count: count),
            qualities: qualities, prices: prices, past: try await past(meter.id, terms, before: window.start))
    }

    private func pledge(_ meter: MeterID, _ program: ProgramID) async throws -> Watts? {
        try await pool.query(
            "SELECT pledge FROM program_meters WHERE program_id = ? AND meter_id = ?",
            [.integer(program.rawValue), .meter(meter)]
        ).first.flatMap { try $0.optionalDouble("pledge") }.map { Watts($0) }
    }

    /// Days on which the meter's VEN had another event that was not cancelled; one it left in time is a normal day.
    private func eventDays(
        _ meter: MeterID, _ event: ProgramEventID, before start: Instant, _ zone: ZoneRules
    ) async throws -> [CivilDay] {
        let rows = try await pool.query(
            """
            SELECT DISTINCT e.start_time FROM report_meters m
                JOIN event_participations p ON p.ven_id = m.ven_id JOIN events e ON e.event_id = p.event_id
            WHERE m.meter_id = ? AND e.event_id <> ? AND e.cancelled_at IS NULL AND e.start_time < ?
                AND p.withdrawn_modification IS NULL
                AND NOT (COALESCE(p.opt_type, 'optIn') = 'optOut' AND p.opt_decided_at < e.start_time)
            """, [.meter(meter), .text(event.rawValue), .instant(start)])
        return Set(try rows.map { zone.local(try $0.instant("start_time")).day }).sorted()
    }

    private func outageDays(_ meter: MeterID, before start: Instant, _ zone: ZoneRules) async throws -> [CivilDay] {
        let rows = try await pool.query(
            "SELECT start_time, end_time FROM meter_outages WHERE meter_id = ? AND start_time < ?",
            [.meter(meter), .instant(start)])
        var days: Set<CivilDay> = []
        for row in rows {
            let window = try row.window()
            let last = zone.local(window.end - .seconds(1)).day
            var day = zone.local(window.start).day
            while day <= last {
                days.insert(day)
                day = day + 1
            }
        }
        return days.sorted()
    }

    /// The latest settled events of the programme, the latest last.
    private func past(_ meter: MeterID, _ terms: ProgramTerms, before start: Instant) async throws -> [PastPerformance]
    {
        let rows = try await pool.query(
            """
            SELECT s.event, s.performance FROM settlements s JOIN events e ON e.event_id = s.event
            WHERE s.meter_id = ? AND s.program_id = ? AND s.state = 'settled' AND s.performance IS NOT NULL
                AND e.start_time < ? AND s.revision = (
                    SELECT MAX(l.revision) FROM settlements l WHERE l.event = s.event AND l.meter_id = s.meter_id)
            ORDER BY e.start_time DESC, s.event LIMIT ?
            """,
            [.meter(meter), .integer(terms.program.rawValue), .instant(start), .count(terms.options.tierEvents)])
        return try rows.reversed().map {
            PastPerformance(
                event: ProgramEventID(try $0.text("event")), performance: try $0.double("performance"))
        }
    }
}

extension EventParticipation {
    /// The mean reduction that it is asked for; nil when it is asked in another language.
    fileprivate var asked: Watts? {
        guard let signal = signals.first(where: { $0.kind == .loadDispatchDelta }), !signal.values.isEmpty else {
            return nil
        }
        let mean = -signal.values.reduce(0, +) / Double(signal.values.count)
        return mean > 0 ? Watts(mean) : nil
    }
}

extension ZoneRules {
    /// The same clock with the changes of a span only: short to store, and no longer one that a newer time zone database
    /// could change.
    fileprivate func cut(from start: Instant, until end: Instant) -> ZoneRules {
        let margin = TimeSpan.days(2)
        return ZoneRules(
            identifier: identifier, initialOffset: offset(at: start - margin),
            transitions: transitions.filter { $0.at > start - margin && $0.at < end + margin })
    }
}
