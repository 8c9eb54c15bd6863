import Forecasting
public import Measures

/// What the load would have been by a seasonal ARIMA model of the like days glued together, the event day appended up to
/// a gap before the event.
///
/// Only days of the event day's kind enter, so the model needs no season of the week; the event day itself moves the
/// forecast as a same-day adjustment would, without a cap that has to be chosen. Coefficients minimise the conditional
/// sum of squares (`ARIMA`); sums run in one fixed order, so equal input gives equal bits.
public struct LikeDayARIMA: Hashable, Sendable {
    /// How many calendar days before the event are looked at.
    public let lookBack: Int
    /// The latest like days that are learnt from, and how few will do.
    public let wanted: Int
    public let atLeast: Int
    /// The event day is known up to this long before the event: at least an hour, so that a site cannot raise its
    /// baseline once the event is near.
    public let gap: TimeSpan
    /// (p, d, q), and (P, D, Q) at the lag of a day.
    public let base: [Int]
    public let day: [Int]
    /// Regresses on the temperature and on what of it lies above the knot, where temperatures are known.
    public let temperatureKnot: Double?

    /// Nil for a gap under an hour, counts that cannot be met, or orders that are not three numbers from 0 to 4.
    public init?(
        lookBack: Int = 60, wanted: Int = 30, atLeast: Int = 7, gap: TimeSpan = .hours(1), base: [Int] = [2, 0, 1],
        day: [Int] = [0, 1, 1], temperatureKnot: Double? = nil
    ) {
        guard gap >= .hours(1), atLeast >= 4, wanted >= atLeast, lookBack >= wanted,
            [base, day].allSatisfy({ $0.count == 3 && $0.allSatisfy((0...4).contains) })
        else { return nil }
        self.lookBack = lookBack
        self.wanted = wanted
        self.atLeast = atLeast
        self.gap = gap
        self.base = base
        self.day = day
        self.temperatureKnot = temperatureKnot
    }

    func select(_ context: BaselineContext) -> DaySelection {
        var selection = DaySelection()
        let fit = context.fitDays(1...lookBack, &selection, isKind: context.isLike)
        let days = context.latest(fit, wanted, &selection)
        selection.choose(days, needed: atLeast)
        return selection
    }

    /// The forecast of the event day's slots from the gap on; nil where the model cannot tell.
    func forecast(_ context: BaselineContext, _ days: [CivilDay]) -> (Int) -> Double? {
        let history = context.history
        let cutoff = history.slot(context.event.start - gap)
        let known = cutoff.day == context.eventDay ? cutoff.slot : 0
        let glued = days.sorted() + [context.eventDay]
        // The two hours after the event as well, for its snap-back.
        let last = (context.eventSlots + context.shoulder(context.hoursAfter).map(\.slot)).max() ?? known
        var series: [Double] = []
        for day in glued {
            let count = day == context.eventDay ? known : history.slotsPerDay
            for slot in 0..<count {
                // An event soon after midnight: the gap reaches into the day before.
                let isKnown = (day, slot) < (cutoff.day, cutoff.slot)
                series.append(isKnown ? history.value(day, slot) ?? .nan : .nan)
            }
        }
        let regressors = regressors(context, glued, until: last)
        guard let forecast = predict(series, history.slotsPerDay, regressors, steps: last - known + 1) else {
            return { _ in nil }
        }
        return { slot in slot >= known && slot <= last ? forecast[slot - known] : nil }
    }

    private func predict(
        _ series: [Double], _ slotsPerDay: Int, _ regressors: [[Double]], steps: Int
    ) -> [Double]? {
        // A load that never changes has no variance to model, and nothing to tell but itself.
        let known = series.filter(\.isFinite)
        if let first = known.first, known.allSatisfy({ $0 == first }) {
            return [Double](repeating: first, count: steps)
        }
        let order = ARIMAOrder(
            base[0], base[1], base[2],
            seasonal: [SeasonalOrder(day[0], day[1], day[2], period: slotsPerDay)])
        let options = ARIMA.Options(callsPerStart: 300, starts: 1, criterion: .conditional)
        guard order.isSupported,
            let fit = try? ARIMA.fit(
                series, order: order, regressors: regressors.map { Array($0.prefix(series.count)) }, options: options),
            let forecast = try? fit.forecast(
                steps: steps, futureRegressors: regressors.map { Array($0.dropFirst(series.count)) }),
            forecast.mean.allSatisfy(\.isFinite)
        else { return nil }
        return forecast.mean
    }

    /// Temperature and its excess over the knot, the last known value held in gaps; none without temperatures.
    private func regressors(_ context: BaselineContext, _ days: [CivilDay], until last: Int) -> [[Double]] {
        guard let knot = temperatureKnot, let temperatures = context.temperatures else { return [] }
        var column: [Double] = []
        var held = knot
        for day in days {
            for slot in 0..<(day == context.eventDay ? last + 1 : context.history.slotsPerDay) {
                held = temperatures.value(day, slot) ?? held
                column.append(held)
            }
        }
        return [column, column.map { max(0, $0 - knot) }]
    }
}
