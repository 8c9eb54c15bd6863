public import Measures

/// What a programme pays and how it counts, as published. A change is a new version; an event is settled with the
/// version that was published when it was called.
public struct ProgramTerms: Hashable, Sendable {
    /// What reductions below zero (a site that drew more than its baseline) do.
    public enum EnergyFloor: Hashable, Codable, Sendable {
        /// A site never owes anything for an event (peak time rebate).
        case zero
        /// A site pays for what it drew in excess, up to this energy for each event.
        case excess(upTo: WattHours)
    }

    /// The energy for which a reduction is paid.
    public struct EnergyPayment: Hashable, Codable, Sendable {
        public let price: EnergyPrice
        public let floor: EnergyFloor
        /// The most that is paid, as a multiple of the pledge over the event; nil for no cap. A site without a pledge
        /// is not capped.
        public let cap: Double?

        public init(price: EnergyPrice, floor: EnergyFloor = .zero, cap: Double? = nil) {
            self.price = price
            self.floor = floor
            self.cap = cap
        }
    }

    /// A nomination programme: with F the mean reduction over the nomination, the nomination times the rate when F is
    /// above one, otherwise F times that, and nothing below zero.
    public struct NominationPayment: Hashable, Codable, Sendable {
        /// For each kilowatt nominated and event.
        public let ratePerKilowatt: Money

        public init(ratePerKilowatt: Money) {
            self.ratePerKilowatt = ratePerKilowatt
        }
    }

    /// Reductions are paid at a share of the market's price of each interval (wholesale pass-through). An interval whose
    /// price is under the threshold of the net-benefits test pays nothing; so a negative price never charges a site.
    public struct MarketPayment: Hashable, Codable, Sendable {
        /// Millionths of the market's price.
        public let shareMicros: Int64
        public let leastPrice: EnergyPrice

        public init(shareMicros: Int64 = 1_000_000, leastPrice: EnergyPrice) {
            self.shareMicros = shareMicros
            self.leastPrice = leastPrice
        }
    }

    /// A site draws no more than its firm service level, its pledge, or is charged for what it draws in excess.
    public struct FirmServiceLevel: Hashable, Codable, Sendable {
        public let excessPrice: EnergyPrice

        public init(excessPrice: EnergyPrice) {
            self.excessPrice = excessPrice
        }
    }

    /// A budget for each event, shared in proportion to the reductions above zero.
    public struct Pool: Hashable, Codable, Sendable {
        public let budget: Money

        public init(budget: Money) {
            self.budget = budget
        }
    }

    public enum Payment: Hashable, Sendable {
        case energy(EnergyPayment)
        case firmServiceLevel(FirmServiceLevel)
        case market(MarketPayment)
        case nomination(NominationPayment)
        case pool(Pool)
    }

    public let program: ProgramID
    public let version: String
    public let validFrom: Instant
    /// The rule of the programme, then the ones that are tried in order where it has too few days.
    public let baselineRules: [BaselineRule]
    public let payment: Payment
    /// The performance factor is held between zero and this.
    public let highestPerformance: Double
    /// The share of an event's intervals that must be measured before it is settled.
    public let leastMeasuredShare: Double
    public let options: SettlementOptions

    public init(
        program: ProgramID, version: String, validFrom: Instant, baselineRules: [BaselineRule], payment: Payment,
        highestPerformance: Double = 1.25, leastMeasuredShare: Double = 0.95,
        options: SettlementOptions = .standard
    ) throws(ProgramTermsError) {
        guard !version.isEmpty else { throw .noVersion }
        guard !baselineRules.isEmpty else { throw .noBaselineRule }
        switch payment {
        case .energy(let energy):
            guard energy.price.micros >= 0 else { throw .negativePrice }
            if let cap = energy.cap { guard cap > 0, cap <= 100 else { throw .unusableLimit } }
            if case .excess(let most) = energy.floor {
                guard most.value >= 0, most.value <= Self.largestEnergy else { throw .unusableLimit }
            }
        case .nomination(let nomination):
            guard nomination.ratePerKilowatt.minorUnits >= 0 else { throw .negativePrice }
        case .market(let market):
            guard market.leastPrice.micros >= 0, market.shareMicros >= 0 else { throw .negativePrice }
            guard market.shareMicros <= 10_000_000 else { throw .unusableLimit }
        case .firmServiceLevel(let firm):
            guard firm.excessPrice.micros >= 0 else { throw .negativePrice }
        case .pool(let pool):
            guard pool.budget.minorUnits >= 0 else { throw .negativePrice }
        }
        guard highestPerformance >= 1, highestPerformance <= 10, leastMeasuredShare > 0, leastMeasuredShare <= 1 else {
            throw .unusableLimit
        }
        self.program = program
        self.version = version
        self.validFrom = validFrom
        self.baselineRules = baselineRules
        self.payment = payment
        self.highestPerformance = highestPerformance
        self.leastMeasuredShare = leastMeasuredShare
        self.options = options
        if let flaw = options.flaw(currency) { throw flaw }
    }

    public var currency: Currency {
        switch payment {
        case .energy(let energy): energy.price.currency
        case .firmServiceLevel(let firm): firm.excessPrice.currency
        case .market(let market): market.leastPrice.currency
        case .nomination(let nomination): nomination.ratePerKilowatt.currency
        case .pool(let pool): pool.budget.currency
        }
    }

    /// A terawatt-hour for one event of one site is a unit mistake.
    static let largestEnergy = 1e12
}

/// What makes terms unusable.
public enum ProgramTermsError: Error, Hashable, Sendable {
    case differentCurrencies
    case negativePrice
    case noBaselineRule
    case noVersion
    /// Terms pay in exactly one way.
    case notOnePayment
    /// There is no such baseline rule, or it has other parameters.
    case unknownRule(id: String, version: String)
    /// A cap, floor, performance factor or share that is negative, not finite or out of range.
    case unusableLimit
}

extension ProgramTerms {
    /// The baseline of an event by the first of the programme's rules that has enough days and is admitted for the meter.
    ///
    /// A rule passes an event on to the next one when it has too few days, lacks an input, or fails the admission test;
    /// the error is the first rule's. Where no rule is admitted the terms say whether the least bad one is used.
    public func baseline(_ context: BaselineContext) throws(BaselineRefusal) -> Baseline {
        var first: BaselineRefusal?
        var least: (baseline: Baseline, error: Double)?
        for rule in baselineRules {
            let baseline: Baseline
            do {
                baseline = try rule.baseline(context)
            } catch {
                first = first ?? error
                switch error.reason {
                case .noControlGroup, .notAdmitted, .tooFewDays, .unknownTemperature, .unpredictable: continue
                case .eventNotWithinDay, .unalignedEvent: throw error
                }
            }
            guard let test = options.admission else { return baseline }
            let result = test.run(rule, context)
            if result.mayBeUsed { return baseline.judged(result) }
            if let error = result.accuracy?.relativeError, error < least?.error ?? .infinity {
                least = (baseline.judged(result), error)
            }
            first =
                first
                ?? BaselineRefusal(
                    ruleID: rule.id, ruleVersion: rule.version, reason: .notAdmitted, considered: baseline.considered)
        }
        if let least, options.admission?.failure == .leastError { return least.baseline }
        throw first
            ?? BaselineRefusal(ruleID: "", ruleVersion: "", reason: .tooFewDays(found: 0, needed: 1), considered: [])
    }
}
