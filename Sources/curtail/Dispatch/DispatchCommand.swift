import ArgumentParser
import DemandResponse
import Measures
import OpenADR

/// `curtail dispatch`: whom to call.
struct DispatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dispatch",
        abstract: "Decide whom to call, say why, and make old decisions again.",
        discussion: """
            A plan says whom of a portfolio to call, when and how deep, so that every interval's target is met with the
            probability asked for, at least cost. It comes with a bound that no plan can beat, the price of every limit,
            and a reason for every resource. Documentation/optimizer.md describes the portfolio file.
            """,
        subcommands: [
            DispatchPlanCommand.self, DispatchExplainCommand.self, DispatchReplayCommand.self, DispatchListCommand.self,
            DispatchPublishCommand.self, DispatchReplanCommand.self, DispatchRuleCommand.self,
            DispatchResourceCommand.self, DispatchFeederCommand.self,
        ])
}

/// `curtail dispatch plan`.
struct DispatchPlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Plan an event, for a portfolio file or for those who are enrolled.",
        discussion: """
            With a file, reads a portfolio (JSON): the target of each interval, resources with capacity, errors, prices and
            limits, feeders with what they can take. --out keeps the plan with its inputs for 'explain' and 'replay'.

            Without one, plans for the participants of the database ('curtail dispatch resource'), from the newest forecasts
            of their meters, their opt schedules, past calls and answers, and what they delivered in settled events, and
            keeps the plan there under a number.

            Examples:
              curtail dispatch plan --in 2h --duration 1h --reduce 500
              curtail dispatch plan portfolio.json
              curtail dispatch plan portfolio.json --probability 0.95 --common-error 0.05 --svg plan.svg
              curtail dispatch plan portfolio.json --gap 0.001 --out plan.json --json
            """)

    static let defaultProgram = "http://curtail.example/programmes/dispatch"

    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("The portfolio, a JSON file; without it, the database's.", valueName: "file"))
    var portfolio: String?

    @Option(
        name: .customLong("in"),
        help: ArgumentHelp("How long from now the event begins, such as 2h.", valueName: "span"))
    var delay: SpanArgument?

    @Option(help: ArgumentHelp("When it begins, in UTC: 2026-07-15T17:00:00Z.", valueName: "time"))
    var at: String?

    @Option(help: ArgumentHelp("How long it lasts.", valueName: "span"))
    var duration: SpanArgument?

    @Option(help: ArgumentHelp("The length of its intervals.", valueName: "span"))
    var step = SpanArgument(.minutes(15))

    @Option(help: ArgumentHelp("How much less all shall draw together.", valueName: "kilowatts"))
    var reduce: Double?

    @Option(help: ArgumentHelp("The programme whose opt schedules count, a URI.", valueName: "uri"))
    var program = DispatchPlanCommand.defaultProgram

    @Option(help: ArgumentHelp("Meet each interval's target with this probability (0.5 to 0.999).", valueName: "share"))
    var probability: Double?

    @Option(
        help: ArgumentHelp(
            "The relative error that all resources share (0 to 0.5); without it, that of past events.",
            valueName: "share"))
    var commonError: Double?

    @Option(help: ArgumentHelp("Stop within this share of the best (0 to 0.5).", valueName: "share"))
    var gap = 0.0025

    @Option(help: ArgumentHelp("Stop after about this time, whatever was found.", valueName: "span"))
    var within = SpanArgument(.minutes(5))

    @Option(help: ArgumentHelp("Keep the plan and its inputs in this file.", valueName: "file"))
    var out: String?

    @Option(help: ArgumentHelp("Write a plot to this file.", valueName: "file"))
    var svg: String?

    @OptionGroup var dump: ModelDumpOptions

    @Flag(help: "List all calls, not the twenty largest.")
    var all = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard gap >= 0, gap <= 0.5 else { throw ValidationError("--gap takes 0 to 0.5, not \(gap).") }
        guard within.span >= .seconds(1) else { throw ValidationError("--within takes a second or more.") }
        if let probability, !(0.5...0.999).contains(probability) {
            throw ValidationError("--probability takes 0.5 to 0.999, not \(probability).")
        }
        if let commonError, !(0...0.5).contains(commonError) {
            throw ValidationError("--common-error takes 0 to 0.5, not \(commonError).")
        }
        guard delay == nil || at == nil else { throw ValidationError("Give one of --in and --at.") }
        if let at, Instant(utc: at) == nil {
            throw ValidationError("--at takes a time like 2026-07-15T17:00:00Z, not '\(at)'.")
        }
        if let reduce, !(reduce > 0 && reduce < 1e7) {
            throw ValidationError("--reduce takes a number of kilowatts above 0.")
        }
        guard portfolio == nil else {
            guard delay == nil, at == nil, duration == nil, reduce == nil else {
                throw ValidationError(
                    "A portfolio file says when and how much by itself: leave out --in, --at and --reduce.")
            }
            return
        }
        guard (delay != nil || at != nil), let duration, reduce != nil else {
            throw ValidationError("Give a portfolio file, or --in or --at, --duration and --reduce.")
        }
        let steps = step.span.seconds > 0 ? duration.span.seconds / step.span.seconds : 0
        guard (1...Int64(DispatchProblem.mostIntervals / 2)).contains(steps),
            steps * step.span.seconds == duration.span.seconds
        else {
            throw ValidationError(
                "--duration takes a whole number of --step, at most \(DispatchProblem.mostIntervals / 2).")
        }
    }

    func run() async throws {
        let (record, number) = try await planned()
        if let out { try InputFile.write(try record.text(), to: out, flag: "--out") }
        if let svg { try InputFile.write(DispatchPicture(record).svg(), to: svg, flag: "--svg") }
        guard !json else { return print(try JSONOutput.text(DispatchOutput(record, number: number))) }
        print(record.summary(all: all))
        if let number {
            print("  next  curtail dispatch publish \(number) --preview")
        } else if let out {
            print("  next  curtail dispatch explain \(out)")
        }
    }

    private var settings: DispatchRecord.Settings { .init(gap: gap, seconds: Double(within.span.seconds)) }

    /// The plan, and its number where the database keeps it.
    private func planned() async throws -> (DispatchRecord, Int64?) {
        if let portfolio {
            var problem = try InputFile.decode(DispatchProblem.self, from: portfolio, what: "portfolio")
            if let probability { problem.deliveryProbability = probability }
            if let commonError { problem.commonError = commonError }
            return (try await DispatchRecord.made(problem, settings, archive: dump.archive()), nil)
        }
        let now = SystemTime().now()
        let request = DispatchPortfolio.Request(
            start: at.flatMap { Instant(utc: $0) } ?? now + (delay?.span ?? .zero), step: step.span,
            targets: [Double?](
                repeating: reduce ?? 0, count: Int((duration?.span.seconds ?? 0) / max(1, step.span.seconds))),
            probability: probability ?? 0.9, commonError: commonError, marketContext: MarketContext(program))
        guard request.start > now else {
            throw CommandFailure("\(request.start) is past.", hint: "choose a later --at", status: .refused)
        }
        return try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) {
            database in
            let problem = try await DispatchPortfolio(pool: database.pool, request: request, now: now).problem()
            let record = try await DispatchRecord.made(problem, settings, archive: dump.archive())
            return (record, try await record.keep(database.pool))
        }
    }
}

/// `curtail dispatch explain`.
struct DispatchExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say of each resource why a plan calls it, or why not.",
        discussion: """
            The prices of a plan's limits say what a kW is worth in each interval. A resource is called when its best call
            is worth more at them than it costs. What it lacks is said in money: how much cheaper it would have to be.

            Examples:
              curtail dispatch explain plan.json
              curtail dispatch explain plan.json --resource plant-7 --resource home-3
              curtail dispatch explain plan.json --not-called --json
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("A plan's number, or the file that 'dispatch plan --out' kept.", valueName: "plan"))
    var plan: String

    @Option(
        name: .customLong("resource"), help: ArgumentHelp("Only this resource; may be repeated.", valueName: "name"))
    var resources: [String] = []

    @Flag(help: "Only those that are called.")
    var called = false

    @Flag(help: "Only those that are not called.")
    var notCalled = false

    @Option(help: ArgumentHelp("Write a plot of the plan and its prices to this file.", valueName: "file"))
    var svg: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard !(called && notCalled) else { throw ValidationError("Give one of --called and --not-called.") }
    }

    func run() async throws {
        let record = try await DispatchRecord.named(plan, services)
        let known = Set(record.problem.resources.map(\.name.rawValue))
        if let unknown = resources.first(where: { !known.contains($0) }) {
            throw CommandFailure(
                "The plan has no resource '\(unknown)'.", hint: "names are those of the portfolio", status: .notFound)
        }
        let names = resources.isEmpty ? nil : Set(resources.map { ResourceName($0) })
        let reasons = record.problem.explain(record.plan, names).filter {
            (!called || $0.isCalled) && (!notCalled || !$0.isCalled)
        }
        if let svg { try InputFile.write(DispatchPicture(record).svg(), to: svg, flag: "--svg") }
        guard !json else {
            return print(
                try JSONOutput.text(
                    DispatchExplanationOutput(prices: DispatchOutput.prices(record), resources: reasons)))
        }
        print(record.priceTable())
        print("")
        for reason in reasons { print("\(reason.resource): \(reason.sentence)") }
        if reasons.isEmpty { print("There is no such resource.") }
    }
}

/// `curtail dispatch replay`.
struct DispatchReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Make a plan again from its inputs, and compare it bit for bit.",
        discussion: """
            Nodes and pairs, not seconds, end a search, so the same inputs give the same plan on any machine with the same
            solver. The command ends with status 1 when the plan differs, and with 5 when its inputs were changed.

            Examples:
              curtail dispatch replay plan.json
              curtail dispatch replay plan.json --json
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("A plan's number, or the file that 'dispatch plan --out' kept.", valueName: "plan"))
    var plan: String

    @Option(help: ArgumentHelp("Write a plot of the plan that came now to this file.", valueName: "file"))
    var svg: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let record = try await DispatchRecord.named(plan, services)
        let again = try await DispatchRecord.made(record.problem, record.settings)
        if let svg { try InputFile.write(DispatchPicture(again).svg(), to: svg, flag: "--svg") }
        let output = DispatchReplayOutput(
            isSame: again.outcome == record.outcome, inputs: record.inputs, outcome: record.outcome,
            outcomeNow: again.outcome, solver: record.solver, solverNow: again.solver, cost: record.plan.cost,
            costNow: again.plan.cost)
        if json { print(try JSONOutput.text(output)) }
        guard output.isSame else {
            throw CommandFailure(
                "The plan differs: \(record.plan.cost.fixed(2)) then, \(again.plan.cost.fixed(2)) now.",
                hint: record.solver == again.solver
                    ? "the plan was cut off by its time limit, or the machine computes differently"
                    : "it was made with \(record.solver), this is \(again.solver)")
        }
        if !json {
            print(
                "The same plan, bit for bit: \(record.plan.calls.count) calls, \(record.plan.cost.fixed(2)) "
                    + "\(record.problem.currency.rawValue), outcome \(record.outcome.prefix(16)).")
        }
    }
}

/// What `replay --json` prints.
private struct DispatchReplayOutput: Encodable {
    let isSame: Bool
    let inputs: String
    let outcome: String
    let outcomeNow: String
    let solver: String
    let solverNow: String
    let cost: Double
    let costNow: Double
}

/// What `explain --json` prints.
private struct DispatchExplanationOutput: Encodable {
    let prices: DispatchOutput.Prices
    let resources: [DispatchExplanation]
}
