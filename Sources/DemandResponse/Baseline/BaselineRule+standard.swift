import Measures

/// The grid operators' rules as public excerpts give them (CAISO Baseline Accuracy Assessment, Nexant 2017; PJM, NYISO
/// and ERCOT registers; LBNL loadshape). No tariff text was at hand: check a rule against its tariff before quoting it.
extension BaselineRule {
    /// CAISO's standard for proxy demand response: the mean of 10 business or 4 other days, 20 % adjustment.
    public static let caiso10of10 = BaselineRule(
        id: "caiso-10-of-10", version: "1.0.0", selection: .likeDays(.caiso),
        adjustment: SameDayAdjustment(SameDayAdjustment.factor(within: 0.2)))

    /// The same without an adjustment.
    public static let caiso10of10Unadjusted = BaselineRule(
        id: "caiso-10-of-10-unadjusted", version: "1.0.0", selection: .likeDays(.caiso), adjustment: nil)

    /// CAISO's residential rule: the 5 highest of 10 business days, or 4 other days, 40 % adjustment.
    public static let caiso5of10 = BaselineRule(
        id: "caiso-5-of-10", version: "1.0.0", selection: .likeDays(.caisoHighest),
        adjustment: SameDayAdjustment(SameDayAdjustment.factor(within: 0.4)))

    /// CAISO's weather matching: the 4 days of the nearest maximum temperature, 40 % adjustment.
    public static let caisoWeatherMatching = BaselineRule(
        id: "caiso-weather-4", version: "1.0.0", selection: .weatherMatching(.init(lookBack: 90, nearest: 4)),
        adjustment: SameDayAdjustment(SameDayAdjustment.factor(within: 0.4)))

    /// PJM's economic baseline with the symmetric additive adjustment.
    public static let pjm4of5 = BaselineRule(
        id: "pjm-4-of-5", version: "1.0.0", selection: .highOfLatest(.pjm), adjustment: SameDayAdjustment(.additive))

    public static let pjm4of5Unadjusted = BaselineRule(
        id: "pjm-4-of-5-unadjusted", version: "1.0.0", selection: .highOfLatest(.pjm), adjustment: nil)

    /// NYISO's average day with the in-day adjustment of the two hours that start four hours before the event.
    public static let nyiso5of10 = BaselineRule(
        id: "nyiso-5-of-10", version: "1.0.0", selection: .averageDay(.nyiso),
        adjustment: SameDayAdjustment(SameDayAdjustment.factor(within: 0.2), endsBefore: .hours(2)))

    public static let nyiso5of10Unadjusted = BaselineRule(
        id: "nyiso-5-of-10-unadjusted", version: "1.0.0", selection: .averageDay(.nyiso), adjustment: nil)

    /// ERCOT's middle 8 of 10 with a factor of the two hours that start three hours before the event.
    public static let ercot8of10 = BaselineRule(
        id: "ercot-8-of-10", version: "1.0.0",
        selection: .middleOfLatest(.init(lookBack: 60, wanted: 10, atLeast: 3)),
        adjustment: SameDayAdjustment(SameDayAdjustment.factor(within: 0.5), startsBefore: .hours(3)))

    /// MISO's mean of 10 weekdays, 20 % adjustment.
    public static let miso10of10 = BaselineRule(
        id: "miso-10-of-10", version: "1.0.0",
        selection: .likeDays(
            .init(
                lookBack: 45, wanted: DayCount(business: 10, other: 4), atLeast: DayCount(business: 10, other: 4))),
        adjustment: SameDayAdjustment(SameDayAdjustment.factor(within: 0.2)))

    /// The three latest weekdays that are neither holidays nor event days, as nomination programmes count.
    public static let threeWeekdays = BaselineRule(
        id: "three-weekdays", version: "1.0.0",
        selection: .likeDays(
            .init(
                lookBack: 30, wanted: DayCount(business: 3, other: 3), atLeast: DayCount(business: 3, other: 3),
                takesBusinessDaysOnly: true)), adjustment: nil)

    /// Ten like days with a factor of the hour that ends an hour before the event.
    public static let tenLikeDaysLastHour = BaselineRule(
        id: "ten-like-days-last-hour", version: "1.0.0",
        selection: .likeDays(
            .init(lookBack: 60, wanted: DayCount(business: 10, other: 4), atLeast: DayCount(business: 5, other: 4))),
        adjustment: SameDayAdjustment(SameDayAdjustment.factor(within: 0.4), startsBefore: .hours(2)))

    /// LBNL's regression with the same-day factor. Temperatures in degrees Fahrenheit, as the knots are.
    public static let timeOfWeekAndTemperature = BaselineRule(
        id: "towt", version: "1.0.0", selection: .timeOfWeekAndTemperature(.lbnl),
        adjustment: SameDayAdjustment(SameDayAdjustment.factor(within: 0.2)))

    public static let timeOfWeekAndTemperatureUnadjusted = BaselineRule(
        id: "towt-unadjusted", version: "1.0.0", selection: .timeOfWeekAndTemperature(.lbnl), adjustment: nil)

    /// The rules of grid operators, with and without their adjustments.
    public static let gridOperators = [
        caiso10of10, caiso10of10Unadjusted, caiso5of10, caisoWeatherMatching, ercot8of10, miso10of10, nyiso5of10,
        nyiso5of10Unadjusted, pjm4of5, pjm4of5Unadjusted,
    ]

    /// Every rule that terms may name: the grid operators', LBNL's, a control group's, and ours.
    public static let standard =
        gridOperators + [
            timeOfWeekAndTemperature, timeOfWeekAndTemperatureUnadjusted, threeWeekdays, tenLikeDaysLastHour,
        ] + [controlGroup, likeDayARIMA, counterfactual].compactMap(\.self)
}

extension BaselineRule {
    /// Meters that were not called, at the meter's scale.
    public static let controlGroup = ControlGroup().map {
        BaselineRule(id: "control-group", version: "1.0.0", selection: .controlGroup($0), adjustment: nil)
    }

    /// The seasonal ARIMA model of the like days with the event day up to an hour before the event, and the temperature
    /// where it is known; the knot is in degrees Fahrenheit, as LBNL's are.
    public static let likeDayARIMA = LikeDayARIMA(temperatureKnot: 65).map {
        BaselineRule(id: "like-day-arima", version: "1.0.0", selection: .likeDayARIMA($0), adjustment: nil)
    }

    /// Ours: the ARIMA counterfactual, LBNL's regression and three means of like days, each weighed by its error on the
    /// meter's own placebo days.
    public static let counterfactual = likeDayARIMA.flatMap { arima in
        PlaceboChoice(
            [caiso10of10, ercot8of10, tenLikeDaysLastHour, timeOfWeekAndTemperatureUnadjusted, arima],
            blend: .weighted(sharpness: 3))
    }.map {
        BaselineRule(id: "curtail-counterfactual", version: "1.0.0", selection: .placeboChoice($0), adjustment: nil)
    }
}

extension LikeDays {
    fileprivate static let caiso = LikeDays(
        lookBack: 45, wanted: DayCount(business: 10, other: 4), atLeast: DayCount(business: 5, other: 4))

    fileprivate static let caisoHighest = LikeDays(
        lookBack: 45, wanted: DayCount(business: 10, other: 4), atLeast: DayCount(business: 5, other: 4),
        highest: DayCount(business: 5, other: 4))
}

extension HighOfLatest {
    fileprivate static let pjm = HighOfLatest(
        lookBack: 45, wanted: DayCount(business: 5, other: 3), highest: DayCount(business: 4, other: 2),
        lowUseShare: 0.25)
}

extension AverageDay {
    fileprivate static let nyiso = AverageDay(
        lookBack: 30, startsDaysBefore: 2, wanted: DayCount(business: 10, other: 3),
        atLeast: DayCount(business: 5, other: 3), highest: DayCount(business: 5, other: 2), lowUseShare: 0.25,
        weekdayLookBack: 59)
}

extension TimeOfWeekAndTemperature {
    fileprivate static let lbnl = TimeOfWeekAndTemperature(
        lookBack: 56, knots: [40, 55, 65, 80, 90], leastBeyondKnot: 20, atLeast: 14)
}
