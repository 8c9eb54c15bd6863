import DemandResponse
import MariaDB
import Measures
import OpenADR
import Persistence
import VirtualTopNode

/// Plans the rest of a published plan's event again: who opted out is gone, who runs stays, what telemetry shows counts,
/// and others are called for what is missing.
struct DispatchReplan {
    /// What became of a call.
    struct Finding: Encodable {
        enum State: String, Encodable {
            case optedOut
            /// It has not answered, and its event has not begun.
            case unanswered
            case takesPart
        }

        let resource: String
        let event: String
        let state: State
        /// What its meter shows of what was promised, so far; nil before the first interval ended.
        let deliveredShare: Double?
        /// What it is counted on for, on the mean of what is left of its call, kW.
        let expected: Double
    }

    struct Outcome {
        let record: DispatchRecord
        let findings: [Finding]
        /// The plan that stands by itself.
        let root: Int64
    }

    let pool: MariaDBPool
    let marketContext: MarketContext
    let now: Instant

    /// A meter's first intervals say little: as much as one more in which just what was promised came.
    private static let priorIntervals = 1.0

    /// - Parameter number: of a published plan, or of one that completes its event.
    func outcome(_ number: Int64, _ settings: DispatchRecord.Settings) async throws -> Outcome {
        let chain = try await PlanStore(pool).chain(PlanStore.PlanID(rawValue: number))
        guard let root = chain.first else {
            throw CommandFailure(
                "Plan \(number) has no event that goes on.", hint: "see 'curtail dispatch list'", status: .notFound)
        }
        let records = try chain.map { (try DispatchRecord.parsed($0.text, $0.plan.rawValue), $0.event) }
        let first = records[0].0.problem
        let asked = (first.target.lastIndex { $0 != nil } ?? 0) + 1
        // An interval that has begun is not decided any more.
        let open = (0..<asked).first { first.window($0).start > now } ?? asked
        let targets = (0..<asked).map { $0 < open ? nil : first.target[$0] }
        guard targets.contains(where: { $0 != nil }) else {
            throw CommandFailure(
                "Nothing is left to plan of the event of plan \(root.plan.rawValue).",
                hint: "its last interval has begun",
                status: .refused)
        }
        let request = DispatchPortfolio.Request(
            start: first.start, step: first.step, targets: targets, probability: first.deliveryProbability,
            commonError: first.commonError, marketContext: marketContext)
        var problem = try await DispatchPortfolio(pool: pool, request: request, now: now).problem()
        problem.callable = open..<asked
        var findings: [Finding] = []
        let meters = Dictionary(
            try await DispatchResourceStore(pool).participants().map { ($0.name, $0.meter) }
        ) { first, _ in first }
        for (record, event) in records {
            let standings = Dictionary(
                try await OptOverview(pool).standings(in: EventID(event.rawValue)).map { ($0.venID.rawValue, $0) }
            ) { first, _ in first }
            for call in record.plan.calls {
                guard let site = record.problem.resources.first(where: { $0.name == call.resource }) else { continue }
                // It was called for this event: not again, whether it takes part or not.
                for place in problem.resources.indices where problem.resources[place].name == call.resource {
                    problem.resources[place].callsLeft = 0
                }
                let hasBegun = record.problem.window(call.run).start <= now
                let (state, optIn) = Self.standing(site, standings[site.address?.ven ?? ""], hasBegun: hasBegun)
                var share: Double?
                if state == .takesPart, let meter = meters[call.resource] {
                    share = try await delivered(call, site, record.problem, meter)
                }
                var expected = 0.0
                if state != .optedOut {
                    let commitment = commitment(call, site, problem, optIn: optIn, share: share ?? 1)
                    let rest = (open..<asked).map { commitment.power[$0] }.filter { $0 > 0 }
                    expected = rest.isEmpty ? 0 : optIn * rest.reduce(0, +) / Double(rest.count)
                    problem.committed.append(commitment)
                }
                findings.append(
                    Finding(
                        resource: call.resource.rawValue, event: event.rawValue, state: state, deliveredShare: share,
                        expected: expected))
            }
        }
        return Outcome(
            record: try await DispatchRecord.made(problem, settings), findings: findings, root: root.plan.rawValue)
    }

    /// Whether a call counts, and with which probability.
    private static func standing(
        _ site: DispatchProblem.Resource, _ standing: OptOverview.Standing?, hasBegun: Bool
    ) -> (Finding.State, Double) {
        guard let standing else { return (.optedOut, 0) }
        let single = site.address?.resource.flatMap { standing.resources[ResourceID($0)] }
        // Silence counts as the programme says once the call has begun; until then an answer may come.
        if single == nil, standing.opt.type == nil, standing.effective == .optOut, !hasBegun {
            return (.unanswered, site.optIn)
        }
        guard (single ?? standing.effective) == .optIn else { return (.optedOut, 0) }
        return (.takesPart, single == nil && standing.opt.type == nil ? site.optIn : 1)
    }

    private func commitment(
        _ call: DispatchProposal.Call, _ site: DispatchProblem.Resource, _ problem: DispatchProblem, optIn: Double,
        share: Double
    ) -> DispatchProblem.Commitment {
        let count = problem.intervalCount
        var power = [Double](repeating: 0, count: count)
        var error = power
        var rebound = power
        for interval in call.run where interval < count {
            let part = share * call.share * (interval == call.first ? site.firstShare : 1)
            power[interval] = part * site.capacity[interval]
            error[interval] = part * site.standardError[interval]
        }
        for (lag, back) in site.rebound.enumerated() where call.end + lag < count {
            rebound[call.end + lag] = share * call.share * back
        }
        let feeder = problem.resources.first { $0.name == site.name }?.feeder ?? 0
        return DispatchProblem.Commitment(
            name: site.name, feeder: feeder, optIn: optIn, power: power, standardError: error, rebound: rebound)
    }

    /// What a meter shows of what a call promised, in the intervals that have ended; nil without a reading of one.
    private func delivered(
        _ call: DispatchProposal.Call, _ site: DispatchProblem.Resource, _ problem: DispatchProblem, _ meter: MeterID
    ) async throws -> Double? {
        let ended = call.run.filter { problem.window($0).end <= now && site.load.indices.contains($0) }
        guard let first = ended.first, let last = ended.last else { return nil }
        let readings = try await ReadingStore(pool).readings(of: meter, in: problem.window(first..<(last + 1)))
        var promised = 0.0
        var delivered = 0.0
        var intervals = 0.0
        for interval in ended {
            let window = problem.window(interval)
            let own = readings.filter { $0.start >= window.start && $0.start + $0.duration <= window.end }
            let measured = own.reduce(Int64(0)) { $0 + ($1.energy == nil ? 0 : $1.duration.seconds) }
            guard measured == window.duration.seconds else { continue }
            let power = own.compactMap(\.energy).reduce(0) { $0 + $1.value } / window.duration.hours / 1_000
            promised += call.share * site.capacity[interval] * (interval == call.first ? site.firstShare : 1)
            delivered += site.load[interval] - power
            intervals += 1
        }
        guard intervals > 0, promised > 0 else { return nil }
        let prior = Self.priorIntervals * promised / intervals
        return min(1.5, max(0, (prior + delivered) / (prior + promised)))
    }
}
