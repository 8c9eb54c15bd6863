import DemandResponse
import Optimization

/// A portfolio as one mixed-integer model, every pattern a column: what the decomposition is compared with. Written from
/// the model's description alone, so it also counts a plan's cost again.
struct WholeModel {
    let portfolio: Portfolio
    let model: LinearModel
    private let columns: [(resource: Int, start: Int, end: Int)]

    init(_ portfolio: Portfolio) throws {
        self.portfolio = portfolio
        var model = LinearModel()
        var columns: [(resource: Int, start: Int, end: Int)] = []
        var limits: [String: [LinearModel.Term]] = [:]
        let width = portfolio.callable.count
        for (place, resource) in portfolio.resources.enumerated() where resource.mayBeCalled {
            var own: [LinearModel.Term] = []
            for start in portfolio.callable where start >= resource.earliest {
                for end in (start + 1)...portfolio.callable.upperBound {
                    let duration = portfolio.offsets[end] - portfolio.offsets[start]
                    guard duration >= resource.shortest, duration <= resource.longest else { continue }
                    var cost = resource.callCost
                    var uses: [String: Double] = [:]
                    for interval in start..<end {
                        let row = place * width + interval - portfolio.callable.lowerBound
                        let mean = portfolio.means[row]
                        cost += resource.energyPrice * mean * portfolio.hours[interval] + resource.comfort
                        guard let margin = portfolio.demands[interval]?.margin else { continue }
                        let first = interval == start ? resource.firstShare : 1
                        uses["delivery \(interval)", default: 0] +=
                            first * (mean - margin.varianceFactor * portfolio.variances[row])
                        uses["shed \(resource.feeder) \(interval)", default: 0] += first * mean
                    }
                    for lag in 0..<min(portfolio.reboundLength, portfolio.intervalCount - end) {
                        let power = portfolio.rebounds[place * portfolio.reboundLength + lag]
                        if portfolio.demands[end + lag] != nil {
                            uses["delivery \(end + lag)", default: 0] -= power
                        } else {
                            uses["rebound \(end + lag)", default: 0] += power
                            uses["feeder rebound \(resource.feeder) \(end + lag)", default: 0] += power
                        }
                    }
                    let column = try model.addBinary("x", cost: cost)
                    columns.append((place, start, end))
                    own.append(.init(1, column))
                    for (row, use) in uses { limits[row, default: []].append(.init(use, column)) }
                }
            }
            if !own.isEmpty { try model.addRow("one", own, upper: 1) }
        }
        for interval in 0..<portfolio.intervalCount {
            if let demand = portfolio.demands[interval] {
                let short = try model.addColumn("short", cost: portfolio.shortfallPrice * portfolio.hours[interval])
                try model.addRow(
                    "delivery", (limits["delivery \(interval)"] ?? []) + [.init(1, short)], lower: demand.needed)
            }
            try model.addRow(
                "rebound", limits["rebound \(interval)"] ?? [], upper: portfolio.reboundLimit[interval])
            for (feeder, limit) in portfolio.feeders.enumerated() {
                try model.addRow(
                    "shed", limits["shed \(feeder) \(interval)"] ?? [], upper: limit.shedLimit[interval])
                try model.addRow(
                    "feeder rebound", limits["feeder rebound \(feeder) \(interval)"] ?? [],
                    upper: limit.reboundLimit[interval])
            }
        }
        self.model = model
        self.columns = columns
    }

    /// What a plan costs and whether it keeps every row, in this model's own words; nil when it breaks one.
    func cost(of patterns: [PortfolioPattern], shortfall: [Double]) -> Double? {
        var values = columns.map { column in
            let pattern = patterns[column.resource]
            return pattern.isCall && pattern.run == column.start..<column.end ? 1.0 : 0.0
        }
        for interval in 0..<portfolio.intervalCount where portfolio.demands[interval] != nil {
            values.append(shortfall[interval])
        }
        // Columns of shortfall lie behind those of the patterns, in order.
        return model.violation(of: values) == nil ? model.objective(of: values) : nil
    }
}
