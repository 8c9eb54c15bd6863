import DemandResponse
import Measures
import Testing

/// A nomination programme as utilities run it: the baseline is the mean of the same hours on the three previous weekdays,
/// the factor is the mean reduction over the nomination, and the pay is the nomination times the rate if the factor is
/// above one, else max(0, factor x rate x nomination), each line rounded to the cent.
@Suite struct NominationSheetTests {
    /// A line of a sheet, kW by hour from 14 to 18 on Friday, Monday, Tuesday and the event's Wednesday.
    struct Line: Sendable, CustomTestStringConvertible {
        let what: String
        let nomination: Double
        let rateCents: Int64
        let days: [[Double]]
        let event: [Double]
        let cents: Int64

        var testDescription: String { what }
    }

    /// Worked out by hand with decimals.
    static let lines = [
        // Mean 100; reduction 30 of 40: 0.75 x 2.80 x 40.
        Line(
            what: "three quarters", nomination: 40, rateCents: 280,
            days: [[100, 100, 100, 100], [90, 90, 90, 90], [110, 110, 110, 110]], event: [70, 70, 70, 70], cents: 8_400),
        // Means 61, 62, 63, 64; reductions 11, 12, 13, 14: 12.5 of 12.5 is not above one, and the same.
        Line(
            what: "exactly one", nomination: 12.5, rateCents: 101,
            days: [[60, 61, 62, 63], [61, 62, 63, 64], [62, 63, 64, 65]], event: [50, 50, 50, 50], cents: 1_263),
        // 50 of 12.5: the nomination is paid, 12.625, half a cent up.
        Line(
            what: "above one", nomination: 12.5, rateCents: 101,
            days: [[100, 100, 100, 100], [100, 100, 100, 100], [100, 100, 100, 100]], event: [50, 50, 50, 50],
            cents: 1_263),
        // Mean 10.3333...; a third of a kW of 1: 100 cents, though no double is a third.
        Line(
            what: "thirds", nomination: 1, rateCents: 300,
            days: [[10, 10, 10, 10], [10, 10, 10, 10], [11, 11, 11, 11]], event: [10, 10, 10, 10], cents: 100),
        // 10, 10, -5, 0: 3.75 of 7.5, an hour above the baseline counted in: 0.5 x 0.75 x 7.5 = 2.8125.
        Line(
            what: "an hour above the baseline", nomination: 7.5, rateCents: 75,
            days: [[20, 20, 20, 20], [20, 20, 20, 20], [20, 20, 20, 20]], event: [10, 10, 25, 20], cents: 281),
        // 0.025 of 1 at 1.00 a kW: 2.5 cents, half a cent away from zero.
        Line(
            what: "half a cent", nomination: 1, rateCents: 100,
            days: [[5.025, 5.025, 5.025, 5.025], [5.025, 5.025, 5.025, 5.025], [5.025, 5.025, 5.025, 5.025]],
            event: [5, 5, 5, 5], cents: 3),
        Line(
            what: "more than the baseline", nomination: 10, rateCents: 280,
            days: [[20, 20, 20, 20], [20, 20, 20, 20], [20, 20, 20, 20]], event: [25, 25, 25, 25], cents: 0),
    ]

    private static func inputs(_ line: Line, _ meter: Int64) -> SettlementInputs {
        let wednesday = Instant(year: 2026, month: 7, day: 15)
        let first = wednesday - .days(5)
        var energies = [Double?](repeating: 500_000, count: 24 * 6)
        // Friday, Monday, Tuesday and the event; the weekend between them is far off.
        for (offset, hours) in zip([0, 3, 4, 5], line.days + [line.event]) {
            for (hour, kilowatts) in hours.enumerated() { energies[offset * 24 + 14 + hour] = kilowatts * 1_000 }
        }
        return SettlementInputs(
            event: ProgramEventID("sheet"), window: TimeWindow(start: wednesday + .hours(14), duration: .hours(4)),
            meter: MeterID(meter), participation: .optedIn, pledge: .kilowatts(line.nomination), zone: .utc,
            step: .hours(1), first: first, energies: energies)
    }

    private static func terms(_ rateCents: Int64) throws -> ProgramTerms {
        try ProgramTerms(
            program: ProgramID(1), version: "1", validFrom: Instant(secondsSinceEpoch: 0),
            baselineRules: [.threeWeekdays],
            payment: .nomination(.init(ratePerKilowatt: .cents(rateCents))),
            options: SettlementOptions(rounding: .eachPayment))
    }

    @Test(arguments: lines) func `a line of a sheet comes out to the cent`(line: Line) throws {
        let terms = try Self.terms(line.rateCents)
        let site = try terms.settle(Self.inputs(line, 1))
        #expect(site.baseline.daysUsed.map(\.description) == ["2026-07-14", "2026-07-13", "2026-07-10"])
        #expect(try terms.complete(ProgramEventID("sheet"), [SiteOutcome(site)]).total == .cents(line.cents))
    }

    @Test func `a sheet adds up to the sum of its rounded lines`() async throws {
        let lines = Self.lines.filter { $0.rateCents == 101 || $0.rateCents == 100 }
        let terms = try Self.terms(101)
        let sites = lines.enumerated().map { Self.inputs($1, Int64($0) + 1) }
        let run = try await SettlementRun.run(terms, ProgramEventID("sheet"), sites, width: 2)
        // 12.625 twice, and 0.02525: each by itself, as sheets do.
        #expect(run.settlement.sites.map(\.payment) == [.cents(1_263), .cents(1_263), .cents(3)])
        #expect(run.settlement.total == .cents(2_529))
    }
}
