public import Measures

/// What a programme pays and how it counts, as published. A change is a new version; an event is settled with the
/// version that was published when it was called.
public struct ProgramTerms: Hashable, Sendable {
    /// What reductions below zero (a site that drew more than its baseline) do.
    public enum EnergyFloor: Hashable, Sendable {
        /// A site never owes anything for an event (peak time rebate).
        case zero
        /// A site pays for what it drew in excess, up to this energy for each event.
        case excess(upTo: WattHours)
    }

    /// The energy for which a reduction is paid.
    public struct EnergyPayment: Hashable, Sendable {
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
    public struct NominationPayment: Hashable, Sendable {
        /// For each kilowatt nominated and event.
        public let ratePerKilowatt: Money

        public init(ratePerKilowatt: Money) {
            self.ratePerKilowatt = ratePerKilowatt
        }
    }

    public enum Payment: Hashable, Sendable {
        case energy(EnergyPayment)
        case nomination(NominationPayment)
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

    public init(
        program: ProgramID, version: String, validFrom: Instant, baselineRules: [BaselineRule], payment: Payment,
        highestPerformance: Double = 1.25, leastMeasuredShare: Double = 0.95
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
    }

    public var currency: Currency {
        switch payment {
        case .energy(let energy): energy.price.currency
        case .nomination(let nomination): nomination.ratePerKilowatt.currency
        }
    }

    /// A terawatt-hour for one event of one site is a unit mistake.
    static let largestEnergy = 1e12
}

/// What makes terms unusable.
public enum ProgramTermsError: Error, Hashable, Sendable {
    case negativePrice
    case noBaselineRule
    case noVersion
    /// A cap, floor, performance factor or share that is negative, not finite or out of range.
    case unusableLimit
}

extension ProgramTerms {
    /// The baseline of an event by the first of the programme's rules that has enough days.
    ///
    /// Only too few days (or a missing temperature) passes an event on to the next rule; the error is the first rule's.
    public func baseline(_ context: BaselineContext) throws(BaselineRefusal) -> Baseline {
        var first: BaselineRefusal?
        for rule in baselineRules {
            do {
                return try rule.baseline(context)
            } catch {
                first = first ?? error
                switch error.reason {
                case .noControlGroup, .notAdmitted, .tooFewDays, .unknownTemperature, .unpredictable: continue
                case .eventNotWithinDay, .unalignedEvent: throw error
                }
            }
        }
        throw first
            ?? BaselineRefusal(ruleID: "", ruleVersion: "", reason: .tooFewDays(found: 0, needed: 1), considered: [])
    }
}
