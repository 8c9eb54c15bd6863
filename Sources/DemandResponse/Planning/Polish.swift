import Measures

/// Makes a small plan cheaper under its true distribution, where the tangent asks for more than is needed: leaves out
/// calls or puts cheaper ones in their place, the largest saving first, until nothing helps.
struct Polish {
    private let model: PatternModel
    /// The expected reduction of each pattern in each interval, in watts.
    private let means: [DispatchPattern: [Double]]

    /// Above this many calls the normal margin is near enough, and a distribution costs too much to be asked often.
    private static let mostCalls = 12
    /// Up to this many patterns two calls are changed at once.
    private static let mostPaired = 100
    /// Additions for one plan's distributions: well under a second.
    private static let work = 20_000_000

    init(_ model: PatternModel) {
        self.model = model
        means = Dictionary(
            model.patterns.map { pattern in
                let resource = model.resources[pattern.resource]
                return (pattern, model.request.intervals.indices.map { pattern.mean(resource, at: $0) })
            }
        ) { first, _ in first }
    }

    func improved(_ candidate: DispatchCandidate) -> DispatchCandidate {
        guard candidate.selection.count <= Self.mostCalls else { return candidate }
        let evaluation = candidate.selection.count << candidate.selection.count * model.request.intervals.count
        var budget = min(Self.work / max(1, evaluation), 2_000)
        var selection = candidate.selection
        while let better = cheaper(selection, &budget) { selection = better }
        return selection == candidate.selection ? candidate : candidate.replaced(by: selection, model)
    }

    private func cheaper(_ selection: [DispatchPattern], _ budget: inout Int) -> [DispatchPattern]? {
        for move in moves(selection) {
            let changed = selection.indices.filter { !move.removed.contains($0) }.map { selection[$0] } + move.added
            guard changed.count <= Self.mostCalls, isPlausible(changed) else { continue }
            guard budget > 0 else { return nil }
            budget -= 1
            if Delivery.isSureEnough(model, changed) { return changed }
        }
        return nil
    }

    private struct Move {
        let removed: [Int]
        let added: [DispatchPattern]
        let saving: Double
    }

    /// Every change that saves money, the largest saving first, equal ones in one fixed order.
    private func moves(_ selection: [DispatchPattern]) -> [Move] {
        let isPaired = model.patterns.count <= Self.mostPaired
        let removals = Self.subsets(Array(selection.indices), isPaired ? 2 : 1).filter { !$0.isEmpty }
        let additions = Self.subsets(model.patterns, isPaired ? 2 : 1)
            .filter { $0.count < 2 || $0[0].resource != $0[1].resource }
            .map { (patterns: $0, cost: $0.reduce(0) { $0 + model.cost($1) }) }
        var moves: [Move] = []
        for removed in removals {
            let freed = removed.reduce(0) { $0 + model.cost(selection[$1]) }
            let kept = Set(selection.indices.filter { !removed.contains($0) }.map { selection[$0].resource })
            for addition in additions where freed - addition.cost > 1e-6 {
                guard !addition.patterns.contains(where: { kept.contains($0.resource) }) else { continue }
                moves.append(Move(removed: removed, added: addition.patterns, saving: freed - addition.cost))
            }
        }
        return moves.enumerated().sorted { ($1.element.saving, $0.offset) < ($0.element.saving, $1.offset) }
            .map(\.element)
    }

    /// None, each one, and with a size of two each two of the elements.
    private static func subsets<Element>(_ elements: [Element], _ size: Int) -> [[Element]] {
        var subsets = [[]] + elements.map { [$0] }
        guard size > 1 else { return subsets }
        for (index, first) in elements.enumerated() {
            for second in elements[(index + 1)...] { subsets.append([first, second]) }
        }
        return subsets
    }

    /// Worth a look at the distribution: what delivers D with probability P, and never less than nothing, is expected
    /// to deliver P * D at least.
    private func isPlausible(_ selection: [DispatchPattern]) -> Bool {
        let rows = selection.compactMap { means[$0] }
        let share = 0.99 * model.request.deliveryProbability
        return model.request.target.indices.allSatisfy { index in
            rows.reduce(0) { $0 + $1[index] } >= share * model.request.target[index].value
        }
    }
}
