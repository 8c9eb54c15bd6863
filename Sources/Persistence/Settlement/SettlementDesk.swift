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
        /// A test event tries the wire; nobody is paid for it.
        case test(ProgramEventID)
        /// It has no end yet, or it is not over.
        case notOver(ProgramEventID)
        /// No programme has the event's market context, or several have.
        case noProgram(marketContext: String)
        /// Nothing was published and valid when the event was called.
        case noTerms(ProgramID)
        /// No meter is behind any of its VENs.
        case noMeters(ProgramEventID)
        /// It is final, and the time for corrections is over.
        case closed(ProgramEventID, since: Instant)
        /// Others booked it again and again meanwhile.
        case busy(ProgramEventID)
    }

    /// What the desk needs from outside the database.
    public struct Environment: Sendable {
        /// The rules of a time zone by its name.
        public let zone: @Sendable (String) throws -> ZoneRules
        public let sha256: Ledger.Hash
        public let codeVersion: String
        /// How many sites are counted at a time.
        public let width: Int

        public init(
            zone: @escaping @Sendable (String) throws -> ZoneRules, sha256: @escaping Ledger.Hash, codeVersion: String,
            width: Int
        ) {
            self.zone = zone
            self.sha256 = sha256
            self.codeVersion = codeVersion
            self.width = width
        }
    }

    /// An event with its programme's terms and everyone who was called.
    public struct Case: Sendable {
        /// A meter that was called.
        public struct Part: Sendable {
            public let meter: Meter
            /// Its share of what its VEN was asked for.
            public let asked: Watts?
            public let participation: Participation
        }

        public let event: ProgramEventID
        public let window: TimeWindow
        public let calledAt: Instant
        public let terms: ProgramTerms
        public let parts: [Part]
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

    /// Finds out what an event is settled by, and for whom.
    public func open(_ event: ProgramEventID, now: Instant) async throws -> Case {
        let id = EventID(event.rawValue)
        let (record, participations, optRules) = try await MariaDBTopNodeStore(pool).transaction { transaction in
            let record = try await transaction.event(id)
            var rules = ProgrammeRules()
            if let record { rules = try await transaction.rules(of: record.terms.marketContext) }
            return (record, try await transaction.participations(in: id), rules)
        }
        guard let record else { throw Refusal.unknownEvent(event) }
        guard record.cancelledAt == nil else { throw Refusal.cancelled(event) }
        guard !record.terms.isTest else { throw Refusal.test(event) }
        guard let end = record.terms.end, end <= now else { throw Refusal.notOver(event) }
        let window = TimeWindow(start: record.terms.start, duration: record.terms.duration)
        let terms = try await terms(record.terms.marketContext, calledAt: record.createdAt)

        let opts = OptOverview(pool)
        let decisions = Dictionary(grouping: try await opts.decisions(in: id), by: \.venID)
        let schedules = Dictionary(grouping: try await opts.schedules(touching: window), by: \.venID)
        let sites = try await sites(of: event)
        let taken = try await taken(event, window)
        var parts: [Case.Part] = []
        var overlapping: [MeterID] = []
        for participation in participations where participation.withdrawnModification == nil {
            let opt = SettlementOpt(
                participation: participation, decisions: decisions[participation.venID] ?? [],
                schedules: schedules[participation.venID] ?? [], rules: optRules,
                marketContext: record.terms.marketContext, window: window, calledAt: record.createdAt)
            // An event may mean some of a VEN's resources only.
            let meant = (sites[participation.venID] ?? []).filter { site in
                participation.resources.isEmpty || site.resource.map(participation.resources.contains) ?? true
            }
            let asked = participation.asked(record.terms.steps)
            for site in meant {
                guard !taken.contains(site.meter.id) else {
                    overlapping.append(site.meter.id)
                    continue
                }
                parts.append(
                    Case.Part(
                        meter: site.meter, asked: asked.map { $0 * (1 / Double(meant.count)) },
                        participation: terms.participation(
                            optedOutAt: opt.optedOutAt(site.resource), start: window.start)))
            }
        }
        parts += try await formerParts(event, except: Set(parts.map(\.meter.id) + overlapping))
        guard !parts.isEmpty || !overlapping.isEmpty else { throw Refusal.noMeters(event) }
        return Case(
            event: event, window: window, calledAt: record.createdAt, terms: terms,
            parts: parts.sorted { $0.meter.id < $1.meter.id }, overlapping: overlapping.sorted())
    }

    private func terms(_ context: MarketContext, calledAt: Instant) async throws -> ProgramTerms {
        let store = ProgramStore(pool, rules: rules)
        let programs = try await store.programs().filter { $0.marketContext == context.rawValue }
        guard let program = programs.first, programs.count == 1 else {
            throw Refusal.noProgram(marketContext: context.rawValue)
        }
        guard let terms = try await store.terms(of: program.id, calledAt: calledAt) else {
            throw Refusal.noTerms(program.id)
        }
        return terms
    }

    /// The meters behind the VENs of an event, with the resources at which they measure.
    private func sites(
        of event: ProgramEventID
    ) async throws -> [VENID: [(meter: Meter, resource: ResourceID?)]] {
        let meters = Dictionary(
            try await MeterStore(pool).meters().map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let rows = try await pool.query(
            """
            SELECT m.ven_id, m.meter_id, (
                SELECT MIN(d.resource_id) FROM report_data_points d
                WHERE d.ven_id = m.ven_id AND d.r_id = m.r_id) AS resource_id
            FROM event_participations p JOIN report_meters m ON m.ven_id = p.ven_id
            WHERE p.event_id = ? ORDER BY m.meter_id
            """, [.text(event.rawValue)])
        var sites: [VENID: [(meter: Meter, resource: ResourceID?)]] = [:]
        for row in rows {
            guard let meter = meters[try row.meter()] else { continue }
            sites[VENID(try row.text("ven_id")), default: []].append(
                (meter, try row.optionalText("resource_id").map { ResourceID($0) }))
        }
        return sites
    }

    /// Meters that another event was counted for in these hours.
    private func taken(_ event: ProgramEventID, _ window: TimeWindow) async throws -> Set<MeterID> {
        Set(
            try await pool.query(
                """
                SELECT DISTINCT d.meter_id
                FROM event_participations p JOIN report_meters m ON m.ven_id = p.ven_id
                    JOIN drp_periods d ON d.meter_id = m.meter_id
                WHERE p.event_id = ? AND d.event <> p.event_id AND d.start_time < ? AND d.end_time > ?
                    AND d.start_time > ?
                """,
                [
                    .text(event.rawValue), .instant(window.end), .instant(window.start),
                    // A metering interval is a day at most.
                    .instant(window.start - .days(1)),
                ]
            ).map { try $0.meter() })
    }

    /// Meters that the event was booked for and that have left their VENs since: they keep their part in it.
    private func formerParts(_ event: ProgramEventID, except known: Set<MeterID>) async throws -> [Case.Part] {
        let booked = Set(
            try await pool.query(
                "SELECT DISTINCT meter_id FROM ledger_transactions WHERE event = ?", [.text(event.rawValue)]
            ).map { try $0.meter() }
        ).subtracting(known)
        var parts: [Case.Part] = []
        for meter in booked.sorted() {
            guard let found = try await MeterStore(pool).meter(meter),
                let last = try await SettlementArchive(pool).latest(event, meter)
            else { continue }
            parts.append(
                Case.Part(
                    meter: found, asked: last.pledge.map { Watts($0) }, participation: last.participation))
        }
        return parts
    }
}

extension EventParticipation {
    /// The mean reduction that it is asked for; nil when it is asked in another language.
    fileprivate func asked(_ steps: [TimeSpan]) -> Watts? {
        guard let signal = signals.first(where: { $0.kind == .loadDispatchDelta }), signal.values.count == steps.count,
            !steps.isEmpty
        else { return nil }
        let energy = zip(signal.values, steps).reduce(0) { $0 - $1.0 * $1.1.hours }
        let mean = energy / steps.reduce(0) { $0 + $1.hours }
        return mean > 0 ? Watts(mean) : nil
    }
}
