import Measures

extension BaselineRule {
    /// The baseline of an event. Sums run in one fixed order, so equal input gives equal bits.
    public func baseline(_ context: BaselineContext) throws(BaselineRefusal) -> Baseline {
        if let flaw = context.flaw { throw refusal(flaw) }
        if case .placeboChoice(let choice) = selection {
            var memory = PlaceboChoice.Memory()
            return try blended(choice, context, &memory)
        }
        // Whatever a rule asks for: the load of the event, and of the hour before it, is not there.
        let context = context.withoutLateLoad()
        guard let selection = select(context) else { throw refusal(missingInput) }
        guard !selection.chosen.isEmpty, selection.chosen.count >= selection.needed else {
            let reason = BaselineRefusal.Reason.tooFewDays(
                found: selection.chosen.count, needed: max(1, selection.needed))
            throw refusal(
                reason,
                selection.considered.map {
                    $0.verdict == .chosen ? .init(day: $0.day, verdict: .rejected(.notNeeded)) : $0
                })
        }
        let load = load(context, selection.chosen)
        let adjustment = adjustment(context, load)
        var intervals: [Baseline.Interval] = []
        for (window, slot) in zip(context.event.intervals(every: context.history.step), context.eventSlots) {
            guard let value = load(slot) else { throw refusal(.unpredictable, selection.considered) }
            intervals.append(Baseline.Interval(window: window, power: Watts(adjustment.apply(value))))
        }
        func beside(_ window: TimeWindow) -> [Baseline.Interval] {
            context.shoulder(window).compactMap { interval, slot in
                load(slot).map { Baseline.Interval(window: interval, power: Watts(adjustment.apply($0))) }
            }
        }
        return Baseline(
            ruleID: id, ruleVersion: version, considered: selection.considered, daysUsed: selection.chosen,
            adjustment: adjustment, intervals: intervals, before: beside(context.hourBefore),
            after: beside(context.hoursAfter))
    }

    private func select(_ context: BaselineContext) -> DaySelection? {
        switch selection {
        case .averageDay(let rule): rule.select(context)
        case .controlGroup(let rule): rule.select(context)
        case .highOfLatest(let rule): rule.select(context)
        case .likeDayARIMA(let rule): rule.select(context)
        case .likeDays(let rule): rule.select(context)
        case .middleOfLatest(let rule): rule.select(context)
        // Members select for themselves.
        case .placeboChoice: nil
        case .timeOfWeekAndTemperature(let rule): context.temperatures == nil ? nil : rule.select(context)
        case .weatherMatching(let rule): rule.select(context)
        }
    }

    private var missingInput: BaselineRefusal.Reason {
        if case .controlGroup = selection { .noControlGroup } else { .unknownTemperature }
    }

    private func refusal(_ reason: BaselineRefusal.Reason, _ considered: [ConsideredDay] = []) -> BaselineRefusal {
        BaselineRefusal(ruleID: id, ruleVersion: version, reason: reason, considered: considered)
    }

    /// The load of a slot of the event day before any adjustment, in watts; nil where it cannot be told.
    private func load(_ context: BaselineContext, _ days: [CivilDay]) -> (Int) -> Double? {
        if case .controlGroup(let group) = selection { return group.load(context, days) }
        if case .likeDayARIMA(let model) = selection { return model.forecast(context, days) }
        if case .timeOfWeekAndTemperature(let regression) = selection { return regression.fit(context, days) }
        return { slot in
            // The chosen days have no gap, so every slot that they show has a value.
            let values = days.compactMap { context.history.value($0, slot) }
            return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
        }
    }

    private func adjustment(_ context: BaselineContext, _ load: (Int) -> Double?) -> Baseline.Adjustment {
        guard let adjustment else {
            return .init(
                beforeClamp: nil, applied: isAdditiveByNature ? 0 : 1, window: nil, isAdditive: isAdditiveByNature)
        }
        let window = TimeWindow(
            start: context.event.start - adjustment.startsBefore,
            duration: adjustment.startsBefore - adjustment.endsBefore)
        let slots = window.intervals(every: context.history.step).map { context.history.slot($0.start) }
        let actual = slots.compactMap { context.history.value($0.day, $0.slot) }
        guard actual.count == slots.count, slots.allSatisfy({ $0.day == context.eventDay }), !slots.isEmpty else {
            return adjustment.nothing(window)
        }
        let expected = slots.compactMap { load($0.slot) }
        guard expected.count == slots.count else { return adjustment.nothing(window) }
        return adjustment.applied(actual.reduce(0, +), expected.reduce(0, +), slots.count, window)
    }

    /// A PJM rule without its adjustment reads as "plus zero", any other as "times one".
    private var isAdditiveByNature: Bool {
        if case .highOfLatest = selection { true } else { false }
    }
}

extension SameDayAdjustment {
    fileprivate func nothing(_ window: TimeWindow) -> Baseline.Adjustment {
        .init(beforeClamp: nil, applied: kind == .additive ? 0 : 1, window: window, isAdditive: kind == .additive)
    }

    /// From the sums over the window of the event day and of the baseline.
    fileprivate func applied(
        _ actual: Double, _ expected: Double, _ count: Int, _ window: TimeWindow
    ) -> Baseline.Adjustment {
        switch kind {
        case .additive:
            let difference = (actual - expected) / Double(count)
            return .init(beforeClamp: difference, applied: difference, window: window, isAdditive: true)
        case .multiplicative(let lowest, let highest):
            // A site that exports or stands still has no meaningful ratio.
            guard expected > 0 else { return nothing(window) }
            let ratio = actual / expected
            return .init(
                beforeClamp: ratio, applied: min(max(ratio, lowest), highest), window: window, isAdditive: false)
        }
    }
}

extension Baseline.Adjustment {
    fileprivate func apply(_ power: Double) -> Double {
        guard isAdditive else { return power * applied }
        return window == nil ? power : max(0, power + applied)
    }
}
