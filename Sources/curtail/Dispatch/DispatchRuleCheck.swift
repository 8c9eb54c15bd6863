import DemandResponse
import MariaDB
import Measures
import OpenADR
import Persistence
import VirtualTopNode

/// Looks at what a rule watches, and does what the rule says.
struct DispatchRuleCheck {
    /// A time in which what is watched is above the threshold.
    struct Finding: Encodable {
        let start: String
        let end: String
        let highest: Double
        let reason: String
        /// kW for each interval.
        let targets: [Double]

        init(window: TimeWindow, highest: Double, reason: String, targets: [Double]) {
            start = "\(window.start)"
            end = "\(window.end)"
            self.window = window
            self.highest = highest
            self.reason = reason
            self.targets = targets
        }

        let window: TimeWindow

        private enum CodingKeys: String, CodingKey {
            case start, end, highest, reason, targets
        }
    }

    /// What was done.
    struct Deed {
        let finding: Finding
        let record: DispatchRecord
        let plan: Int64
        let event: EventID?
    }

    let pool: MariaDBPool
    let topNode: TopNode
    let now: Instant

    private static let settings = DispatchRecord.Settings(gap: 0.0025, seconds: 60)

    /// The first time over the threshold that the rule has not acted for; nil when there is none.
    func finding(_ rule: DispatchRule) async throws -> Finding? {
        let terms = rule.terms
        let step = TimeSpan.seconds(terms.step)
        let from = (now + .seconds(terms.lead) + step - .seconds(1)).floored(to: step)
        let count = Int((now + .seconds(terms.horizon) - from).seconds / terms.step)
        guard count > 0 else { return nil }
        let window = TimeWindow(start: from, duration: step * Int64(count))
        let watched = try await watched(terms, window.intervals(every: step))
        let done = try await DispatchRuleStore(pool).firings(endingAfter: from).filter { $0.rule == rule.name }
        let isOver = watched.enumerated().map { place, value in
            let own = TimeWindow(start: from + step * Int64(place), duration: step)
            return (value ?? -.infinity) > terms.threshold && !done.contains { $0.window.overlaps(own) }
        }
        guard let first = isOver.firstIndex(of: true) else { return nil }
        let most = max(1, Int(terms.longest / terms.step))
        let end = isOver[first...].prefix(most).firstIndex(of: false) ?? min(count, first + most)
        let values = watched[first..<end].compactMap(\.self)
        let highest = values.max() ?? terms.threshold
        let span = TimeWindow(start: from + step * Int64(first), duration: step * Int64(end - first))
        return Finding(
            window: span, highest: highest, reason: Self.reason(rule, span, highest),
            targets: values.map { terms.trigger == .price ? terms.reduction ?? 0 : $0 - terms.threshold })
    }

    private static func reason(_ rule: DispatchRule, _ span: TimeWindow, _ highest: Double) -> String {
        let when = "from \(span.start) to \(span.end)"
        let limit = rule.terms.threshold
        return switch rule.terms.trigger {
        case .forecast: "the load is forecast to reach \(highest.fixed(1)) kW \(when), above \(limit.fixed(1)) kW"
        case .feeder:
            "the load on \(rule.terms.feeder ?? "the feeder") is forecast to reach \(highest.fixed(1)) kW \(when), above "
                + "\(limit.fixed(1)) kW"
        case .price: "the price reaches \(highest.fixed(4)) per kWh \(when), above \(limit.fixed(4))"
        }
    }

    /// What is watched in each interval; nil where it is not known.
    private func watched(_ terms: DispatchRule.Terms, _ intervals: [TimeWindow]) async throws -> [Double?] {
        guard let first = intervals.first, let last = intervals.last else { return [] }
        let window = TimeWindow(start: first.start, duration: last.end - first.start)
        if terms.trigger == .price {
            let prices = try await DispatchRuleStore(pool).prices(of: MarketContext(terms.programme), in: window)
            return intervals.map { interval in
                prices.filter { $0.window.overlaps(interval) }.map(\.price).max()
            }
        }
        let meters: Set<MeterID>
        if terms.trigger == .feeder {
            meters = Set(
                try await DispatchResourceStore(pool).participants().filter { $0.feeder == terms.feeder }.map(\.meter))
        } else {
            meters = Set(try await MeterStore(pool).meters().map(\.id))
        }
        var sums = [Double?](repeating: nil, count: intervals.count)
        for meter in meters.sorted() {
            guard let forecast = try await ForecastStore(pool).latest(of: meter, for: window) else { continue }
            for (place, interval) in intervals.enumerated() {
                if let power = forecast.power(in: interval) { sums[place] = (sums[place] ?? 0) + power.mean }
            }
        }
        return sums
    }

    /// Plans for a finding, keeps the plan, publishes it where the rule says so, and notes that.
    func act(_ rule: DispatchRule, on finding: Finding) async throws -> Deed {
        let terms = rule.terms
        let context = MarketContext(terms.programme)
        let request = DispatchPortfolio.Request(
            start: finding.window.start, step: .seconds(terms.step), targets: finding.targets.map { $0 },
            probability: terms.probability, commonError: nil, marketContext: context)
        var problem = try await DispatchPortfolio(pool: pool, request: request, now: now).problem()
        if terms.trigger == .feeder {
            // Only what is behind the feeder helps it.
            for place in problem.resources.indices {
                let feeder = problem.feeders[problem.resources[place].feeder].name
                if feeder != terms.feeder { problem.resources[place].callsLeft = 0 }
            }
        }
        let record = try await DispatchRecord.made(problem, Self.settings)
        let plan = try await record.keep(pool)
        try await DispatchRuleStore(pool).note(
            .init(
                rule: rule.name, window: finding.window, plan: PlanStore.PlanID(rawValue: plan),
                reason: finding.reason, firedAt: now))
        if terms.action == .publish, let deed = try await published(record, plan, finding, context) { return deed }
        return Deed(finding: finding, record: record, plan: plan, event: nil)
    }

    /// Publishes a kept plan; nil where it calls nobody, or its first call should have begun.
    private func published(
        _ record: DispatchRecord, _ plan: Int64, _ finding: Finding, _ context: MarketContext
    ) async throws -> Deed? {
        guard let first = record.plan.calls.map(\.first).min(),
            record.problem.window(first..<(first + 1)).start > now
        else { return nil }
        let publication = try DispatchPublication(record, marketContext: context, now: now)
        let event = try await publication.publish(plan, topNode, pool, now: now)
        return Deed(finding: finding, record: record, plan: plan, event: event)
    }

    /// Completes the events that the rule published and that go on: calls others for who opted out. A plan that should have
    /// become an event does.
    func complete(_ rule: DispatchRule) async throws -> [Deed] {
        guard rule.terms.action == .publish else { return [] }
        let context = MarketContext(rule.terms.programme)
        var deeds: [Deed] = []
        for firing in try await DispatchRuleStore(pool).firings(endingAfter: now) where firing.rule == rule.name {
            guard let kept = try await PlanStore(pool).record(firing.plan) else { continue }
            guard kept.event != nil else {
                // The program ended between plan and event.
                let record = try DispatchRecord.parsed(kept.text, firing.plan.rawValue)
                let finding = Finding(window: firing.window, highest: 0, reason: firing.reason, targets: [])
                if let deed = try await published(record, firing.plan.rawValue, finding, context) { deeds.append(deed) }
                continue
            }
            let replan = DispatchReplan(pool: pool, marketContext: context, now: now)
            guard let outcome = try? await replan.outcome(firing.plan.rawValue, Self.settings),
                !outcome.record.plan.calls.isEmpty
            else { continue }
            let plan = try await outcome.record.keep(pool, follows: outcome.root)
            let publication = try DispatchPublication(outcome.record, marketContext: context, now: now)
            let event = try await publication.publish(plan, topNode, pool, now: now)
            let lost = outcome.findings.count { $0.state == .optedOut }
            let finding = Finding(
                window: firing.window, highest: 0, reason: "\(lost) of those who were called opted out",
                targets: outcome.record.problem.target.compactMap(\.self))
            deeds.append(Deed(finding: finding, record: outcome.record, plan: plan, event: event))
        }
        return deeds
    }
}
