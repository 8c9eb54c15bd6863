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

    /// LBNL's regression with the same-day factor. Temperatures in degrees Fahrenheit, as the knots are.
    public static let timeOfWeekAndTemperature = BaselineRule(
        id: "towt", version: "1.0.0", selection: .timeOfWeekAndTemperature(.lbnl),
        adjustment: SameDayAdjustment(SameDayAdjustment.factor(within: 0.2)))

    public static let timeOfWeekAndTemperatureUnadjusted = BaselineRule(
        id: "towt-unadjusted", version: "1.0.0", selection: .timeOfWeekAndTemperature(.lbnl), adjustment: nil)

    /// Every rule above.
    public static let standard = [
        caiso10of10, caiso10of10Unadjusted, caiso5of10, caisoWeatherMatching, ercot8of10, nyiso5of10,
        nyiso5of10Unadjusted, pjm4of5, pjm4of5Unadjusted, timeOfWeekAndTemperature, timeOfWeekAndTemperatureUnadjusted,
    ]
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
