public import DemandResponse
public import MariaDB
public import Measures

/// Programmes and their published terms (tables `programs`, `program_terms`).
public struct ProgramStore: Sendable {
    /// Why terms cannot be published or read.
    public enum Failure: Error, Hashable, Sendable {
        /// The version is published with other terms; published terms never change.
        case alreadyPublished(version: String)
        /// The database names a baseline rule that this program does not have, or has with other parameters.
        case unknownBaselineRule(id: String, version: String)
    }

    /// How terms of the first release name a rule.
    private struct RuleReference: Codable, Hashable {
        let id: String
        let version: String
        let parameters: String

        init(_ rule: BaselineRule) {
            id = rule.id
            version = rule.version
            parameters = rule.canonicalParameters
        }
    }

    private let pool: MariaDBPool
    private let rules: [BaselineRule]

    /// `rules` are all that the stored terms may name.
    public init(_ pool: MariaDBPool, rules: [BaselineRule] = BaselineRule.standard) {
        self.pool = pool
        self.rules = rules
    }

    /// The programme of this name, made where it is missing. `marketContext` is the URI that its events carry.
    public func establish(_ name: String, marketContext: String) async throws -> ProgramID {
        try await pool.transaction { connection in
            let known = try connection.query("SELECT program_id FROM programs WHERE name = ?", [.text(name)])
            if let row = known.first { return ProgramID(try row.integer("program_id")) }
            return ProgramID(
                try connection.execute(
                    "INSERT INTO programs (name, market_context) VALUES (?, ?)", [.text(name), .text(marketContext)]
                ).lastInsertID)
        }
    }

    /// Publishes terms. The same terms again are no error, others of the same version are.
    ///
    /// - Parameter publishedAt: events that were called before keep the terms of then; without it the terms count as
    ///   published since they are valid.
    public func publish(_ terms: ProgramTerms, at publishedAt: Instant? = nil) async throws {
        let values = try Self.values(terms)
        let document = try JSONColumn.value(ProgramTerms.Document(terms))
        try await pool.transaction { connection in
            if let known = try self.terms(terms.program, version: terms.version, connection) {
                guard known == terms else { throw Failure.alreadyPublished(version: terms.version) }
                return
            }
            try connection.execute(
                """
                INSERT INTO program_terms (program_id, version, valid_from, baseline_rules, price_micros, excess_limit,
                    cap, nomination_rate, currency, highest_performance, least_measured_share, document, published_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, values + [document, .optional(publishedAt) { .instant($0) }])
        }
    }

    public func terms(of program: ProgramID, version: String) async throws -> ProgramTerms? {
        try await pool.withConnection { try terms(program, version: version, $0) }
    }

    /// The terms that were published and valid when an event was called: the latest of them.
    public func terms(of program: ProgramID, calledAt: Instant) async throws -> ProgramTerms? {
        try await pool.withConnection { connection in
            let rows = try connection.query(
                """
                SELECT version FROM program_terms
                WHERE program_id = ? AND valid_from <= ? AND COALESCE(published_at, valid_from) <= ?
                ORDER BY valid_from DESC, COALESCE(published_at, valid_from) DESC, version DESC LIMIT 1
                """, [.integer(program.rawValue), .instant(calledAt), .instant(calledAt)])
            guard let row = rows.first else { return nil }
            return try terms(program, version: try row.text("version"), connection)
        }
    }

    /// The terms of a programme, as they were written down, in the order of their validity.
    public func documents(of program: ProgramID) async throws -> [ProgramTerms.Document] {
        try await pool.withConnection { connection in
            let rows = try connection.query(
                "SELECT version FROM program_terms WHERE program_id = ? ORDER BY valid_from, version",
                [.integer(program.rawValue)])
            return try rows.compactMap { row in
                try terms(program, version: try row.text("version"), connection).map(ProgramTerms.Document.init)
            }
        }
    }

    /// A programme by its name.
    public func program(named name: String) async throws -> ProgramID? {
        try await pool.query("SELECT program_id FROM programs WHERE name = ?", [.text(name)]).first
            .map { ProgramID(try $0.integer("program_id")) }
    }

    /// All programmes by name, with their market contexts.
    public func programs() async throws -> [(id: ProgramID, name: String, marketContext: String)] {
        try await pool.query("SELECT program_id, name, market_context FROM programs ORDER BY name").map {
            (ProgramID(try $0.integer("program_id")), try $0.text("name"), try $0.text("market_context"))
        }
    }

    // MARK: Rows

    private func terms(
        _ program: ProgramID, version: String, _ connection: isolated MariaDBConnection
    ) throws -> ProgramTerms? {
        let rows = try connection.query(
            """
            SELECT version, valid_from, baseline_rules, price_micros, excess_limit, cap, nomination_rate, currency,
                highest_performance, least_measured_share, document
            FROM program_terms WHERE program_id = ? AND version = ?
            """, [.integer(program.rawValue), .text(version)])
        guard let row = rows.first else { return nil }
        if try row.optionalText("document") != nil {
            do {
                return try row.json("document", as: ProgramTerms.Document.self).terms(of: program, rules: rules)
            } catch ProgramTermsError.unknownRule(let id, let version) {
                throw Failure.unknownBaselineRule(id: id, version: version)
            }
        }
        return try ProgramTerms(
            program: program, version: try row.text("version"), validFrom: try row.instant("valid_from"),
            baselineRules: try row.json("baseline_rules", as: [RuleReference].self).map(rule),
            payment: try Self.payment(row), highestPerformance: try row.double("highest_performance"),
            leastMeasuredShare: try row.double("least_measured_share"))
    }

    private func rule(_ reference: RuleReference) throws -> BaselineRule {
        guard let rule = rules.first(where: { RuleReference($0) == reference }) else {
            throw Failure.unknownBaselineRule(id: reference.id, version: reference.version)
        }
        return rule
    }

    private static func payment(_ row: MariaDBRow) throws -> ProgramTerms.Payment {
        let currency: Currency = try row.word("currency")
        if let rate = try row.optionalInteger("nomination_rate") {
            return .nomination(.init(ratePerKilowatt: Money(minorUnits: rate, currency: currency)))
        }
        let excess = try row.optionalDouble("excess_limit")
        return .energy(
            .init(
                price: EnergyPrice(micros: try row.integer("price_micros"), currency: currency),
                floor: excess.map { .excess(upTo: WattHours($0)) } ?? .zero, cap: try row.optionalDouble("cap")))
    }

    private static func values(_ terms: ProgramTerms) throws -> [MariaDBValue] {
        var price, excess, cap, rate: MariaDBValue
        (price, excess, cap, rate) = (.null, .null, .null, .null)
        switch terms.payment {
        case .energy(let payment):
            price = .integer(payment.price.micros)
            if case .excess(let most) = payment.floor { excess = .double(most.value) }
            cap = .optional(payment.cap) { .double($0) }
        case .nomination(let payment):
            rate = .integer(payment.ratePerKilowatt.minorUnits)
        // The document says it in full.
        case .firmServiceLevel, .market, .pool: break
        }
        return [
            .integer(terms.program.rawValue), .text(terms.version), .instant(terms.validFrom),
            try JSONColumn.value(terms.baselineRules.map(RuleReference.init)), price, excess, cap, rate,
            .text(terms.currency.rawValue), .double(terms.highestPerformance), .double(terms.leastMeasuredShare),
        ]
    }
}

extension ProgramStore.Failure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .alreadyPublished(let version):
            "Version \(version) of the terms is published with other content; publish a new version."
        case .unknownBaselineRule(let id, let version):
            "The terms name the baseline rule \(id) \(version), which this program does not have in that form."
        }
    }
}
