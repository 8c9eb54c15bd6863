import Measures

extension ProgramTerms {
    /// One site's settlement.
    public func settle(_ site: SiteEvent) throws(SettlementError) -> SiteSettlement {
        if let pledge = site.pledge {
            guard pledge > .zero, pledge.value <= 1e10 else { throw .unusablePledge(site.meter) }
        }
        let measured = try MeasuredEvent(site, options)
        let share = measured.share
        let state: SiteSettlement.State =
            switch site.participation {
            case .optedOutInTime: .excluded
            case .optedIn, .optedOutLate: share >= leastMeasuredShare ? .settled : .waiting(measuredShare: share)
            }
        let counts = state == .settled && site.participation == .optedIn
        let ratio = site.pledge.map { counts ? performance(measured, $0) : 0 }
        let paid = counts ? paidEnergy(measured, site.pledge) : 0
        let multiplier = counts ? multiplier(site.past) : 1_000_000
        let parts = try parts(site, measured, state: state, paid: paid, ratio: ratio, multiplier: multiplier)
        guard let amount = ExactAmount.sum(parts.map(\.amount), currency) else { throw .amountTooLarge(site.meter) }
        return SiteSettlement(
            meter: site.meter, participation: site.participation, state: state, intervals: measured.intervals,
            reduction: measured.reduction, snapBack: measured.snapBack, preEventRise: measured.preEventRise,
            paidEnergy: paid, performance: state == .settled ? ratio.map(limited) : nil, multiplierMicros: multiplier,
            parts: parts, amount: amount, baseline: site.baseline)
    }

    /// Mean reduction over the pledge, or over the firm service level what stayed under it.
    private func performance(_ measured: MeasuredEvent, _ pledge: Watts) -> Double {
        switch payment {
        case .firmServiceLevel:
            let most = pledge.value * measured.hours
            return max(0, 1 - Double(measured.excess(over: pledge)) / most)
        // Not rounded to the watt-hour: a nomination is paid by the factor itself.
        case .nomination: return measured.exactReduction / (pledge.value * measured.hours)
        case .energy, .market, .pool: return Double(measured.reduction) / (pledge.value * measured.hours)
        }
    }

    private func limited(_ performance: Double) -> Double { min(max(performance, 0), highestPerformance) }

    /// After deadband and guards, between floor and cap.
    private func paidEnergy(_ measured: MeasuredEvent, _ pledge: Watts?) -> Int64 {
        switch payment {
        case .energy(let payment):
            let lowest: Int64 =
                switch payment.floor {
                case .zero: 0
                case .excess(let most): -Int64(most.value.rounded())
                }
            var paid = max(measured.netReduction, lowest)
            if let cap = payment.cap, let pledge {
                paid = min(paid, Int64((cap * pledge.value * measured.hours).rounded()))
            }
            return paid
        case .market, .pool: return max(0, measured.netReduction)
        case .firmServiceLevel, .nomination: return 0
        }
    }

    /// The highest tier that the mean of the latest events reaches; one without tiers or events.
    private func multiplier(_ past: [PastPerformance]) -> Int64 {
        let latest = past.suffix(options.tierEvents).map(\.performance)
        guard !latest.isEmpty else { return 1_000_000 }
        let mean = latest.reduce(0, +) / Double(latest.count)
        return options.tiers.filter { $0.from <= mean }.max { $0.from < $1.from }?.multiplierMicros ?? 1_000_000
    }

    private func parts(
        _ site: SiteEvent, _ measured: MeasuredEvent, state: SiteSettlement.State, paid: Int64, ratio: Double?,
        multiplier: Int64
    ) throws(SettlementError) -> [PaymentPart] {
        guard state == .settled else { return [] }
        var parts: [PaymentPart] = []
        // Only who took part earns; who opted out late has missed what it pledged.
        if site.participation == .optedIn {
            guard let earned = try earned(site, measured, paid, ratio) else { throw .amountTooLarge(site.meter) }
            parts.append(earned)
            if multiplier != 1_000_000, earned.kind == .energy {
                guard let bonus = earned.amount.times(micros: multiplier - 1_000_000) else {
                    throw .amountTooLarge(site.meter)
                }
                parts.append(PaymentPart(.bonus, bonus))
            }
        }
        if let capacity = options.capacity, let pledge = site.pledge, let ratio {
            let share = capacity.curve.share(limited(ratio))
            let full = Double(capacity.ratePerKilowatt.minorUnits) * pledge.kilowatts
            guard let amount = ExactAmount(minorUnits: share * full, currency) else {
                throw .amountTooLarge(site.meter)
            }
            parts.append(PaymentPart(share < 0 ? .charge : .capacity, amount))
        }
        guard let sum = ExactAmount.sum(parts.map(\.amount), currency) else { throw .amountTooLarge(site.meter) }
        if let limit = limit(sum) { parts.append(PaymentPart(.limit, limit)) }
        return parts
    }

    private func earned(
        _ site: SiteEvent, _ measured: MeasuredEvent, _ paid: Int64, _ ratio: Double?
    ) throws(SettlementError) -> PaymentPart? {
        switch payment {
        case .energy(let payment): return ExactAmount(payment.price, wattHours: paid).map { PaymentPart(.energy, $0) }
        case .nomination(let payment):
            guard let ratio, let pledge = site.pledge else { return PaymentPart(.energy, .zero(currency)) }
            let full = Double(payment.ratePerKilowatt.minorUnits) * pledge.kilowatts
            return ExactAmount(minorUnits: min(max(ratio, 0), 1) * full, currency).map { PaymentPart(.energy, $0) }
        case .market(let market): return try marketAmount(site, measured, market).map { PaymentPart(.energy, $0) }
        case .firmServiceLevel(let firm):
            guard let pledge = site.pledge else { return PaymentPart(.charge, .zero(currency)) }
            return ExactAmount(firm.excessPrice, wattHours: -measured.excess(over: pledge))
                .map { PaymentPart(.charge, $0) }
        // Shared out when all sites are known.
        case .pool: return PaymentPart(.pool, .zero(currency))
        }
    }

    /// The reductions of the intervals at their prices, the sum not below zero.
    private func marketAmount(
        _ site: SiteEvent, _ measured: MeasuredEvent, _ market: MarketPayment
    ) throws(SettlementError) -> ExactAmount? {
        var amounts: [ExactAmount] = []
        for interval in measured.intervals {
            guard let price = site.prices[interval.window.start] else {
                throw .noPrice(site.meter, interval.window.start)
            }
            guard price.currency == currency else { throw .differentCurrency(site.meter, interval.window.start) }
            guard price.micros >= market.leastPrice.micros, price.micros > 0, let reduction = interval.reduction else {
                continue
            }
            guard let amount = ExactAmount(price, wattHours: measured.counted(reduction)),
                let share = amount.times(micros: market.shareMicros)
            else { return nil }
            amounts.append(share)
        }
        return ExactAmount.sum(amounts, currency).map { $0.parts < 0 ? .zero(currency) : $0 }
    }

    /// What brings a sum within the limits in money; nil within them.
    private func limit(_ sum: ExactAmount) -> ExactAmount? {
        let unit = ExactAmount.partsPerMinorUnit
        if let most = options.mostPaid, sum.parts > most.minorUnits * unit {
            return ExactAmount(parts: most.minorUnits * unit - sum.parts, currency: currency)
        }
        if let least = options.leastPaid, sum.parts < least.minorUnits * unit {
            return ExactAmount(parts: least.minorUnits * unit - sum.parts, currency: currency)
        }
        return nil
    }
}
