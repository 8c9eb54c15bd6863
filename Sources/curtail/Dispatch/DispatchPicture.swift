import DemandResponse
import Measures
import Plots

/// The plot of a plan: the target, what is expected with its band, and what comes back afterwards.
struct DispatchPicture {
    private let record: DispatchRecord

    init(_ record: DispatchRecord) {
        self.record = record
    }

    func svg() -> String {
        let problem = record.problem
        let totals = record.plan.totals
        func points(_ value: (DispatchProposal.Total) -> Double) -> [PlotPoint] {
            totals.map { PlotPoint(problem.window($0.interval).start, value($0)) }
        }
        // Eighty per cent of a normal distribution.
        let band = totals.filter { $0.target != nil }.flatMap { total in
            let common = problem.commonError * total.expected
            let spread = 1.2816 * (total.deviation * total.deviation + common * common).squareRoot()
            let window = problem.window(total.interval)
            return [window.start, window.end].map {
                PlotBand.Edge($0, lower: total.expected - spread, upper: total.expected + spread)
            }
        }
        let targets = totals.filter { $0.target != nil }.map(\.interval)
        var layers: [PlotLayer] = []
        if let first = targets.first, let last = targets.last {
            layers.append(.window("Event", .event, problem.window(first..<(last + 1))))
        }
        layers += [
            .band(PlotBand("80 % interval", .forecast, band)),
            .step(PlotSeries("Expected", .forecast, points(\.expected)), interval: problem.step),
            .step(PlotSeries("Target", .limit, points { $0.target ?? .nan }), interval: problem.step),
            .step(PlotSeries("Comes back", .member(3), points { $0.rebound }), interval: problem.step),
        ]
        return Plot(
            title: "\(record.plan.calls.count) calls: target and expected reduction",
            span: problem.window(0..<problem.intervalCount), zone: .utc, unit: "kW", layers: layers
        ).svg()
    }
}
