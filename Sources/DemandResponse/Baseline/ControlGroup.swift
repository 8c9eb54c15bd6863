import Measures

/// What like meters drew that were not called, at the meter's own scale: a control group, randomly drawn or matched.
///
/// The scale is the meter's use over the group's in the event's hours of the latest like days. Before the group may speak
/// for the meter it has to have done so on those days: bias and precision are tested first, as CAISO's working group on
/// baselines asks (BAWG proposal, appendix A).
public struct ControlGroup: Hashable, Sendable {
    public let lookBack: Int
    public let wanted: Int
    public let atLeast: Int
    /// The largest relative root mean square error on the days of the test. The bias is nil by the scale's choice.
    public let highestError: Double

    /// Nil for counts that cannot be met or an error that is not a number above zero.
    public init?(lookBack: Int = 45, wanted: Int = 10, atLeast: Int = 5, highestError: Double = 0.2) {
        guard atLeast >= 2, wanted >= atLeast, lookBack >= wanted, highestError > 0, highestError.isFinite else {
            return nil
        }
        self.lookBack = lookBack
        self.wanted = wanted
        self.atLeast = atLeast
        self.highestError = highestError
    }

    /// Like days on which the group has no gap in the event's hours either.
    func select(_ context: BaselineContext) -> DaySelection? {
        guard let group = context.controlGroup else { return nil }
        var selection = DaySelection()
        var fit: [CivilDay] = []
        for day in context.fitDays(1...lookBack, &selection, isKind: context.isLike) {
            if group.mean(day, context.eventSlots) == nil {
                selection.reject(day, .gap)
            } else {
                fit.append(day)
            }
        }
        selection.choose(context.latest(fit, wanted, &selection), needed: atLeast)
        return selection
    }

    /// Nil where the group does not follow the meter, or has no value.
    func load(_ context: BaselineContext, _ days: [CivilDay]) -> (Int) -> Double? {
        guard let group = context.controlGroup else { return { _ in nil } }
        var pairs: [(own: Double, others: Double)] = []
        for day in days.sorted() {
            for slot in context.eventSlots {
                guard let own = context.history.value(day, slot), let others = group.value(day, slot) else { continue }
                pairs.append((own, others))
            }
        }
        let own = pairs.reduce(0) { $0 + $1.own }
        let others = pairs.reduce(0) { $0 + $1.others }
        guard own > 0, others > 0 else { return { _ in nil } }
        let scale = own / others
        var squares = 0.0
        for pair in pairs { squares += (scale * pair.others - pair.own) * (scale * pair.others - pair.own) }
        let error = (squares / Double(pairs.count)).squareRoot() / (own / Double(pairs.count))
        guard error <= highestError else { return { _ in nil } }
        return { slot in group.value(context.eventDay, slot).map { $0 * scale } }
    }
}
