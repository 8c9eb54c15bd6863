import DemandResponse
import Foundation

/// Plans a portfolio file as `curtail dispatch plan` does, without and with a common error of 5 %, and draws what each plan
/// delivers.
enum Delivery {
    static func run(path: String, draws: Int, clock: @escaping @Sendable () -> Double) async throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        for commonError in [0.0, 0.05] {
            var problem = try JSONDecoder().decode(DispatchProblem.self, from: data)
            problem.commonError = commonError
            var limits = PortfolioSolver.Limits()
            limits.gap = 0.0025
            let begin = clock()
            let plan = try await PortfolioPlanner(limits: limits, clock: clock).plan(problem)
            let seconds = clock() - begin
            let shares = MonteCarlo(problem: problem, plan: plan)
                .delivered(draws: draws, commonError: commonError, seed: commonError > 0 ? 2 : 1)
            let promised = plan.totals.compactMap { $0.target == nil ? nil : $0.probability }.min() ?? 0
            print(
                """
                {"resources": \(problem.resources.count), "common error": \(commonError), "draws": \(draws), \
                "least delivered": \(shares.min() ?? 0), "least promised": \(promised), "cost": \(plan.cost), \
                "gap": \(plan.gap), "status": "\(plan.status.rawValue)", "missing kWh for": \(plan.shortfallCost), \
                "calls": \(plan.calls.count), "passes": \(plan.passes), "cpu": \(seconds), "shares": \(shares)}
                """)
        }
    }
}
