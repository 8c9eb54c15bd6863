import Testing

@testable import Forecasting

struct MethodSelectionTests {
    let task = ForecastTask(history: simulatedLoad(days: 28), stepsPerDay: 24, steps: 24)
    let backtest: Backtest

    init() {
        backtest = Backtest(task.normalised(days: 90), heldOutDays: 7, effort: .quick)
    }

    /// A method that errs by a constant.
    func result(_ method: ForecastMethod, error: Double) -> Backtest.Result {
        Backtest.Result(
            method: method, means: backtest.actual.map { $0 + error },
            errors: [Double](repeating: 1, count: backtest.actual.count),
            parts: [(MethodRunner(method, effort: .quick), 1)])
    }

    @Test func `days are held out with whole days between them`() {
        #expect(backtest.origins == (21..<28).map { $0 * 24 })
        #expect(backtest.actual == Array(task.history.suffix(7 * 24)))
    }

    @Test func `a mean of opposite errors beats both and comes first`() throws {
        let results = [result(.likeDayMean(days: 4), error: 1), result(.seasonalNaive(days: 1), error: -1)]
        let ranked = MethodSelection(backtest: backtest, mostMembers: 8).rank(results)
        #expect(ranked.count == 3)
        #expect(ranked[0].parts.map(\.weight) == [0.5, 0.5])
        #expect(try #require(backtest.loss(ranked[0])) < 1e-12)
    }

    @Test func `a bad method is dropped and a lone or perfect one stays alone`() {
        let good = result(.likeDayMean(days: 4), error: 1)
        let bad = result(.seasonalNaive(days: 1), error: 2)
        let selection = MethodSelection(backtest: backtest, mostMembers: 8)
        #expect(selection.rank([bad, good]).map(\.method) == [good.method, bad.method])
        let perfect = result(.overallMean, error: 0)
        #expect(selection.rank([good, perfect]).first?.method == .overallMean)
        #expect(selection.rank([]).isEmpty)
        let near = result(.overallMean, error: 1.1)
        #expect(MethodSelection(backtest: backtest, mostMembers: 1).rank([good, near]).count == 2)
    }

    @Test func `a better member weighs more`() {
        let ranked = MethodSelection(backtest: backtest, mostMembers: 8)
            .rank([result(.overallMean, error: 1.2), result(.likeDayMean(days: 4), error: 1)])
        let ratio = ranked[0].parts[0].weight / ranked[0].parts[1].weight
        #expect(ranked[0].method == .combination([.likeDayMean(days: 4), .overallMean]))
        // Three quarters by the sixth power of the errors, a quarter to the one that alone helps.
        let power = 1 / (1 + 1 / 2.985984)
        #expect((ratio - (0.75 * power + 0.25) / (0.75 * (1 - power))).magnitude < 1e-6)
    }
}
