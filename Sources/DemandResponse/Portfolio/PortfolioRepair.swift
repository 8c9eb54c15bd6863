/// Brings a plan back under every limit of feeders and rebound by not calling some: those first whose call costs most
/// for each kW that it takes of the broken limits. To call fewer breaks no other such limit, so this always ends.
struct PortfolioRepair {
    let portfolio: Portfolio

    func repaired(_ patterns: [PortfolioPattern]) -> [PortfolioPattern] {
        var patterns = patterns
        var excess = PortfolioAccount(portfolio, patterns).excess
        while let worst = excess.max(by: { $0.power < $1.power }) {
            drop(worst, &patterns)
            excess = PortfolioAccount(portfolio, patterns).excess
        }
        return patterns
    }

    private func drop(_ excess: PortfolioExcess, _ patterns: inout [PortfolioPattern]) {
        let range: Range<Int>
        let interval: Int
        let isRebound: Bool
        switch excess.limit {
        case .rebound(let at): (range, interval, isRebound) = (portfolio.resources.indices, at, true)
        case .shed(let feeder, let at): (range, interval, isRebound) = (members(feeder), at, false)
        case .feederRebound(let feeder, let at): (range, interval, isRebound) = (members(feeder), at, true)
        }
        var users: [(resource: Int, power: Double, price: Double)] = []
        for resource in range where patterns[resource].isCall {
            var activity = PortfolioActivity(portfolio)
            activity.add(patterns[resource], of: resource, portfolio)
            let power = isRebound ? activity.rebound[interval] : activity.shed[interval]
            if power > 0 { users.append((resource, power, activity.cost / power)) }
        }
        users.sort { $0.price == $1.price ? $0.resource < $1.resource : $0.price > $1.price }
        var left = excess.power
        for user in users {
            guard left > 0 else { return }
            patterns[user.resource] = .none
            left -= user.power
        }
    }

    private func members(_ feeder: Int) -> Range<Int> {
        portfolio.feederStarts[feeder]..<portfolio.feederStarts[feeder + 1]
    }
}
