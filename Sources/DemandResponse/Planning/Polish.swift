import Measures

/// Makes a small plan cheaper under its true distribution, where the tangent asks for more than is needed: leaves out a
/// call or puts a cheaper one in its place, the largest saving first, until nothing helps.
struct Polish {
    private let model: PatternModel

    /// Above this many calls the normal margin is near enough, and a distribution costs too much to be asked often.
    private static let mostCalls = 12
    /// Additions of one plan's distributions: well under a second.
    private static let work = 20_000_000

    init(_ model: PatternModel) {
        self.model = model
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
            guard budget > 0 else { return nil }
            var changed = selection
            changed.remove(at: move.place)
            if let pattern = move.pattern { changed.append(pattern) }
            guard isPlausible(changed) else { continue }
            budget -= 1
            if Delivery.isSureEnough(model, changed) { return changed }
        }
        return nil
    }

    private struct Move {
        let place: Int
        let pattern: DispatchPattern?
        let saving: Double
    }

    /// Every change of one call that saves money, the largest saving first.
    private func moves(_ selection: [DispatchPattern]) -> [Move] {
        let called = Set(selection.map(\.resource))
        var moves: [Move] = []
        for (place, current) in selection.enumerated() {
            let cost = model.cost(current)
            if cost > 0 { moves.append(Move(place: place, pattern: nil, saving: cost)) }
            for pattern in model.patterns
            where pattern.resource == current.resource || !called.contains(pattern.resource) {
                let saving = cost - model.cost(pattern)
                if saving > 1e-6 { moves.append(Move(place: place, pattern: pattern, saving: saving)) }
            }
        }
        return moves.enumerated().sorted { ($1.element.saving, $0.offset) < ($0.element.saving, $1.offset) }
            .map(\.element)
    }

    /// Not far below the target in expectation: worth a look at the distribution.
    private func isPlausible(_ selection: [DispatchPattern]) -> Bool {
        zip(model.moments(selection), model.request.target).allSatisfy { $0.mean >= 0.9 * $1.value }
    }
}
