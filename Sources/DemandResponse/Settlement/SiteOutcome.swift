/// What an event comes to for one site, without the intervals and days that it was counted from: as much as has to be kept
/// of every site until all of them are counted.
public struct SiteOutcome: Hashable, Sendable {
    public let meter: MeterID
    public let participation: Participation
    public let state: SiteSettlement.State
    /// Over the measured intervals, in Wh.
    public let baseline: Int64
    public let actual: Int64
    /// Baseline less actual; so are the others in Wh.
    public let reduction: Int64
    public let snapBack: Int64
    public let preEventRise: Int64
    public let paidEnergy: Int64
    /// Mean reduction over the pledge; nil without a pledge or when excluded.
    public let performance: Double?
    /// They add up to the amount.
    public private(set) var parts: [PaymentPart]
    public private(set) var amount: ExactAmount
    public let ruleID: String
    /// What the programme's admission test said of the baseline; nil without one.
    public let admission: AdmissionTest.Verdict?

    public init(_ settlement: SiteSettlement) {
        let measured = settlement.intervals.filter { $0.actual != nil }
        meter = settlement.meter
        participation = settlement.participation
        state = settlement.state
        baseline = measured.reduce(0) { $0 + $1.baseline }
        actual = measured.reduce(0) { $0 + ($1.actual ?? 0) }
        reduction = settlement.reduction
        snapBack = settlement.snapBack
        preEventRise = settlement.preEventRise
        paidEnergy = settlement.paidEnergy
        performance = settlement.performance
        parts = settlement.parts
        amount = settlement.amount
        ruleID = settlement.baseline.ruleID
        admission = settlement.baseline.admission
    }

    /// The same with a share of a pool; nil when it is beyond what can be counted.
    func sharing(_ share: ExactAmount) -> SiteOutcome? {
        guard let amount = ExactAmount.sum([amount, share], share.currency) else { return nil }
        var shared = self
        shared.amount = amount
        shared.parts.append(PaymentPart(.pool, share))
        return shared
    }
}
