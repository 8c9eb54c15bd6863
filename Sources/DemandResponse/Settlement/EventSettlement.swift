public import Measures

/// What an event comes to for all sites: payments in whole minor units that add up to the total.
public struct EventSettlement: Hashable, Sendable {
    public struct Site: Hashable, Sendable {
        public let settlement: SiteOutcome
        public let payment: Money
    }

    public let event: ProgramEventID
    public let program: ProgramID
    public let termsVersion: String
    /// In the order of the meters.
    public let sites: [Site]
    /// The exact sum of the payments, rounded once.
    public let total: Money
    /// The measured reduction of the sites that are settled and took part, in Wh.
    public let reduction: Int64
}

extension ProgramTerms {
    /// Settles an event; the result does not depend on the order of the sites.
    public func settle(_ event: ProgramEventID, _ sites: [SiteEvent]) throws(SettlementError) -> EventSettlement {
        var settlements: [SiteOutcome] = []
        for site in sites.sorted(by: { $0.meter < $1.meter }) {
            if settlements.last?.meter == site.meter { throw .repeatedMeter(site.meter) }
            settlements.append(SiteOutcome(try settle(site)))
        }
        return try complete(event, settlements)
    }

    /// Shares a pool and rounds; the settlements are in the order of their meters.
    public func complete(
        _ event: ProgramEventID, _ settled: [SiteOutcome]
    ) throws(SettlementError) -> EventSettlement {
        let settlements = try shared(settled)
        let amounts = settlements.map(\.amount)
        let rounded: [Money]? =
            switch options.rounding {
            case .eventTotal: LargestRemainder.round(amounts)
            case .eachPayment: amounts.map(\.rounded)
            }
        guard let payments = rounded else { throw .amountTooLarge(settlements[0].meter) }
        let counted = settlements.filter { $0.state == .settled && $0.participation == .optedIn }
        return EventSettlement(
            event: event, program: program, termsVersion: version,
            sites: zip(settlements, payments).map { .init(settlement: $0, payment: $1) },
            total: payments.reduce(Money(minorUnits: 0, currency: currency), +),
            reduction: counted.reduce(0) { $0 + $1.reduction })
    }

    /// The budget in proportion to what is paid, so that nothing of it is left when anybody reduced.
    private func shared(_ settlements: [SiteOutcome]) throws(SettlementError) -> [SiteOutcome] {
        guard case .pool(let pool) = payment else { return settlements }
        let total = settlements.reduce(Int128(0)) { $0 + Int128($1.paidEnergy) }
        guard total > 0 else { return settlements }
        let budget = Int128(pool.budget.minorUnits) * Int128(ExactAmount.partsPerMinorUnit)
        var given: Int128 = 0
        var seen: Int128 = 0
        var shared: [SiteOutcome] = []
        for settlement in settlements {
            // Differences of a running share: they add up to the budget exactly.
            seen += Int128(settlement.paidEnergy)
            let upTo = budget * seen / total
            guard let parts = Int64(exactly: upTo - given),
                let site = settlement.sharing(ExactAmount(parts: parts, currency: currency))
            else { throw .amountTooLarge(settlement.meter) }
            given = upTo
            shared.append(site)
        }
        return shared
    }
}
