import DemandResponse
import Glibc
import Measures
import Optimization
import SiteScheduling

/// A solver that never has an answer in time.
private struct NoSolver: LinearSolver {
    func solve(_ model: LinearModel, limits: SolveLimits) async -> SolveOutcome { .noIncumbent }
}

/// Plans random problems and looks at each plan with the tests' own checker.
enum Fuzz {
    /// Prints a line of JSON, and every violation with the number that makes it again. Returns whether there was none.
    static func dispatch(count: Int, seed: UInt64, clock: @escaping @Sendable () -> Double) async -> Bool {
        var limits = PortfolioSolver.Limits()
        limits.gap = 0.02
        limits.exchangePairs = 1_000
        limits.coreNodes = 50
        // Nodes and pairs end every search, never the clock: a violation can be made again.
        var withSolver = PortfolioPlanner(limits: limits, clock: { 0 })
        withSolver.passes = 2
        // The solver takes most of the time, so every fiftieth has it; the others take the way of a deadline.
        var withoutSolver = PortfolioPlanner(limits: limits, solver: NoSolver(), clock: { 0 })
        withoutSolver.passes = 1
        var calls = 0
        var critical = 0
        var violations = 0
        var statuses: [DispatchProposal.Status: Int] = [:]
        var bounds = 0
        for number in 0..<UInt64(count) {
            var generator = SplitMix64(seed: seed &* 1_000_003 &+ number)
            let problem = randomProblem(&generator, resources: 1...(number % 200 == 0 ? 30 : 6))
            let check = ProblemCheck(problem)
            var found: [String]
            do {
                let plan = try await (number % 50 == 7 ? withSolver : withoutSolver).plan(problem)
                found = check.violations(plan)
                calls += plan.calls.count
                statuses[plan.status, default: 0] += 1
                let names = Set(problem.resources.filter { $0.resourceClass == .critical }.map(\.name))
                critical += plan.calls.count { names.contains($0.resource) }
                // Every fiftieth small one is decided by enumeration too: no bound may lie above the optimum.
                if number % 50 == 1, let least = check.leastCost(plan) {
                    bounds += 1
                    if plan.bound > least * (1 + 1e-7) + 1e-7 { found.append("bound \(plan.bound) above \(least)") }
                    if plan.cost < least * (1 - 1e-7) - 1e-7 { found.append("cost \(plan.cost) below \(least)") }
                }
            } catch {
                found = ["refused: \(error)"]
            }
            violations += found.count
            for text in found { print("violation in \(number): \(text)") }
            if (number + 1) % 10_000 == 0 { report(Int(number) + 1) }
        }
        report(count)
        return violations == 0

        func report(_ done: Int) {
            print(
                """
                {"fuzz": "dispatch", "instances": \(done), "violations": \(violations), "critical called": \(critical), \
                "calls": \(calls), "within gap": \(statuses[.withinGap] ?? 0), "gap not reached": \
                \(statuses[.gapNotReached] ?? 0), "short": \(statuses[.short] ?? 0), "bounds enumerated": \(bounds), \
                "cpu": \(clock())}
                """)
            fflush(nil)
        }
    }

    /// Sites with a battery only: the dynamic program agrees with the model, and no schedule breaks the plant.
    static func site(count: Int, seed: UInt64, clock: @escaping @Sendable () -> Double) async throws -> Bool {
        var worst = 0.0
        var wrong = 0
        for number in 0..<UInt64(count) {
            var generator = SplitMix64(seed: seed &* 1_000_003 &+ number)
            func random(_ range: ClosedRange<Double>) -> Double { Double.random(in: range, using: &generator) }
            let steps = Int.random(in: 4...24, using: &generator)
            let site = try Site(
                hours: 0.5, base: (0..<steps).map { _ in random(0...4) }, solar: (0..<steps).map { _ in random(0...4) },
                importPrice: (0..<steps).map { _ in random(0.1...0.6) },
                exportPrice: (0..<steps).map { _ in random(0...0.5) }, gridPower: 20,
                battery: Site.Battery(
                    capacity: 10, floor: 1, start: 5, chargePower: 4, dischargePower: 4, wear: 0.01,
                    endValue: random(0...0.3)))
            let schedule = await SitePlanner(limits: SolveLimits(seconds: 60, gap: 0)).schedule(site)
            guard let program = StorageProgram(site, points: 361).solve() else { continue }
            let difference = program.cost - schedule.cost
            worst = max(worst, difference)
            if schedule.status != .proven || difference < -1e-6 || difference > 0.05 {
                wrong += 1
                print("disagreement in \(number): \(program.cost) and \(schedule.cost), \(schedule.status)")
            }
        }
        print(
            """
            {"fuzz": "battery-only sites", "instances": \(count), "disagreements": \(wrong), "largest difference": \
            \(worst), "cpu": \(clock())}
            """)
        return wrong == 0
    }
}
