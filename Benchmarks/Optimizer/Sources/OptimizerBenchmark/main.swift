import DemandResponse
import Glibc
import Optimization

// optimizer-benchmark ours FILE GAP | cbc FILE GAP SECONDS | draws FILE.json DRAWS | fuzz COUNT SEED
// | sites COUNT SEED | site all | evcc all
// One line of JSON; times are CPU seconds.

@Sendable func cpuSeconds() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

func megabytes() -> Int {
    var usage = rusage()
    getrusage(0, &usage)
    return usage.ru_maxrss / 1_024
}

func number(_ place: Int, else value: Double) -> Double {
    CommandLine.arguments.count > place ? Double(CommandLine.arguments[place]) ?? value : value
}

func solve(_ instance: Instance, gap: Double) async -> PortfolioPlan {
    var limits = PortfolioSolver.Limits()
    limits.gap = gap
    return await PortfolioSolver(limits: limits, clock: cpuSeconds).solve(instance.portfolio)
}

if CommandLine.arguments.count > 2, ["fuzz", "sites"].contains(CommandLine.arguments[1]), let count = Int(CommandLine.arguments[2]) {
    let seed = UInt64(number(3, else: 1))
    let isClean =
        CommandLine.arguments[1] == "sites"
        ? try await Fuzz.site(count: count, seed: seed, clock: cpuSeconds)
        : await Fuzz.dispatch(count: count, seed: seed, clock: cpuSeconds)
    exit(isClean ? 0 : 1)
}
if CommandLine.arguments.count > 2, CommandLine.arguments[2] == "all" {
    if CommandLine.arguments[1] == "site" {
        try await SiteCases.run(clock: cpuSeconds)
    } else {
        try await SiteCases.evcc(clock: cpuSeconds)
    }
    exit(0)
}
if CommandLine.arguments.count > 2, CommandLine.arguments[1] == "draws" {
    try await Delivery.run(path: CommandLine.arguments[2], draws: Int(number(3, else: 100_000)), clock: cpuSeconds)
    exit(0)
}
guard CommandLine.arguments.count > 2, let instance = Instance(path: CommandLine.arguments[2]) else {
    print("usage: optimizer-benchmark ours|cbc|draws FILE ...")
    exit(2)
}
let begin = cpuSeconds()
switch CommandLine.arguments[1] {
case "ours":
    let plan = await solve(instance, gap: number(3, else: 0.0024))
    let seconds = cpuSeconds() - begin
    var counted = "null"
    if instance.portfolio.resources.count <= 20_000 {
        counted = try WholeModel(instance.portfolio).cost(of: plan.patterns, shortfall: plan.shortfall).map { "\($0)" }
            ?? "\"broken\""
    }
    print(
        """
        {"solver": "curtail", "resources": \(plan.patterns.count), "cost": \(plan.cost), "bound": \(plan.bound), \
        "gap": \(plan.gap), "cpu": \(seconds), "megabytes": \(megabytes()), "rounds": \(plan.rounds), \
        "counted again": \(counted)}
        """)
case "cbc":
    let whole = try WholeModel(instance.portfolio)
    let built = cpuSeconds()
    let outcome = await CBCSolver().solve(
        whole.model, limits: SolveLimits(seconds: number(4, else: 300), gap: number(3, else: 0.01)))
    let solution = outcome.solution
    print(
        """
        {"solver": "cbc", "resources": \(instance.portfolio.resources.count), \
        "cost": \(solution.map { "\($0.objective)" } ?? "null"), "bound": \(solution.map { "\($0.bound)" } ?? "null"), \
        "gap": \(solution.map { "\($0.gap)" } ?? "null"), "cpu": \(cpuSeconds() - built), "megabytes": \(megabytes())}
        """)
default:
    print("unknown: \(CommandLine.arguments[1])")
    exit(2)
}
