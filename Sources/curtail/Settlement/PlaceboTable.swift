import DemandResponse

/// How near each rule comes on each series, as a table and as JSON.
struct PlaceboTable: Codable, Sendable {
    struct Cell: Codable, Sendable {
        let series: String
        let rule: String
        /// On how many days the rule had a baseline.
        let days: Int
        /// Percent of the mean load.
        let relativeError: Double
        let bias: Double
        let highLoadBias: Double
        /// A rule of a grid operator, which ours is compared with.
        let isGridOperator: Bool
    }

    struct Comparison: Codable, Sendable {
        let series: String
        let best: String
        /// Our error over that of the best grid operator's rule.
        let ratio: Double
    }

    let cells: [Cell]
    let comparisons: [Comparison]

    /// Every rule on every set, on all cores.
    static func make(
        _ sets: [PlaceboSet], rules: [BaselineRule], progress: @Sendable (Int) -> Void
    ) async -> PlaceboTable {
        let jobs = sets.indices.flatMap { set in rules.indices.map { (set: set, rule: $0) } }
        var cells = [Cell?](repeating: nil, count: jobs.count)
        await withTaskGroup(of: (Int, Cell?).self) { group in
            for (index, job) in jobs.enumerated() {
                group.addTask { (index, cell(sets[job.set], rules[job.rule])) }
            }
            var done = 0
            for await (index, cell) in group {
                cells[index] = cell
                done += 1
                progress(done)
            }
        }
        return PlaceboTable(sets.map(\.name), cells.compactMap(\.self))
    }

    init(_ names: [String], _ cells: [Cell]) {
        self.cells = cells
        comparisons = names.compactMap { name in
            let row = cells.filter { $0.series == name }
            let most = row.map(\.days).max() ?? 0
            // A rule that leaves days out is not compared: it may have left the hard ones.
            let operators = row.filter { $0.isGridOperator && $0.days == most }
            guard let best = operators.min(by: { $0.relativeError < $1.relativeError }),
                let ours = row.first(where: { $0.rule == BaselineRule.counterfactual?.id })
            else { return nil }
            return Comparison(series: name, best: best.rule, ratio: ours.relativeError / best.relativeError)
        }
    }

    private static func cell(_ set: PlaceboSet, _ rule: BaselineRule) -> Cell? {
        guard let accuracy = PlaceboAccuracy(rule.trials(set.days, set.context)) else { return nil }
        return Cell(
            series: set.name, rule: rule.id, days: accuracy.days, relativeError: accuracy.relativeError * 100,
            bias: accuracy.bias * 100, highLoadBias: accuracy.highLoadBias * 100,
            isGridOperator: BaselineRule.gridOperators.contains { $0.id == rule.id })
    }

    /// One row for each rule: error and, in brackets, bias on the days of the highest load.
    func rendered() -> String {
        var names: [String] = []
        for cell in cells where !names.contains(cell.series) { names.append(cell.series) }
        var rules: [String] = []
        for cell in cells where !rules.contains(cell.rule) { rules.append(cell.rule) }
        let header = names.map { name in
            "\(name) \(cells.filter { $0.series == name }.map(\.days).max() ?? 0) d"
        }
        var table = TextTable(["rule"] + header, leftColumns: [0])
        for rule in rules {
            table.add(
                [rule]
                    + names.map { name in
                        guard let cell = cells.first(where: { $0.series == name && $0.rule == rule }) else {
                            return "-"
                        }
                        let sign = cell.highLoadBias < 0 ? "" : "+"
                        return "\(cell.relativeError.fixed(2)) (\(sign)\(cell.highLoadBias.fixed(1)))"
                    })
        }
        let lines = comparisons.map {
            "\($0.series): ours has \($0.ratio.fixed(2)) of the error of the best grid operator's rule, \($0.best)"
        }
        return """
            CVRMSE % (NMBE % on the fifth of the days with the highest load)
            \(table.rendered())
            \(lines.joined(separator: "\n"))
            """
    }
}
