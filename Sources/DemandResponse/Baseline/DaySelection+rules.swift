import Measures

extension LikeDays {
    func select(_ context: BaselineContext) -> DaySelection {
        var selection = DaySelection()
        let isBusinessDay = takesBusinessDaysOnly || context.isBusinessDay
        let fit = context.fitDays(1...lookBack, &selection) { context.calendar.isBusinessDay($0) == isBusinessDay }
        var days = context.latest(fit, wanted.count(isBusinessDay: isBusinessDay), &selection)
        let isEnough = days.count >= atLeast.count(isBusinessDay: isBusinessDay)
        if isEnough, let highest {
            days = context.highest(days, highest.count(isBusinessDay: isBusinessDay), &selection)
        }
        selection.choose(days, needed: isEnough ? 0 : atLeast.count(isBusinessDay: isBusinessDay))
        return selection
    }
}

extension WeatherMatching {
    /// Nil when the event day's temperature is not known.
    func select(_ context: BaselineContext) -> DaySelection? {
        guard let today = context.maximumTemperatures[context.eventDay], today.isFinite else { return nil }
        var selection = DaySelection()
        var known: [(day: CivilDay, distance: Double)] = []
        for day in context.fitDays(1...lookBack, &selection, isKind: context.isLike) {
            if let temperature = context.maximumTemperatures[day], temperature.isFinite {
                known.append((day, abs(temperature - today)))
            } else {
                selection.reject(day, .unknownTemperature)
            }
        }
        let ranked = known.sorted { ($0.distance, $1.day) < ($1.distance, $0.day) }.map(\.day)
        for day in ranked.dropFirst(nearest) { selection.reject(day, .temperature) }
        selection.choose(Array(ranked.prefix(nearest)), needed: nearest)
        return selection
    }
}

extension HighOfLatest {
    func select(_ context: BaselineContext) -> DaySelection {
        var selection = DaySelection()
        let isBusinessDay = context.isBusinessDay
        let wanted = wanted.count(isBusinessDay: isBusinessDay)
        let fit = context.fitDays(1...lookBack, &selection) { kind($0, context) == kind(context.eventDay, context) }
        let days = context.latest(withoutLowUse(fit, wanted, context, &selection), wanted, &selection)
        let isEnough = days.count >= wanted
        selection.choose(
            isEnough ? context.highest(days, highest.count(isBusinessDay: isBusinessDay), &selection) : days,
            needed: isEnough ? 0 : wanted)
        return selection
    }

    /// Drops days under the share of the latest ones' mean until none is left.
    private func withoutLowUse(
        _ days: [CivilDay], _ wanted: Int, _ context: BaselineContext, _ selection: inout DaySelection
    ) -> [CivilDay] {
        var left = days
        while true {
            let set = left.prefix(wanted).map { (day: $0, mean: context.eventMean($0) ?? 0) }
            let mean = set.reduce(0) { $0 + $1.mean } / Double(max(1, set.count))
            let low = Set(set.filter { $0.mean < lowUseShare * mean }.map(\.day))
            guard !low.isEmpty else { return left }
            for day in low { selection.reject(day, .lowUse) }
            left.removeAll(where: low.contains)
        }
    }

    /// Business day, Saturday, or Sunday and holiday.
    private func kind(_ day: CivilDay, _ context: BaselineContext) -> Int {
        if context.calendar.isBusinessDay(day) { return 0 }
        return day.weekday == 6 && !context.calendar.holidays.contains(day) ? 1 : 2
    }
}

extension AverageDay {
    func select(_ context: BaselineContext) -> DaySelection {
        var selection = DaySelection()
        let isBusinessDay = context.isBusinessDay
        let wanted = wanted.count(isBusinessDay: isBusinessDay)
        let days = isBusinessDay ? businessDays(context, wanted, &selection) : weekdays(context, wanted, &selection)
        let isEnough = days.count >= atLeast.count(isBusinessDay: isBusinessDay)
        selection.choose(
            isEnough ? context.highest(days, highest.count(isBusinessDay: isBusinessDay), &selection) : days,
            needed: isEnough ? 0 : atLeast.count(isBusinessDay: isBusinessDay))
        return selection
    }

    /// The level starts at the highest single value in the event's hours and then is the mean of the days taken.
    private func businessDays(
        _ context: BaselineContext, _ wanted: Int, _ selection: inout DaySelection
    ) -> [CivilDay] {
        let slots = context.eventSlots
        var level =
            (1...lookBack).lazy
            .flatMap { back in slots.compactMap { context.history.value(context.eventDay + -back, $0) } }.max() ?? 0
        var taken: [CivilDay] = []
        var sum = 0.0
        for day in context.fitDays(startsDaysBefore...lookBack, &selection, isKind: context.isLike) {
            let mean = context.eventMean(day) ?? 0
            if taken.count == wanted {
                selection.reject(day, .notNeeded)
            } else if mean < lowUseShare * level {
                selection.reject(day, .lowUse)
            } else {
                taken.append(day)
                sum += mean
                level = sum / Double(taken.count)
            }
        }
        return taken
    }

    /// The same weekdays; holidays and events count like any other.
    private func weekdays(_ context: BaselineContext, _ wanted: Int, _ selection: inout DaySelection) -> [CivilDay] {
        let fit = context.fitDays(1...weekdayLookBack, &selection, ignoringEvents: true) {
            $0.weekday == context.eventDay.weekday
        }
        return context.latest(fit, wanted, &selection)
    }
}

extension MiddleOfLatest {
    func select(_ context: BaselineContext) -> DaySelection {
        var selection = DaySelection()
        let fit = context.fitDays(1...lookBack, &selection, isKind: context.isLike)
        let days = context.latest(fit, wanted, &selection)
        guard days.count >= atLeast else {
            selection.choose(days, needed: atLeast)
            return selection
        }
        let ranked = days.map { (mean: context.history.dailyMean($0) ?? 0, day: $0) }
            .sorted { ($0.mean, $1.day) < ($1.mean, $0.day) }.map(\.day)
        for day in [ranked[0], ranked[ranked.count - 1]] { selection.reject(day, .load) }
        selection.choose(Array(ranked.dropFirst().dropLast()), needed: 0)
        return selection
    }
}
