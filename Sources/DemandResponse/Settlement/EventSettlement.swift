public import Measures

/// What an event comes to for all sites: payments in whole minor units that add up to the total.
public struct EventSettlement: Hashable, Sendable {
    public struct Site: Hashable, Sendable {
        public let settlement: SiteSettlement
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
        var settlements: [SiteSettlement] = []
        for site in sites.sorted(by: { $0.meter < $1.meter }) {
            if settlements.last?.meter == site.meter { throw .repeatedMeter(site.meter) }
            settlements.append(try settle(site))
        }
        guard let payments = LargestRemainder.round(settlements.map(\.amount)) else {
            throw .amountTooLarge(settlements[0].meter)
        }
        let counted = settlements.filter { $0.state == .settled && $0.participation == .optedIn }
        return EventSettlement(
            event: event, program: program, termsVersion: version,
            sites: zip(settlements, payments).map { .init(settlement: $0, payment: $1) },
            total: payments.reduce(Money(minorUnits: 0, currency: currency), +),
            reduction: counted.reduce(0) { $0 + $1.reduction })
    }
}
