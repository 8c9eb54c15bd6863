import ArgumentParser
import DemandResponse
import Foundation
import Measures
import OpenADR
import Persistence
import VirtualTopNode

/// `curtail dispatch publish`: makes an event of a plan.
struct DispatchPublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publish a kept plan as one event, with targets for each VEN.",
        discussion: """
            Every called VEN gets what its resources are asked for in each interval: LOAD_DISPATCH deltas or setpoints, or
            SIMPLE levels, as its terms say. A plan is published once. --preview shows what would be sent.

            Examples:
              curtail dispatch publish 12 --preview
              curtail dispatch publish 12
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("The plan's number, as 'curtail dispatch list' shows it.", valueName: "plan"))
    var plan: Int64

    @Option(help: ArgumentHelp("The programme, a URI.", valueName: "uri"))
    var program = DispatchPlanCommand.defaultProgram

    @Flag(help: "Show what would be sent, and publish nothing.")
    var preview = false

    @Flag(help: "Print one JSON object.")
    var json = false

    private struct Output: Encodable {
        struct Participant: Encodable {
            let ven: String
            let resources: [String]
            let signal: String
            let values: [Double]
        }

        let plan: Int64
        let event: String?
        let start: String
        let stepSeconds: Int64
        let participants: [Participant]
    }

    func run() async throws {
        let now = SystemTime().now()
        let (publication, event) = try await OperatorDatabase.with(
            services.resolved(defaultState: ServiceOptions.servedState)
        ) { database in
            let kept = try await DispatchRecord.kept(plan, database)
            if let event = kept.event {
                throw CommandFailure(
                    "Plan \(plan) is published as \(event).", hint: "plan again for another event", status: .refused)
            }
            let publication = try DispatchPublication(
                kept.record, marketContext: MarketContext(program), now: now)
            guard !preview else { return (publication, EventID?.none) }
            return (publication, try await publication.publish(plan, database.topNode, database.pool, now: now))
        }
        let output = Output(
            plan: plan, event: event?.rawValue, start: "\(publication.terms.start)",
            stepSeconds: publication.terms.steps.first?.seconds ?? 0,
            participants: publication.participants.map { part in
                .init(
                    ven: part.venID.rawValue, resources: part.resources.map(\.rawValue),
                    signal: part.signals.first?.kind.path ?? "", values: part.signals.first?.values ?? [])
            })
        guard !json else { return print(try JSONOutput.text(output)) }
        for part in publication.participants {
            print("\(part.venID): \(EventCreateCommand.text(part.signals))")
        }
        if let event {
            print(
                "\(event) is published to \(publication.participants.count) VENs: it begins at \(publication.terms.start)."
            )
        } else {
            print("A preview: nothing is published.")
        }
    }
}

/// `curtail dispatch list`.
struct DispatchListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List kept plans, the newest first.",
        discussion: "Example:\n  curtail dispatch list --limit 5 --json")

    @OptionGroup var services: ServiceOptions

    @Option(help: ArgumentHelp("At most this many (1 to 1000).", valueName: "count"))
    var limit = 20

    @Flag(help: "Print one JSON array.")
    var json = false

    private struct Line: Encodable {
        let plan: Int64
        let event: String?
        let follows: Int64?
        let start: String
        let end: String
        let calls: Int
        let cost: String
        let gap: Double?
        let status: String
    }

    func validate() throws {
        guard (1...1_000).contains(limit) else { throw ValidationError("--limit takes 1 to 1000, not \(limit).") }
    }

    func run() async throws {
        let lines = try await OperatorDatabase.with(
            services.resolved(defaultState: ServiceOptions.servedState)
        ) { database in
            try await PlanStore(database.pool).plans(limit: limit).map {
                Line(
                    plan: $0.plan.rawValue, event: $0.event?.rawValue, follows: $0.follows?.rawValue,
                    start: "\($0.window.start)",
                    end: "\($0.window.end)", calls: $0.calls, cost: "\($0.cost)", gap: $0.gap, status: $0.status)
            }
        }
        guard !json else { return print(try JSONOutput.text(lines)) }
        guard !lines.isEmpty else { return print("There is no plan. Make one with 'curtail dispatch plan'.") }
        var table = TextTable(
            ["plan", "event", "completes", "start", "end", "calls", "cost", "gap", "status"],
            leftColumns: [1, 3, 4, 6, 8])
        for line in lines {
            table.add([
                "\(line.plan)", line.event ?? "", line.follows.map { "\($0)" } ?? "", line.start, line.end,
                "\(line.calls)", line.cost,
                line.gap.map { "\(($0 * 100).fixed(3)) %" } ?? "", line.status,
            ])
        }
        print(table.rendered())
    }
}
