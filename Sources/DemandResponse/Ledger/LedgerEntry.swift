public import Measures

/// An account of the ledger.
public enum LedgerAccount: Hashable, Comparable, Codable, Sendable {
    /// What a participant has earned (credit, so below zero when the programme owes).
    case participant(MeterID)
    /// What a programme has spent on rewards.
    case programRewards(ProgramID)

    var canonicalName: String {
        switch self {
        case .participant(let meter): "participant/\(meter.rawValue)"
        case .programRewards(let program): "program-rewards/\(program.rawValue)"
        }
    }

    public static func < (left: LedgerAccount, right: LedgerAccount) -> Bool {
        left.canonicalName < right.canonicalName
    }
}

/// An amount on one side of an entry: debits above zero, credits below.
public struct Posting: Hashable, Codable, Sendable {
    public let account: LedgerAccount
    public let amount: Money

    public init(account: LedgerAccount, amount: Money) {
        self.account = account
        self.amount = amount
    }
}

/// What an entry is about. With `revision` it is unique in a ledger.
public struct LedgerKey: Hashable, Codable, Sendable {
    public let program: ProgramID
    public let event: ProgramEventID
    public let meter: MeterID
    /// The version of the programme's terms.
    public let formulaVersion: String

    public init(program: ProgramID, event: ProgramEventID, meter: MeterID, formulaVersion: String) {
        self.program = program
        self.event = event
        self.meter = meter
        self.formulaVersion = formulaVersion
    }
}

/// How settled an entry is.
public enum LedgerState: String, Hashable, Codable, Sendable {
    case provisional
    case final
    /// A difference to a final entry, from late or corrected readings.
    case corrected
}

/// What an auditor needs to see why an amount is what it is.
public struct LedgerAudit: Hashable, Codable, Sendable {
    public let ruleID: String
    public let ruleVersion: String
    /// The rule's parameters, as one canonical text.
    public let parameters: String
    public let daysUsed: [CivilDay]
    public let adjustmentBeforeClamp: Double?
    public let adjustmentApplied: Double
    public let intervals: [SettledInterval]
    /// In Wh, after floor and cap.
    public let paidEnergy: Int64
    /// Where the numbers come from; nil in entries of the first version.
    public internal(set) var provenance: SettlementProvenance?

    public init(
        ruleID: String, ruleVersion: String, parameters: String, daysUsed: [CivilDay], adjustmentBeforeClamp: Double?,
        adjustmentApplied: Double, intervals: [SettledInterval], paidEnergy: Int64,
        provenance: SettlementProvenance? = nil
    ) {
        self.ruleID = ruleID
        self.ruleVersion = ruleVersion
        self.parameters = parameters
        self.daysUsed = daysUsed
        self.adjustmentBeforeClamp = adjustmentBeforeClamp
        self.adjustmentApplied = adjustmentApplied
        self.intervals = intervals
        self.paidEnergy = paidEnergy
        self.provenance = provenance
    }

    /// What an auditor needs of a site that was settled by a rule.
    public init(_ settlement: SiteSettlement, rule: BaselineRule, provenance: SettlementProvenance? = nil) {
        let (baseline, adjustment) = (settlement.baseline, settlement.baseline.adjustment)
        self.init(
            ruleID: baseline.ruleID, ruleVersion: baseline.ruleVersion, parameters: rule.canonicalParameters,
            daysUsed: baseline.daysUsed, adjustmentBeforeClamp: adjustment.beforeClamp,
            adjustmentApplied: adjustment.applied, intervals: settlement.intervals,
            paidEnergy: settlement.paidEnergy, provenance: provenance)
    }
}

/// What an amount was counted from and by: with it, and the stored inputs, anybody can count again.
public struct SettlementProvenance: Hashable, Codable, Sendable {
    /// SHA-256 of the rule's parameters, of the terms' document and of the inputs, in hexadecimal.
    public let parametersHash: String
    public let termsHash: String
    public let inputsHash: String
    public let codeVersion: String
    public let calendarVersion: String
    /// The members of a blend with their shares.
    public let members: [Baseline.Member]
    public internal(set) var parts: [PaymentPart]
    public let snapBack: Int64
    public let preEventRise: Int64
    public let multiplierMicros: Int64

    public init(
        _ settlement: SiteSettlement, parametersHash: String, termsHash: String, inputsHash: String,
        codeVersion: String, calendarVersion: String
    ) {
        self.parametersHash = parametersHash
        self.termsHash = termsHash
        self.inputsHash = inputsHash
        self.codeVersion = codeVersion
        self.calendarVersion = calendarVersion
        members = settlement.baseline.members
        parts = settlement.parts
        snapBack = settlement.snapBack
        preEventRise = settlement.preEventRise
        multiplierMicros = settlement.multiplierMicros
    }
}

/// Why postings are not an entry.
public enum LedgerEntryError: Error, Hashable, Sendable {
    case differentCurrencies
    case noPostings
    /// Debits and credits differ by this many minor units.
    case unbalanced(Int64)
}

/// One booking in double entry: its postings sum to zero.
public struct LedgerEntry: Hashable, Codable, Sendable {
    public let key: LedgerKey
    /// Zero for the first entry of a key, then one more each.
    public let revision: Int
    public let state: LedgerState
    public let postings: [Posting]
    public let audit: LedgerAudit
    public let recordedAt: Instant

    public init(
        key: LedgerKey, revision: Int, state: LedgerState, postings: [Posting], audit: LedgerAudit, recordedAt: Instant
    ) throws(LedgerEntryError) {
        guard let currency = postings.first?.amount.currency else { throw .noPostings }
        guard postings.allSatisfy({ $0.amount.currency == currency }) else { throw .differentCurrencies }
        var sum: Int64 = 0
        for posting in postings {
            let (next, overflow) = sum.addingReportingOverflow(posting.amount.minorUnits)
            guard !overflow else { throw .unbalanced(sum) }
            sum = next
        }
        guard sum == 0 else { throw .unbalanced(sum) }
        self.key = key
        self.revision = revision
        self.state = state
        self.postings = postings
        self.audit = audit
        self.recordedAt = recordedAt
    }

    /// What the entry gives the participant of its key.
    public var reward: Money {
        postings.filter { $0.account == .participant(key.meter) }
            .reduce(Money(minorUnits: 0, currency: postings[0].amount.currency)) { $0 + -$1.amount }
    }
}

extension EventSettlement {
    /// What a site's entries are about.
    public func key(_ meter: MeterID) -> LedgerKey {
        LedgerKey(program: program, event: event, meter: meter, formulaVersion: termsVersion)
    }
}

extension LedgerEntry {
    /// The entry of one site of an event: the programme's rewards are debited, the participant is credited.
    ///
    /// - Parameters:
    ///   - audit: the site's; a share of a pool, which its own count does not know, is added.
    ///   - booked: what the earlier entries of the key came to; the entry books the difference.
    public init(
        _ site: EventSettlement.Site, of event: EventSettlement, audit: LedgerAudit, state: LedgerState,
        revision: Int = 0, recordedAt: Instant, booked: Money? = nil
    ) throws(LedgerEntryError) {
        var audit = audit
        audit.provenance?.parts = site.settlement.parts
        try self.init(
            key: event.key(site.settlement.meter), revision: revision, state: state,
            postings: Self.postings(
                booked.map { site.payment + -$0 } ?? site.payment, program: event.program, meter: site.settlement.meter),
            audit: audit, recordedAt: recordedAt)
    }

    /// The two sides of a reward.
    public static func postings(_ reward: Money, program: ProgramID, meter: MeterID) -> [Posting] {
        [
            Posting(account: .programRewards(program), amount: reward),
            Posting(account: .participant(meter), amount: -reward),
        ]
    }

    /// The bytes that are hashed: every field in one fixed order.
    public var canonicalBytes: [UInt8] {
        var bytes = CanonicalBytes()
        bytes.append(audit.provenance == nil ? "curtail ledger entry 1" : "curtail ledger entry 2")
        bytes.append(key.program.rawValue)
        bytes.append(key.event.rawValue)
        bytes.append(key.meter.rawValue)
        bytes.append(key.formulaVersion)
        bytes.append(Int64(revision))
        bytes.append(state.rawValue)
        bytes.append(recordedAt.secondsSinceEpoch)
        bytes.append(postings) { bytes, posting in
            bytes.append(posting.account.canonicalName)
            bytes.append(posting.amount.minorUnits)
            bytes.append(posting.amount.currency.rawValue)
        }
        audit.append(to: &bytes)
        return bytes.bytes
    }
}

extension LedgerAudit {
    fileprivate func append(to bytes: inout CanonicalBytes) {
        bytes.append(ruleID)
        bytes.append(ruleVersion)
        bytes.append(parameters)
        bytes.append(daysUsed) { $0.append(Int64($1.daysSinceEpoch)) }
        bytes.append(adjustmentBeforeClamp) { $0.append($1) }
        bytes.append(adjustmentApplied)
        bytes.append(intervals) { bytes, interval in
            bytes.append(interval.window.start.secondsSinceEpoch)
            bytes.append(interval.window.end.secondsSinceEpoch)
            bytes.append(interval.baseline)
            bytes.append(interval.actual) { $0.append($1) }
            if provenance != nil { bytes.append(interval.quality) { $0.append($1.rawValue) } }
        }
        bytes.append(paidEnergy)
        guard let provenance else { return }
        bytes.append(provenance.parametersHash)
        bytes.append(provenance.termsHash)
        bytes.append(provenance.inputsHash)
        bytes.append(provenance.codeVersion)
        bytes.append(provenance.calendarVersion)
        bytes.append(provenance.members) { bytes, member in
            bytes.append(member.ruleID)
            bytes.append(member.ruleVersion)
            bytes.append(member.share)
            bytes.append(Int64(member.placeboDays))
            bytes.append(member.placeboError)
            bytes.append(member.daysUsed) { $0.append(Int64($1.daysSinceEpoch)) }
            bytes.append(member.adjustment.beforeClamp) { $0.append($1) }
            bytes.append(member.adjustment.applied)
        }
        bytes.append(provenance.parts) { bytes, part in
            bytes.append(part.kind.rawValue)
            bytes.append(part.amount.parts)
        }
        bytes.append(provenance.snapBack)
        bytes.append(provenance.preEventRise)
        bytes.append(provenance.multiplierMicros)
    }
}
