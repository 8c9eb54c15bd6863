import DemandResponse
import Foundation
import MariaDB
import Measures
import Optimization
import Persistence

/// A plan with everything that it was made from, and the hashes of both: what is kept, explained and made again.
struct DispatchRecord: Codable {
    /// What the search was told, beside the problem.
    struct Settings: Codable, Hashable {
        var gap: Double
        /// A backstop: a plan that it cuts off depends on the machine.
        var seconds: Double
        var coreNodes = 400
        var coreResources = 1_000
        var exchangePairs = 10_000_000
        var passes = 8

        init(gap: Double, seconds: Double) {
            self.gap = gap
            self.seconds = seconds
        }
    }

    static let kind = "curtail dispatch plan 1"

    let format: String
    /// SHA-256 of problem and settings, in hexadecimal digits.
    let inputs: String
    /// SHA-256 of the plan.
    let outcome: String
    /// Solver and model, with their versions.
    let solver: String
    let settings: Settings
    let problem: DispatchProblem
    let plan: DispatchProposal

    static let solverNow = "\(CBCSolver.version), portfolio model 2"

    private struct Inputs: Encodable {
        let problem: DispatchProblem
        let settings: Settings
    }

    /// Sorted keys, nothing for people: the same bytes for the same value.
    private static func bytes(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(value))
    }

    private static func digest(_ value: some Encodable) throws -> String {
        let digits = Array("0123456789abcdef")
        return String(Runtime.sha256(try bytes(value)).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    static func digest(_ problem: DispatchProblem, _ settings: Settings) throws -> String {
        try digest(Inputs(problem: problem, settings: settings))
    }

    /// - Parameter archive: where the solver writes its models down.
    static func made(
        _ problem: DispatchProblem, _ settings: Settings, archive: ModelArchive = .ofFailures
    ) async throws -> DispatchRecord {
        var limits = PortfolioSolver.Limits()
        limits.gap = settings.gap
        limits.seconds = settings.seconds
        limits.coreSeconds = settings.seconds
        limits.coreNodes = settings.coreNodes
        limits.coreResources = settings.coreResources
        limits.exchangePairs = settings.exchangePairs
        let begin = ContinuousClock.now
        var planner = PortfolioPlanner(limits: limits, solver: CBCSolver(archive: archive)) {
            let passed = (ContinuousClock.now - begin).components
            return Double(passed.seconds) + Double(passed.attoseconds) * 1e-18
        }
        planner.passes = settings.passes
        do {
            let plan = try await planner.plan(problem)
            return DispatchRecord(
                format: kind, inputs: try digest(problem, settings), outcome: try digest(plan), solver: solverNow,
                settings: settings, problem: problem, plan: plan)
        } catch let error as DispatchProblemError {
            throw CommandFailure("The portfolio makes no sense: \(error).", hint: "mend it there", status: .refused)
        }
    }

    /// A kept plan; refused when it or its inputs were changed since.
    static func read(_ path: String) throws -> DispatchRecord {
        try InputFile.decode(DispatchRecord.self, from: path, what: "plan").checked(path)
    }

    private func checked(_ path: String) throws -> DispatchRecord {
        guard format == Self.kind else {
            throw CommandFailure(
                "\(path) is of the form '\(format)', not '\(Self.kind)'.", hint: "plan again with this version",
                status: .refused)
        }
        guard try Self.digest(problem, settings) == inputs, try Self.digest(plan) == outcome else {
            throw CommandFailure(
                "\(path) was changed after it was made: its hashes do not fit.",
                hint: "plan again: curtail dispatch plan", status: .refused)
        }
        return self
    }

    /// A plan by its number in the database, or by its file.
    static func named(_ name: String, _ services: ServiceOptions) async throws -> DispatchRecord {
        guard let number = Int64(name) else { return try read(name) }
        return try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) {
            try await kept(number, $0).record
        }
    }

    /// A plan that the database keeps, and the event that it was published as.
    static func kept(
        _ number: Int64, _ database: OperatorDatabase
    ) async throws -> (record: DispatchRecord, event: ProgramEventID?) {
        guard let kept = try await PlanStore(database.pool).record(PlanStore.PlanID(rawValue: number)) else {
            throw CommandFailure("There is no plan \(number).", hint: "see 'curtail dispatch list'", status: .notFound)
        }
        return (try parsed(kept.text, number), kept.event)
    }

    /// What the database keeps of a plan.
    static func parsed(_ text: String, _ number: Int64) throws -> DispatchRecord {
        try JSONDecoder().decode(DispatchRecord.self, from: Data(text.utf8)).checked("plan \(number)")
    }

    /// Keeps the plan in the database, and returns its number.
    ///
    /// - Parameter follows: the published plan whose event it completes.
    func keep(_ pool: MariaDBPool, follows: Int64? = nil) async throws -> Int64 {
        try await PlanStore(pool).save(
            PlanStore.Record(
                problem: problem, plan: plan, solver: solver, inputs: Self.bytes(ofDigits: inputs),
                outcome: Self.bytes(ofDigits: outcome), text: try text(),
                follows: follows.map { PlanStore.PlanID(rawValue: $0) })
        ).rawValue
    }

    private static func bytes(ofDigits digits: String) -> [UInt8] {
        let numbers = digits.utf8.map { $0 < 58 ? $0 - 48 : $0 - 87 }
        return stride(from: 0, to: numbers.count - 1, by: 2).map { numbers[$0] << 4 | numbers[$0 + 1] }
    }

    func text() throws -> String { String(decoding: try Self.bytes(self), as: UTF8.self) + "\n" }
}

extension DispatchRecord {
    private func percent(_ share: Double) -> String { "\((share * 100).fixed(1)) %" }

    /// Targets, deliveries and prices, a line for each interval with a target.
    func priceTable() -> String {
        var table = TextTable(
            ["interval", "target kW", "expected kW", "missing kW", "probability", "price per kW"], leftColumns: [0])
        for total in plan.totals {
            guard let target = total.target else { continue }
            table.add([
                "\(problem.window(total.interval).start)", target.fixed(1), total.expected.fixed(1),
                total.shortfall.fixed(1), total.probability.map(percent) ?? "", total.price.fixed(4),
            ])
        }
        return table.rendered()
    }

    /// The plan for people.
    func summary(all: Bool) -> String {
        let currency = problem.currency.rawValue
        var lines = [priceTable(), ""]
        lines.append(
            "\(plan.calls.count) of \(plan.candidates) resources that may be called are, of \(problem.resources.count)."
        )
        lines.append(
            "cost \(plan.cost.fixed(2)) \(currency), no plan costs less than \(plan.bound.fixed(2)): "
                + "a gap of \((plan.gap * 100).fixed(3)) % at most")
        if plan.shortfallCost > 0 {
            lines.append(
                "of which \(plan.shortfallCost.fixed(2)) \(currency) are the price of what is missing to targets and margins"
            )
        }
        if let reason = plan.reason { lines.append("note: \(reason)") }
        for price in plan.feederPrices.filter({ $0.shed > 1e-6 }).prefix(10) {
            lines.append(
                "feeder \(problem.feeders[price.feeder].name) is at its limit from "
                    + "\(problem.window(price.interval).start): a kW more would save \(price.shed.fixed(4)) \(currency)"
            )
        }
        let largest = plan.calls.sorted {
            let left = $0.expected.reduce(0, +)
            let right = $1.expected.reduce(0, +)
            return left == right ? $0.resource < $1.resource : left > right
        }
        let shown = all ? plan.calls : Array(largest.prefix(20))
        if !shown.isEmpty {
            var table = TextTable(
                ["resource", "from", "to", "share", "expected kWh", "cost"], leftColumns: [0, 1, 2])
            for call in shown {
                let window = problem.window(call.run)
                table.add([
                    call.resource.rawValue, "\(window.start)", "\(window.end)", percent(call.share),
                    (call.expected.reduce(0, +) * problem.step.hours).fixed(1), call.cost.fixed(2),
                ])
            }
            lines += ["", table.rendered()]
            if shown.count < plan.calls.count { lines.append("and \(plan.calls.count - shown.count) more: --all") }
        }
        lines += ["", "inputs \(inputs.prefix(16)), outcome \(outcome.prefix(16)), \(solver)"]
        return lines.joined(separator: "\n")
    }
}

/// What `plan --json` prints: the plan and its certificate, without the portfolio.
struct DispatchOutput: Encodable {
    /// The price of every limit that has one.
    struct Prices: Encodable {
        struct Interval: Encodable {
            let start: String
            let perKilowatt: Double
            let rebound: Double
        }

        struct Feeder: Encodable {
            let feeder: String
            let start: String
            let shed: Double
            let rebound: Double
        }

        let intervals: [Interval]
        let feeders: [Feeder]
    }

    /// Its number in the database; nil for a plan of a file.
    let number: Int64?
    let inputs: String
    let outcome: String
    let solver: String
    let settings: DispatchRecord.Settings
    let currency: Currency
    let start: String
    let step: Int64
    let gap: Double
    let plan: DispatchProposal
    let prices: Prices

    init(_ record: DispatchRecord, number: Int64?) {
        self.number = number
        inputs = record.inputs
        outcome = record.outcome
        solver = record.solver
        settings = record.settings
        currency = record.problem.currency
        start = record.problem.start.description
        step = record.problem.step.seconds
        gap = record.plan.gap
        plan = record.plan
        prices = Self.prices(record)
    }

    static func prices(_ record: DispatchRecord) -> Prices {
        func start(_ interval: Int) -> String { record.problem.window(interval).start.description }
        return Prices(
            intervals: record.plan.totals.filter { $0.price > 0 || $0.reboundPrice > 0 }.map {
                .init(start: start($0.interval), perKilowatt: $0.price, rebound: $0.reboundPrice)
            },
            feeders: record.plan.feederPrices.map {
                .init(
                    feeder: record.problem.feeders[$0.feeder].name, start: start($0.interval), shed: $0.shed,
                    rebound: $0.rebound)
            })
    }
}
