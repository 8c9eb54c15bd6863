public import MariaDB
public import Measures
public import OpenADR

/// When an event is planned without an operator: what is watched, from where on it is too much, and what is done.
public struct DispatchRule: Hashable, Sendable {
    /// What is watched.
    public enum Trigger: String, Hashable, Codable, Sendable, CaseIterable {
        /// The sum of the forecasts of all meters, kW.
        case forecast
        /// The sum of the forecasts of the participants behind a feeder, kW.
        case feeder
        /// The programme's price of a kWh.
        case price
    }

    /// What becomes of the plan.
    public enum Action: String, Hashable, Codable, Sendable, CaseIterable {
        /// It is kept, and an operator publishes it.
        case propose
        /// It becomes an event at once, and is completed during the event when others opt out.
        case publish
    }

    public struct Terms: Hashable, Codable, Sendable {
        public var trigger: Trigger
        /// kW or currency units per kWh; an interval counts when it is above.
        public var threshold: Double
        public var feeder: String?
        /// What a price calls for, kW; a load calls for what is above the threshold.
        public var reduction: Double?
        public var action: Action
        /// The programme's URI: its prices, opt schedules and events.
        public var programme: String
        /// Intervals sooner than this are left alone, and those later than the horizon too: seconds.
        public var lead: Int64
        public var horizon: Int64
        public var step: Int64
        /// The longest event, seconds.
        public var longest: Int64
        public var probability: Double

        public init(
            trigger: Trigger, threshold: Double, feeder: String? = nil, reduction: Double? = nil, action: Action,
            programme: String, lead: Int64 = 3_600, horizon: Int64 = 86_400, step: Int64 = 900,
            longest: Int64 = 14_400, probability: Double = 0.9
        ) {
            self.trigger = trigger
            self.threshold = threshold
            self.feeder = feeder
            self.reduction = reduction
            self.action = action
            self.programme = programme
            self.lead = lead
            self.horizon = horizon
            self.step = step
            self.longest = longest
            self.probability = probability
        }
    }

    public let name: String
    public var terms: Terms
    public var isEnabled: Bool

    public init(name: String, terms: Terms, isEnabled: Bool = true) {
        self.name = name
        self.terms = terms
        self.isEnabled = isEnabled
    }
}

/// Keeps rules and what they did (tables `dispatch_rules`, `dispatch_rule_firings`).
public struct DispatchRuleStore: Sendable {
    /// Something that a rule did.
    public struct Firing: Hashable, Sendable {
        public let rule: String
        public let window: TimeWindow
        public let plan: PlanStore.PlanID
        public let reason: String
        public let firedAt: Instant

        public init(rule: String, window: TimeWindow, plan: PlanStore.PlanID, reason: String, firedAt: Instant) {
            self.rule = rule
            self.window = window
            self.plan = plan
            self.reason = reason
            self.firedAt = firedAt
        }
    }

    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// Makes a rule, or gives it other terms; what it did stays.
    public func save(_ rule: DispatchRule, at now: Instant) async throws {
        let values: [MariaDBValue] = [
            .text(rule.name), try JSONColumn.value(rule.terms), .integer(rule.isEnabled ? 1 : 0), .instant(now),
        ]
        _ = try await pool.execute(
            """
            INSERT INTO dispatch_rules (name, terms, enabled, changed_at) VALUES (?, ?, ?, ?)
            ON DUPLICATE KEY UPDATE terms = VALUES(terms), enabled = VALUES(enabled), changed_at = VALUES(changed_at)
            """, values)
    }

    /// False when there is none of this name.
    public func remove(_ name: String) async throws -> Bool {
        try await pool.execute("DELETE FROM dispatch_rules WHERE name = ?", [.text(name)]).affectedRows > 0
    }

    /// Every rule, by name.
    public func rules() async throws -> [DispatchRule] {
        try await pool.query("SELECT name, terms, enabled FROM dispatch_rules ORDER BY name").map { row in
            DispatchRule(
                name: try row.text("name"), terms: try row.json("terms"), isEnabled: try row.integer("enabled") != 0)
        }
    }

    /// Takes a rule for a while, so that no other program looks at it; false when another has it.
    public func claim(_ rule: String, for holder: String, at now: Instant, until end: Instant) async throws -> Bool {
        try await pool.execute(
            """
            UPDATE dispatch_rules SET holder = ?, held_until = ?
            WHERE name = ? AND (held_until IS NULL OR held_until <= ?)
            """, [.text(holder), .instant(end), .text(rule), .instant(now)]
        ).affectedRows > 0
    }

    /// Gives back what this holder has taken.
    public func release(_ rule: String, by holder: String) async throws {
        _ = try await pool.execute(
            "UPDATE dispatch_rules SET holder = NULL, held_until = NULL WHERE name = ? AND holder = ?",
            [.text(rule), .text(holder)])
    }

    /// Notes what a rule did; the same again is no error.
    public func note(_ firing: Firing) async throws {
        _ = try await pool.execute(
            """
            INSERT IGNORE INTO dispatch_rule_firings (rule, start_time, end_time, plan_id, reason, fired_at)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            [
                .text(firing.rule), .instant(firing.window.start), .instant(firing.window.end),
                .integer(firing.plan.rawValue), .text(String(firing.reason.prefix(1_000))), .instant(firing.firedAt),
            ])
    }

    /// What rules did for times that end after a moment, in order of time.
    public func firings(endingAfter moment: Instant) async throws -> [Firing] {
        try await pool.query(
            """
            SELECT rule, start_time, end_time, plan_id, reason, fired_at FROM dispatch_rule_firings
            WHERE end_time > ? ORDER BY start_time, rule
            """, [.instant(moment)]
        ).map { row in
            Firing(
                rule: try row.text("rule"), window: try row.window(),
                plan: PlanStore.PlanID(rawValue: try row.integer("plan_id")), reason: try row.text("reason"),
                firedAt: try row.instant("fired_at"))
        }
    }

    /// The prices of the programme with this market context in a window, in currency units per kWh and order of time.
    public func prices(
        of programme: MarketContext, in window: TimeWindow
    ) async throws -> [(window: TimeWindow, price: Double)] {
        try await pool.query(
            """
            SELECT s.start_time, s.end_time, s.price_micros FROM program_prices s
                JOIN programs p ON p.program_id = s.program_id
            WHERE p.market_context = ? AND s.start_time < ? AND s.end_time > ? ORDER BY s.start_time
            """, [.text(programme.rawValue), .instant(window.end), .instant(window.start)]
        ).map { (try $0.window(), Double(try $0.integer("price_micros")) / 1e6) }
    }
}
