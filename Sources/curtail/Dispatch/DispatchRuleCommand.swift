import ArgumentParser
import DemandResponse
import Foundation
import Measures
import OpenADR
import Persistence

/// `curtail dispatch rule`: events without an operator.
struct DispatchRuleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rule",
        abstract: "Plan, and publish, when a forecast, a feeder or a price goes over a threshold.",
        discussion: """
            'curtail serve' looks at the rules every --rules-every. What a rule finds becomes a plan for the time over the
            threshold: a proposal that an operator publishes, or an event at once. A rule does nothing twice for the same
            time. Events that a rule published are completed while they go on: others are called for those who opt out.
            """,
        subcommands: [
            DispatchRuleSetCommand.self, DispatchRuleListCommand.self, DispatchRuleRunCommand.self,
            DispatchRuleRemoveCommand.self,
        ])
}

/// `curtail dispatch rule set`.
struct DispatchRuleSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Make a rule, or change one.",
        discussion: """
            Of the terms that are not given, a rule that exists keeps its own.

            Examples:
              curtail dispatch rule set peak --when forecast --above 5000 --propose
              curtail dispatch rule set north --when feeder --feeder north --above 800 --publish --lead 30m
              curtail dispatch rule set dear --when price --above 0.4 --reduce 500 --publish
              curtail dispatch rule set peak --off
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("Its name.", valueName: "name"))
    var name: String

    @Option(
        name: .customLong("when"),
        help: "What is watched: forecast (all meters), feeder (participants behind it), price (of the programme).")
    var trigger: WordArgument<DispatchRule.Trigger>?

    @Option(help: ArgumentHelp("From where on it is too much: kW, or currency units per kWh.", valueName: "number"))
    var above: Double?

    @Option(help: ArgumentHelp("The feeder that is watched.", valueName: "name"))
    var feeder: String?

    @Option(help: ArgumentHelp("What a price calls for; a load calls for what is above.", valueName: "kilowatts"))
    var reduce: Double?

    @Flag(inversion: .prefixedNo, help: "Publish plans at once; without it an operator does.")
    var publish: Bool?

    @Flag(help: "Keep plans for an operator to publish: the same as --no-publish.")
    var propose = false

    @Option(help: ArgumentHelp("Leave intervals alone that begin sooner.", valueName: "span"))
    var lead: SpanArgument?

    @Option(help: ArgumentHelp("Look so far ahead.", valueName: "span"))
    var horizon: SpanArgument?

    @Option(help: ArgumentHelp("The length of an interval.", valueName: "span"))
    var step: SpanArgument?

    @Option(help: ArgumentHelp("The longest event.", valueName: "span"))
    var longest: SpanArgument?

    @Option(help: ArgumentHelp("Meet each target with this probability (0.5 to 0.999).", valueName: "share"))
    var probability: Double?

    @Option(help: ArgumentHelp("The programme, a URI.", valueName: "uri"))
    var program: String?

    @Flag(help: "Let it rest.")
    var off = false

    @Flag(help: "Let it work again.")
    var on = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard !name.isEmpty, name.count <= 128 else { throw ValidationError("A name has 1 to 128 characters.") }
        guard !(on && off) else { throw ValidationError("Give one of --on and --off.") }
        guard !(propose && publish == true) else { throw ValidationError("Give one of --propose and --publish.") }
        if let above, !(above >= -1e6 && above <= 1e9) {
            throw ValidationError("--above takes a number, not \(above).")
        }
        if let reduce, !(reduce > 0 && reduce < 1e7) {
            throw ValidationError("--reduce takes a number of kilowatts above 0.")
        }
        if let probability, !(0.5...0.999).contains(probability) {
            throw ValidationError("--probability takes 0.5 to 0.999, not \(probability).")
        }
        if let lead, lead.span < .zero { throw ValidationError("--lead takes zero or more.") }
        if let step, !(step.span >= .minutes(1) && step.span <= .hours(24)) {
            throw ValidationError("--step takes 1m to 24h.")
        }
    }

    func run() async throws {
        let rule = try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) {
            database in
            let store = DispatchRuleStore(database.pool)
            let old = try await store.rules().first { $0.name == name }
            let rule = try changed(old)
            if let feeder = rule.terms.feeder {
                let known = try await DispatchResourceStore(database.pool).feeders().map(\.name)
                guard known.contains(feeder) else {
                    throw CommandFailure(
                        "There is no feeder '\(feeder)'.", hint: "make it: curtail dispatch feeder \(feeder)",
                        status: .notFound)
                }
            }
            try await store.save(rule, at: SystemTime().now())
            return rule
        }
        guard !json else { return print(try JSONOutput.text(DispatchRuleLine(rule))) }
        print("\(name): \(DispatchRuleLine(rule).sentence)")
        print("  next  curtail dispatch rule run \(name) --preview")
    }

    private func changed(_ old: DispatchRule?) throws -> DispatchRule {
        guard let trigger = trigger?.word ?? old?.terms.trigger, let threshold = above ?? old?.terms.threshold else {
            throw ValidationError("A new rule needs --when and --above.")
        }
        var terms =
            old?.terms
            ?? DispatchRule.Terms(
                trigger: trigger, threshold: threshold, action: .propose, programme: DispatchPlanCommand.defaultProgram)
        terms.trigger = trigger
        terms.threshold = threshold
        terms.feeder = trigger == .feeder ? feeder ?? terms.feeder : nil
        terms.reduction = trigger == .price ? reduce ?? terms.reduction : nil
        if let publish { terms.action = publish ? .publish : .propose }
        if propose { terms.action = .propose }
        terms.programme = program ?? terms.programme
        terms.lead = lead?.span.seconds ?? terms.lead
        terms.horizon = horizon?.span.seconds ?? terms.horizon
        terms.step = step?.span.seconds ?? terms.step
        terms.longest = longest?.span.seconds ?? terms.longest
        terms.probability = probability ?? terms.probability
        guard trigger != .feeder || terms.feeder != nil else {
            throw ValidationError("A rule for a feeder needs --feeder.")
        }
        guard trigger != .price || terms.reduction != nil else {
            throw ValidationError("A rule for a price needs --reduce.")
        }
        guard terms.horizon > terms.lead, terms.horizon <= 7 * 86_400 else {
            throw ValidationError("--horizon takes more than --lead, at most 7d.")
        }
        guard terms.longest >= terms.step, terms.longest / terms.step <= Int64(DispatchProblem.mostIntervals / 2) else {
            throw ValidationError("--longest takes one --step to \(DispatchProblem.mostIntervals / 2) of them.")
        }
        return DispatchRule(name: name, terms: terms, isEnabled: on || (!off && (old?.isEnabled ?? true)))
    }
}

/// A rule in lists and `--json`.
private struct DispatchRuleLine: Encodable {
    let name: String
    let enabled: Bool
    let terms: DispatchRule.Terms
    let sentence: String

    init(_ rule: DispatchRule) {
        let terms = rule.terms
        name = rule.name
        enabled = rule.isEnabled
        self.terms = terms
        let what =
            switch terms.trigger {
            case .forecast: "the forecast of all meters is above \(terms.threshold.fixed(1)) kW"
            case .feeder: "the forecast of \(terms.feeder ?? "") is above \(terms.threshold.fixed(1)) kW"
            case .price:
                "the price is above \(terms.threshold.fixed(4)) per kWh (calls for "
                    + "\((terms.reduction ?? 0).fixed(1)) kW)"
            }
        sentence = "\(terms.action == .publish ? "publishes" : "proposes") an event when \(what)"
    }
}

/// `curtail dispatch rule list`.
struct DispatchRuleListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List rules, and what they did for the time to come.",
        discussion: "Example:\n  curtail dispatch rule list --json")

    @OptionGroup var services: ServiceOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    private struct Firing: Encodable {
        let rule: String
        let start: String
        let end: String
        let plan: Int64
        let reason: String
    }

    private struct Output: Encodable {
        let rules: [DispatchRuleLine]
        let plans: [Firing]
    }

    func run() async throws {
        let output = try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) {
            database in
            let store = DispatchRuleStore(database.pool)
            return Output(
                rules: try await store.rules().map(DispatchRuleLine.init),
                plans: try await store.firings(endingAfter: SystemTime().now()).map {
                    Firing(
                        rule: $0.rule, start: "\($0.window.start)", end: "\($0.window.end)", plan: $0.plan.rawValue,
                        reason: $0.reason)
                })
        }
        guard !json else { return print(try JSONOutput.text(output)) }
        guard !output.rules.isEmpty else {
            return print("There is no rule. Make one with 'curtail dispatch rule set'.")
        }
        for rule in output.rules { print("\(rule.name)\(rule.enabled ? "" : " (off)"): \(rule.sentence)") }
        guard !output.plans.isEmpty else { return }
        var table = TextTable(["rule", "plan", "start", "end", "because"], leftColumns: [0, 2, 3, 4])
        for plan in output.plans { table.add([plan.rule, "\(plan.plan)", plan.start, plan.end, plan.reason]) }
        print("\n\(table.rendered())")
    }
}

/// `curtail dispatch rule run`.
struct DispatchRuleRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Look at a rule now, as 'curtail serve' does.",
        discussion: """
            Examples:
              curtail dispatch rule run peak --preview
              curtail dispatch rule run peak
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("Its name.", valueName: "name"))
    var name: String

    @Flag(help: "Say what the rule finds, and do nothing.")
    var preview = false

    @Flag(help: "Print one JSON object.")
    var json = false

    private struct Output: Encodable {
        let rule: String
        let finding: DispatchRuleCheck.Finding?
        let plan: Int64?
        let event: String?
        let calls: Int?
        let status: String?
    }

    func run() async throws {
        let now = SystemTime().now()
        let (finding, deed) = try await OperatorDatabase.with(
            services.resolved(defaultState: ServiceOptions.servedState)
        ) { database in
            let store = DispatchRuleStore(database.pool)
            guard let rule = try await store.rules().first(where: { $0.name == name }) else {
                throw CommandFailure(
                    "There is no rule '\(name)'.", hint: "see 'curtail dispatch rule list'", status: .notFound)
            }
            let check = DispatchRuleCheck(pool: database.pool, topNode: database.topNode, now: now)
            let finding = try await check.finding(rule)
            guard let finding, !preview else { return (finding, DispatchRuleCheck.Deed?.none) }
            let holder = UUID().uuidString
            guard try await store.claim(name, for: holder, at: now, until: now + .minutes(10)) else {
                throw CommandFailure(
                    "The VTN looks at '\(name)' just now.", hint: "try again in a moment", status: .notReady)
            }
            let result: Result<DispatchRuleCheck.Deed, any Error>
            do { result = .success(try await check.act(rule, on: finding)) } catch { result = .failure(error) }
            try await store.release(name, by: holder)
            return (finding, try result.get())
        }
        let output = Output(
            rule: name, finding: finding, plan: deed?.plan, event: deed?.event?.rawValue,
            calls: deed?.record.plan.calls.count, status: deed?.record.plan.status.rawValue)
        guard !json else { return print(try JSONOutput.text(output)) }
        guard let finding else { return print("\(name) finds nothing over its threshold that it has not acted for.") }
        print("\(name): \(finding.reason)")
        let least = finding.targets.min() ?? 0
        let most = finding.targets.max() ?? 0
        print("  asks for \(least.fixed(1)) to \(most.fixed(1)) kW in \(finding.targets.count) intervals")
        guard let deed else { return print("  a preview: nothing is planned") }
        print(deed.record.summary(all: false))
        print(
            deed.event.map { "  \($0) is published" } ?? "  next  curtail dispatch publish \(deed.plan) --preview")
    }
}

/// `curtail dispatch rule remove`.
struct DispatchRuleRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Take a rule out; plans and events that it made stay.",
        discussion: "Example:\n  curtail dispatch rule remove peak")

    @OptionGroup var removal: RemovalOptions

    func run() async throws {
        try await removal.perform(
            "rule", list: "curtail dispatch rule list", done: "acts no more"
        ) { try await DispatchRuleStore($0).remove($1) }
    }
}
