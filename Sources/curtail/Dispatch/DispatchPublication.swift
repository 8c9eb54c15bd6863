import DemandResponse
import MariaDB
import Measures
import OpenADR
import Persistence
import VirtualTopNode

/// Turns a plan into one event: every called VEN gets what its resources are asked for, interval by interval.
struct DispatchPublication {
    let terms: EventTerms
    let participants: [ParticipantPlan]

    /// - Parameter eventStart: the first interval with a target; earlier ones in which calls run belong to the event too.
    init(_ record: DispatchRecord, marketContext: MarketContext, now: Instant) throws {
        let problem = record.problem
        let runs = record.plan.calls.map(\.run)
        guard let first = runs.map(\.lowerBound).min(), let end = runs.map(\.upperBound).max() else {
            throw CommandFailure(
                "The plan calls nobody.", hint: "ask for more: curtail dispatch plan", status: .refused)
        }
        let window = problem.window(first..<end)
        guard window.start > now else {
            throw CommandFailure(
                "The plan's first call began at \(window.start).", hint: "plan again for a later time", status: .refused
            )
        }
        guard
            let terms = EventTerms(
                marketContext: marketContext, start: window.start,
                steps: [TimeSpan](repeating: problem.step, count: end - first), startAfter: .zero,
                notification: window.start - now, rampUp: .zero, recovery: .zero, priority: 1,
                responseRequired: .always, isTest: false, comment: nil)
        else {
            throw CommandFailure("The plan has no interval.", hint: "plan again", status: .refused)
        }
        self.terms = terms
        participants = try Self.participants(record, first..<end)
    }

    /// Publishes it as the event of a kept plan. The event's id comes from the plan's number, so a plan becomes one event
    /// however often it is tried.
    func publish(_ plan: Int64, _ topNode: TopNode, _ pool: MariaDBPool, now: Instant) async throws -> EventID {
        let id = EventID("plan-\(plan)")
        do {
            try await topNode.issue(id, terms: terms, participants: participants, now: now)
        } catch OperatorError.eventExists {
            // Issued, but the link was lost before it was noted.
        }
        try await PlanStore(pool).link(PlanStore.PlanID(rawValue: plan), to: ProgramEventID(id.rawValue))
        return id
    }

    private static func participants(_ record: DispatchRecord, _ steps: Range<Int>) throws -> [ParticipantPlan] {
        let sites = Dictionary(record.problem.resources.map { ($0.name, $0) }) { first, _ in first }
        var asked: [String: [(call: DispatchProposal.Call, site: DispatchProblem.Resource)]] = [:]
        for call in record.plan.calls {
            guard let site = sites[call.resource], let address = site.address else {
                throw CommandFailure(
                    "'\(call.resource)' is behind no VEN, so it cannot be told.",
                    hint: "plan from the database, or give it an 'address' in the portfolio", status: .refused)
            }
            asked[address.ven, default: []].append((call, site))
        }
        return try asked.keys.sorted().map { ven in
            let own = asked[ven] ?? []
            let kinds = Set(own.compactMap { $0.site.address?.signal })
            guard kinds.count == 1, let kind = kinds.first else {
                throw CommandFailure(
                    "The resources of \(ven) are told in different ways.", hint: "give them one signal",
                    status: .refused)
            }
            let values = steps.map { step in value(step, kind, own) }
            let signal: SignalKind =
                switch kind {
                case .delta: .loadDispatchDelta
                case .setpoint: .loadDispatchSetpoint
                case .level: .simpleLevel
                }
            guard let programmed = ProgrammedSignal(signal, values: values) else {
                throw CommandFailure(
                    "SIMPLE knows the levels 1 to 3, and \(ven) has more.",
                    hint: "give it fewer levels, or LOAD_DISPATCH",
                    status: .refused)
            }
            return ParticipantPlan(
                venID: VENID(ven), signals: [programmed],
                resources: own.compactMap { $0.site.address?.resource.map { ResourceID($0) } })
        }
    }

    /// What a VEN is asked for in a step, in W or as a level.
    private static func value(
        _ step: Int, _ kind: DispatchProblem.Signal,
        _ own: [(call: DispatchProposal.Call, site: DispatchProblem.Resource)]
    ) -> Double {
        let running = own.filter { $0.call.run.contains(step) }
        let shed = running.reduce(0) { $0 + $1.call.asked[step - $1.call.first] }
        switch kind {
        case .delta: return -(shed * 1_000).rounded()
        case .setpoint:
            let load = own.reduce(0) { $0 + ($1.site.load.isEmpty ? 0 : $1.site.load[step]) }
            return ((load - shed) * 1_000).rounded()
        case .level: return Double(running.map(\.call.level).max() ?? 0)
        }
    }
}
