public import Measures

extension ProgramTerms {
    /// Terms as they are written down: every field by name, baseline rules by id, version and parameters.
    public struct Document: Hashable, Codable, Sendable {
        /// How a rule is named. Without parameters the rule of that id and version is meant, whatever they are.
        public struct Rule: Hashable, Codable, Sendable {
            public let id: String
            public let version: String
            public let parameters: String?

            public init(id: String, version: String, parameters: String? = nil) {
                self.id = id
                self.version = version
                self.parameters = parameters
            }

            public init(_ rule: BaselineRule) {
                self.init(id: rule.id, version: rule.version, parameters: rule.canonicalParameters)
            }
        }

        /// One of its fields is given.
        public struct Payment: Hashable, Codable, Sendable {
            public var energy: EnergyPayment?
            public var firmServiceLevel: FirmServiceLevel?
            public var market: MarketPayment?
            public var nomination: NominationPayment?
            public var pool: Pool?

            init(_ payment: ProgramTerms.Payment) {
                switch payment {
                case .energy(let energy): self.energy = energy
                case .firmServiceLevel(let firm): firmServiceLevel = firm
                case .market(let market): self.market = market
                case .nomination(let nomination): self.nomination = nomination
                case .pool(let pool): self.pool = pool
                }
            }

            /// Nil unless exactly one is given.
            var payment: ProgramTerms.Payment? {
                let given: [ProgramTerms.Payment?] = [
                    energy.map { .energy($0) }, firmServiceLevel.map { .firmServiceLevel($0) },
                    market.map { .market($0) }, nomination.map { .nomination($0) }, pool.map { .pool($0) },
                ]
                let payments = given.compactMap(\.self)
                return payments.count == 1 ? payments[0] : nil
            }
        }

        public let version: String
        public let validFrom: Instant
        public let baselineRules: [Rule]
        public let payment: Payment
        public let highestPerformance: Double
        public let leastMeasuredShare: Double
        public let options: SettlementOptions

        public init(_ terms: ProgramTerms) {
            version = terms.version
            validFrom = terms.validFrom
            baselineRules = terms.baselineRules.map(Rule.init)
            payment = Payment(terms.payment)
            highestPerformance = terms.highestPerformance
            leastMeasuredShare = terms.leastMeasuredShare
            options = terms.options
        }

        /// The terms of a programme; throws for a rule that is not among `rules` and for terms that cannot be.
        public func terms(
            of program: ProgramID, rules: [BaselineRule] = BaselineRule.standard
        ) throws(ProgramTermsError) -> ProgramTerms {
            guard let payment = payment.payment else { throw .notOnePayment }
            var known: [BaselineRule] = []
            for name in baselineRules {
                guard
                    let rule = rules.first(where: {
                        $0.id == name.id && $0.version == name.version
                            && (name.parameters ?? $0.canonicalParameters) == $0.canonicalParameters
                    })
                else { throw .unknownRule(id: name.id, version: name.version) }
                known.append(rule)
            }
            return try ProgramTerms(
                program: program, version: version, validFrom: validFrom, baselineRules: known, payment: payment,
                highestPerformance: highestPerformance, leastMeasuredShare: leastMeasuredShare, options: options)
        }
    }
}
