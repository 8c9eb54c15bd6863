import Measures

/// The days a rule picked, and what became of every other one.
struct DaySelection {
    private(set) var verdicts: [CivilDay: ConsideredDay.Verdict] = [:]
    /// In the rule's order.
    private(set) var chosen: [CivilDay] = []
    private(set) var needed = 0

    mutating func reject(_ day: CivilDay, _ reason: ConsideredDay.Reason) {
        verdicts[day] = .rejected(reason)
    }

    /// Takes `days` in their order when there are enough of them.
    mutating func choose(_ days: [CivilDay], needed: Int) {
        self.needed = needed
        chosen = days
        for day in days { verdicts[day] = .chosen }
    }

    /// Newest first.
    var considered: [ConsideredDay] {
        verdicts.sorted { $0.key > $1.key }.map { ConsideredDay(day: $0.key, verdict: $0.value) }
    }
}

extension BaselineContext {
    /// The fit days of a kind from `first` to `last` days before the event, newest first; others are rejected.
    func fitDays(
        _ days: ClosedRange<Int>, _ selection: inout DaySelection, ignoringEvents: Bool = false,
        isKind: (CivilDay) -> Bool
    ) -> [CivilDay] {
        var fit: [CivilDay] = []
        for day in days.map({ eventDay + -$0 }) {
            if !isKind(day) {
                selection.reject(day, .kind)
            } else if let reason = unfitness(day, ignoringEvents: ignoringEvents) {
                selection.reject(day, reason)
            } else {
                fit.append(day)
            }
        }
        return fit
    }

    /// The latest `count`; the rest is not needed.
    func latest(_ days: [CivilDay], _ count: Int, _ selection: inout DaySelection) -> [CivilDay] {
        for day in days.dropFirst(count) { selection.reject(day, .notNeeded) }
        return Array(days.prefix(count))
    }

    /// The `count` days with the highest mean over the event, highest first, the newest of equals; the rest is lower.
    func highest(_ days: [CivilDay], _ count: Int, _ selection: inout DaySelection) -> [CivilDay] {
        let ranked = days.map { (day: $0, mean: eventMean($0) ?? 0) }
            .sorted { ($0.mean, $0.day) > ($1.mean, $1.day) }.map(\.day)
        for day in ranked.dropFirst(count) { selection.reject(day, .load) }
        return Array(ranked.prefix(count))
    }

    func isLike(_ day: CivilDay) -> Bool { calendar.isBusinessDay(day) == isBusinessDay }
}
