import Optimization

/// The master problem of the decomposition by feeder: convex combinations of each feeder's proposals that keep every
/// limit, at prices that stay in a box around the best ones so far.
///
/// ```
/// minimise    sum cost * weight + sum high * relaxed - sum low * pressed
/// subject to  delivery, rebound and feeder rows, each with its relaxed and pressed column
///             sum of a feeder's weights = 1
/// ```
///
/// A relaxed column at cost `high` keeps its row's price at most `high`, a pressed one at `low` keeps it at least that:
/// the box of the price. Rows of feeders come in when a proposal first breaks their limit.
struct FeederMaster: ~Copyable {
    /// A limit that has a row.
    enum Limit: Hashable {
        case delivery(Int)
        case rebound(Int)
        case shed(feeder: Int, Int)
        case feederRebound(feeder: Int, Int)
    }

    /// What a feeder's resources do together at some prices.
    struct Proposal {
        let feeder: Int
        /// The round of prices that it came from; nil for calling nobody.
        let round: Int?
        let activity: PortfolioActivity
    }

    private let portfolio: Portfolio
    private var program = GrowingProgram()
    private(set) var limits: [Limit] = []
    private var rows: [Limit: Int] = [:]
    private var proposals: [Proposal] = []
    /// What each column is: a proposal, or the box of a limit.
    private enum Column {
        case proposal(Int)
        case relaxed(Int)
        case pressed(Int)
    }
    private var columns: [Column] = []
    /// The row of each limit: those of the feeders' weights come in between.
    private var rowOfLimit: [Int] = []

    init(_ portfolio: Portfolio) {
        self.portfolio = portfolio
        program.addRows(portfolio.feeders.map { _ in (lower: 1, upper: 1, entries: .init()) })
        let nothing = PortfolioActivity(portfolio)
        add(portfolio.feeders.indices.map { Proposal(feeder: $0, round: nil, activity: nothing) })
        for interval in 0..<portfolio.intervalCount {
            if portfolio.demands[interval] != nil { add(.delivery(interval)) }
            if portfolio.reboundLimit[interval].isFinite { add(.rebound(interval)) }
        }
    }

    /// Adds proposals, and rows for the limits of feeders that they break.
    mutating func add(_ new: [Proposal]) {
        for proposal in new {
            let feeder = portfolio.feeders[proposal.feeder]
            for interval in 0..<portfolio.intervalCount {
                if proposal.activity.shed[interval] > feeder.shedLimit[interval] {
                    add(.shed(feeder: proposal.feeder, interval))
                }
                if proposal.activity.rebound[interval] > feeder.reboundLimit[interval] {
                    add(.feederRebound(feeder: proposal.feeder, interval))
                }
            }
        }
        program.addColumns(
            new.map { proposal in
                var entries = GrowingProgram.Entries()
                entries.append(1, at: proposal.feeder)
                for (index, limit) in limits.enumerated() {
                    entries.append(Self.use(limit, of: proposal), at: rowOfLimit[index])
                }
                return (cost: proposal.activity.cost, upper: .infinity, entries: entries)
            })
        for proposal in new {
            columns.append(.proposal(proposals.count))
            proposals.append(proposal)
        }
    }

    private mutating func add(_ limit: Limit) {
        guard rows[limit] == nil else { return }
        let index = limits.count
        let row = program.rowCount
        rows[limit] = index
        limits.append(limit)
        rowOfLimit.append(row)
        var entries = GrowingProgram.Entries()
        for (place, column) in columns.enumerated() {
            guard case .proposal(let proposal) = column else { continue }
            entries.append(Self.use(limit, of: proposals[proposal]), at: place)
        }
        program.addRows([(lower: lower(limit), upper: upper(limit), entries: entries)])
        var relaxed = GrowingProgram.Entries()
        relaxed.append(Self.sign(limit), at: row)
        var pressed = GrowingProgram.Entries()
        pressed.append(-Self.sign(limit), at: row)
        program.addColumns([
            (cost: 0, upper: .infinity, entries: relaxed), (cost: 0, upper: .infinity, entries: pressed),
        ])
        columns += [.relaxed(index), .pressed(index)]
    }

    private static func sign(_ limit: Limit) -> Double {
        if case .delivery = limit { 1 } else { -1 }
    }

    private static func use(_ limit: Limit, of proposal: Proposal) -> Double {
        switch limit {
        case .delivery(let interval): proposal.activity.delivery[interval]
        case .rebound(let interval): proposal.activity.rebound[interval]
        case .shed(let feeder, let interval): feeder == proposal.feeder ? proposal.activity.shed[interval] : 0
        case .feederRebound(let feeder, let interval):
            feeder == proposal.feeder ? proposal.activity.rebound[interval] : 0
        }
    }

    private func lower(_ limit: Limit) -> Double {
        if case .delivery(let interval) = limit { portfolio.demands[interval]?.needed ?? 0 } else { -.infinity }
    }

    private func upper(_ limit: Limit) -> Double {
        switch limit {
        case .delivery: .infinity
        case .rebound(let interval): portfolio.reboundLimit[interval]
        case .shed(let feeder, let interval): portfolio.feeders[feeder].shedLimit[interval]
        case .feederRebound(let feeder, let interval): portfolio.feeders[feeder].reboundLimit[interval]
        }
    }

    /// What came of a solve: prices in the box, the value that no prices in it can exceed as far as the proposals tell,
    /// and the weights of the proposals.
    struct Answer {
        let prices: PortfolioPrices
        let value: Double
        let weights: [(proposal: Proposal, weight: Double)]
    }

    /// Prices within `radius` times the scale of `center`.
    mutating func solve(center: PortfolioPrices, radius: Double, seconds: Double) -> Answer? {
        var costs: [Double] = []
        costs.reserveCapacity(columns.count)
        for column in columns {
            switch column {
            case .proposal(let place): costs.append(proposals[place].activity.cost)
            case .relaxed(let index): costs.append(box(limits[index], center, radius).upperBound)
            case .pressed(let index): costs.append(-box(limits[index], center, radius).lowerBound)
            }
        }
        program.setCosts(costs)
        guard let optimum = program.solve(seconds: seconds) else { return nil }
        var prices = PortfolioPrices(portfolio)
        for (index, limit) in limits.enumerated() {
            let box = box(limit, center, radius)
            let price = Self.sign(limit) * optimum.prices[rowOfLimit[index]]
            prices[limit, portfolio.intervalCount] = min(max(price, box.lowerBound), box.upperBound)
        }
        var weights: [(proposal: Proposal, weight: Double)] = []
        for (place, column) in columns.enumerated() {
            guard case .proposal(let proposal) = column, optimum.values[place] > 1e-9 else { continue }
            weights.append((proposals[proposal], optimum.values[place]))
        }
        return Answer(prices: prices, value: optimum.objective, weights: weights)
    }

    private func box(_ limit: Limit, _ center: PortfolioPrices, _ radius: Double) -> ClosedRange<Double> {
        let price = center[limit, portfolio.intervalCount]
        var highest = Double.infinity
        if case .delivery(let interval) = limit { highest = portfolio.shortfallPrice(in: interval) }
        let low = min(max(0, price - radius), highest)
        return low...max(low, min(highest, price + radius))
    }
}

extension PortfolioPrices {
    subscript(limit: FeederMaster.Limit, intervalCount: Int) -> Double {
        get {
            switch limit {
            case .delivery(let interval): delivery[interval]
            case .rebound(let interval): rebound[interval]
            case .shed(let feeder, let interval): shed[feeder * intervalCount + interval]
            case .feederRebound(let feeder, let interval): feederRebound[feeder * intervalCount + interval]
            }
        }
        set {
            switch limit {
            case .delivery(let interval): delivery[interval] = newValue
            case .rebound(let interval): rebound[interval] = newValue
            case .shed(let feeder, let interval): shed[feeder * intervalCount + interval] = newValue
            case .feederRebound(let feeder, let interval): feederRebound[feeder * intervalCount + interval] = newValue
            }
        }
    }
}
