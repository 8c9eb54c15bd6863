public import Measures

/// A choice among rules for each meter, or a mean of them, by how they did on the meter's own placebo days before the
/// event.
///
/// Every candidate is tried on the latest like days without an event, at the event's hours, with what was known `gap`
/// before; the weights are the mean squared errors to the power of minus `sharpness`. Only earlier days decide, and of
/// the event day's temperature only what could be foreseen is used, so a weight cannot be bought on the day.
public struct PlaceboChoice: Hashable, Sendable {
    public enum Blend: Hashable, Sendable {
        /// The candidate of the least error alone.
        case best
        /// All of them; two errors in the ratio of two to one weigh 1 to 2 to the power of twice the sharpness.
        case weighted(sharpness: Int)
    }

    public let candidates: [BaselineRule]
    public let blend: Blend
    /// How many placebo days are tried at most, how few will do, and how far back they are looked for.
    public let placeboDays: Int
    public let atLeast: Int
    public let lookBack: Int
    /// At least an hour.
    public let gap: TimeSpan

    /// Nil without candidates, for candidates that choose themselves, and for counts or a gap that cannot be.
    public init?(
        _ candidates: [BaselineRule], blend: Blend, placeboDays: Int = 20, atLeast: Int = 5, lookBack: Int = 60,
        gap: TimeSpan = .hours(1)
    ) {
        let isNested = candidates.contains {
            if case .placeboChoice = $0.selection { true } else { false }
        }
        guard !candidates.isEmpty, !isNested, Set(candidates.map(\.id)).count == candidates.count, atLeast >= 1,
            placeboDays >= atLeast, lookBack >= placeboDays, gap >= .hours(1)
        else { return nil }
        if case .weighted(let sharpness) = blend { guard (1...8).contains(sharpness) else { return nil } }
        self.candidates = candidates
        self.blend = blend
        self.placeboDays = placeboDays
        self.atLeast = atLeast
        self.lookBack = lookBack
        self.gap = gap
    }

    /// What the candidates gave on days that were looked at before, for trials on many days of one meter.
    typealias Memory = [CivilDay: [Baseline?]]

    /// What each candidate says of a day with what was known the gap before; nil where it says nothing.
    private func outcomes(_ context: BaselineContext, _ memory: inout Memory) -> [Baseline?] {
        if let known = memory[context.eventDay] { return known }
        let context = context.known(before: gap)
        let outcomes = candidates.map { try? $0.baseline(context) }
        memory[context.eventDay] = outcomes
        return outcomes
    }

    /// The candidates that have a baseline for the event, with their shares; the reason of the first where none has.
    func members(
        _ context: BaselineContext, _ memory: inout Memory
    ) throws(BaselineRefusal) -> [(baseline: Baseline, member: Baseline.Member)] {
        let outcomes = outcomes(context, &memory)
        let able = outcomes.indices.filter { outcomes[$0] != nil }
        guard !able.isEmpty else {
            // Once more, for its reason.
            let baseline = try candidates[0].baseline(context.known(before: gap))
            return [(baseline, member(baseline, share: 1, error: nil))]
        }
        let errors = errors(able, context, &memory)
        let shares = shares(errors?.map(\.meanSquare) ?? able.map { _ in 1 })
        return zip(able, shares.indices).compactMap { candidate, place in
            outcomes[candidate].map { ($0, member($0, share: shares[place], error: errors?[place])) }
        }
    }

    private func member(
        _ baseline: Baseline, share: Double, error: (meanSquare: Double, days: Int)?
    ) -> Baseline.Member {
        Baseline.Member(
            ruleID: baseline.ruleID, ruleVersion: baseline.ruleVersion, share: share, placeboDays: error?.days ?? 0,
            placeboError: error?.meanSquare.squareRoot() ?? 0, daysUsed: baseline.daysUsed,
            adjustment: baseline.adjustment)
    }

    /// Of the candidates at `able`; nil with too few days on which all of them can be tried.
    private func errors(
        _ able: [Int], _ context: BaselineContext, _ memory: inout Memory
    ) -> [(meanSquare: Double, days: Int)]? {
        guard able.count > 1 else { return nil }
        var sums = [Double](repeating: 0, count: able.count)
        var days = 0
        for day in context.placeboDays(placeboDays, lookBack: lookBack) {
            guard let placebo = context.moved(to: day), let actual = context.actual(day) else { continue }
            let outcomes = outcomes(placebo, &memory)
            guard able.allSatisfy({ outcomes[$0] != nil }) else { continue }
            days += 1
            for (place, candidate) in able.enumerated() {
                guard let baseline = outcomes[candidate] else { continue }
                sums[place] += PlaceboTrial(day, baseline, actual).squaredError
            }
        }
        guard days >= atLeast else { return nil }
        return sums.map { ($0 / Double(days), days) }
    }

    /// They add up to one.
    private func shares(_ meanSquares: [Double]) -> [Double] {
        let least = meanSquares.min() ?? 0
        switch blend {
        case .best:
            let first = meanSquares.firstIndex(of: least)
            return meanSquares.indices.map { $0 == first ? 1 : 0 }
        case .weighted(let sharpness):
            // Relative to the least error: no square is too small or too large to be raised.
            let floor = max(least, .leastNormalMagnitude)
            let weights = meanSquares.map { square in
                (0..<sharpness).reduce(1.0) { weight, _ in weight * (floor / max(square, floor)) }
            }
            let sum = weights.reduce(0, +)
            return weights.map { $0 / sum }
        }
    }
}

extension BaselineRule {
    /// The mean of the members by their shares.
    func blended(
        _ choice: PlaceboChoice, _ context: BaselineContext, _ memory: inout PlaceboChoice.Memory
    ) throws(BaselineRefusal) -> Baseline {
        let members: [(baseline: Baseline, member: Baseline.Member)]
        do {
            members = try choice.members(context, &memory)
        } catch {
            throw BaselineRefusal(
                ruleID: id, ruleVersion: version, reason: error.reason, considered: error.considered)
        }
        func mean(_ part: KeyPath<Baseline, [Baseline.Interval]>) -> [Baseline.Interval] {
            let parts = members.filter { $0.member.share > 0 }.map { ($0.baseline[keyPath: part], $0.member.share) }
            guard let first = parts.first?.0, parts.allSatisfy({ $0.0.map(\.window) == first.map(\.window) }) else {
                return []
            }
            return first.indices.map { index in
                var power = 0.0
                for (intervals, share) in parts { power += share * intervals[index].power.value }
                return Baseline.Interval(window: first[index].window, power: Watts(power))
            }
        }
        let counted = members.filter { $0.member.share > 0 }
        let used = Set(counted.flatMap(\.baseline.daysUsed)).sorted(by: >)
        var verdicts: [CivilDay: ConsideredDay.Verdict] = [:]
        for considered in counted.flatMap(\.baseline.considered)
        where verdicts[considered.day] != .chosen && (considered.verdict == .chosen || verdicts[considered.day] == nil)
        {
            verdicts[considered.day] = considered.verdict
        }
        return Baseline(
            ruleID: id, ruleVersion: version,
            considered: verdicts.sorted { $0.key > $1.key }.map { ConsideredDay(day: $0.key, verdict: $0.value) },
            daysUsed: used,
            adjustment: Baseline.Adjustment(beforeClamp: nil, applied: 1, window: nil, isAdditive: false),
            intervals: mean(\.intervals), members: members.map(\.member), before: mean(\.before), after: mean(\.after))
    }
}
