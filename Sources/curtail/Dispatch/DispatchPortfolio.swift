import DemandResponse
import MariaDB
import Measures
import OpenADR
import Persistence
import VirtualTopNode

/// Makes a portfolio out of what the database knows: participants with their terms, the forecasts of their meters, their
/// opt schedules, their past calls and answers, and what they delivered.
struct DispatchPortfolio {
    /// What is asked for.
    struct Request {
        var start: Instant
        var step: TimeSpan
        /// The reduction in each interval of the event, kW; nil in one that asks for nothing.
        var targets: [Double?]
        var probability = 0.9
        /// Nil takes what past events say.
        var commonError: Double?
        var marketContext: MarketContext

        var duration: TimeSpan { step * Int64(targets.count) }
    }

    let pool: MariaDBPool
    let request: Request
    let now: Instant

    /// Answers before which the terms' own probability counts like so many.
    private static let priorAnswers = 10.0
    /// Intervals after the event in which loads come back.
    private static let intervalsAfter = 4

    func problem() async throws -> DispatchProblem {
        let store = DispatchResourceStore(pool)
        let participants = try await store.participants()
        guard !participants.isEmpty else {
            throw CommandFailure(
                "Nobody is enrolled for dispatch.", hint: "enrol participants: curtail dispatch resource set --help",
                status: .notFound)
        }
        let asked = request.targets.count
        let count = asked + Self.intervalsAfter
        let none = [Double?](repeating: nil, count: count)
        let known = try await store.feeders()
        var feeders = [DispatchProblem.withoutLimits("without limits", count)]
        for feeder in known {
            feeders.append(
                .init(
                    name: feeder.name, shedLimit: [Double?](repeating: feeder.shedLimit, count: count),
                    reboundLimit: [Double?](repeating: feeder.reboundLimit, count: count)))
        }
        var problem = DispatchProblem(
            decidedAt: now, start: request.start, step: request.step,
            target: request.targets + [Double?](repeating: nil, count: Self.intervalsAfter), callable: 0..<asked,
            shortfallPrice: 1,
            reboundLimit: none, feeders: feeders, resources: [])
        problem.deliveryProbability = request.probability
        let season = now - .days(120)
        let calls = try await store.calls(since: season)
        let history = DispatchHistory(pool)
        let answers = try await history.answers(before: now)
        let errors = Dictionary(participants.map { ($0.meter, $0.terms.relativeError) }) { max($0, $1) }
        let estimate = DeliveryEstimate(try await history.deliveries(since: season)) { errors[$0] ?? 0 }
        problem.commonError = request.commonError ?? estimate.commonError
        let window = TimeWindow(start: request.start, duration: request.step * Int64(count))
        let schedules = Dictionary(
            grouping: try await OptOverview(pool).schedules(touching: window), by: \.venID)
        for participant in participants {
            problem.resources.append(
                try await resource(
                    participant, problem, estimate, calls: calls[participant.name] ?? [],
                    answers: answers[participant.ven],
                    schedules: schedules[participant.ven] ?? [],
                    feeder: known.firstIndex { $0.name == participant.feeder }))
        }
        problem.shortfallPrice = DispatchProblem.dearest(problem.resources, request.step)
        do {
            try problem.check()
        } catch {
            throw CommandFailure(
                "The portfolio in the database makes no sense: \(error).", hint: "see 'curtail dispatch resource list'",
                status: .refused)
        }
        return problem
    }

    private func resource(
        _ participant: DispatchParticipant, _ problem: DispatchProblem, _ estimate: DeliveryEstimate,
        calls: [TimeWindow],
        answers: (ins: Int, outs: Int)?,
        schedules: [OptSchedule], feeder: Int?
    ) async throws -> DispatchProblem.Resource {
        let terms = participant.terms
        let count = problem.intervalCount
        let forecast = try await ForecastStore(pool).latest(
            of: participant.meter, for: problem.window(0..<count))
        let known = estimate.delivery(of: participant.meter, error: terms.relativeError)
        var load = [Double](repeating: 0, count: count)
        var capacity = load
        var errors = load
        let asked = request.targets.count
        var model: SiteCapacity?
        if let text = terms.site { model = try await SiteCapacity(text: text, problem, asked: asked) }
        for interval in 0..<count {
            let window = problem.window(interval)
            guard let (mean, error) = forecast?.power(in: window) ?? model.map({ ($0.load[interval], 0) }) else {
                continue
            }
            load[interval] = mean
            let isAway =
                schedules.availability(
                    in: request.marketContext, resource: participant.resource, from: window.start, to: window.end)
                == .optOut
            guard !isAway, model != nil || mean > 0 else { continue }
            let promise = model?.shed[interval] ?? terms.share * mean
            capacity[interval] = known.share * promise
            let own = known.error * promise
            // A site's own model does not shed a share of what the forecast is wrong by.
            let share = model == nil ? terms.share : 0
            errors[interval] = (share * share * error * error + own * own).squareRoot()
        }
        var resource = DispatchProblem.Resource(name: participant.name, capacity: capacity, standardError: errors)
        resource.feeder = feeder.map { $0 + 1 } ?? 0
        resource.resourceClass = terms.resourceClass
        resource.load = load
        let prior = Self.priorAnswers
        let ins = prior * terms.optIn + Double(answers?.ins ?? 0)
        resource.optIn = min(1, max(0.01, ins / (prior + Double((answers?.ins ?? 0) + (answers?.outs ?? 0)))))
        resource.energyPrice = terms.energyPrice
        resource.callCost = terms.callCost
        resource.comfort = terms.comfort
        resource.notice = .seconds(terms.notice)
        resource.minimumDuration = .seconds(terms.minimumDuration)
        resource.maximumDuration = .seconds(max(terms.maximumDuration, terms.minimumDuration))
        let today = calls.filter { $0.start > request.start - .days(1) && $0.start < request.start + .days(1) }.count
        resource.callsLeft = max(0, min(terms.callsPerDay - today, terms.callsPerSeason - calls.count))
        resource.restingUntil = calls.filter { $0.start < request.start + request.duration }.map {
            $0.end + .seconds(terms.rest)
        }.max()
        resource.seasonValue = terms.seasonValue
        resource.recentCalls = calls.filter { $0.start > now - .days(30) }.count
        resource.firstShare = terms.firstShare
        let typical = capacity.filter { $0 > 0 }
        let mean = typical.isEmpty ? 0 : typical.reduce(0, +) / Double(typical.count)
        resource.rebound = model?.rebound ?? terms.reboundShares.map { $0 * mean }
        resource.levels = terms.levels
        resource.address = .init(
            ven: participant.ven.rawValue, resource: participant.resource?.rawValue, signal: terms.signal)
        return resource
    }
}

extension LoadForecast {
    /// Mean power and its standard error in a window, kW; nil when the forecast does not cover it.
    func power(in window: TimeWindow) -> (mean: Double, error: Double)? {
        var energy = 0.0
        var error = 0.0
        var covered: Int64 = 0
        for interval in intervals where interval.window.overlaps(window) {
            let from = max(interval.window.start, window.start)
            let to = min(interval.window.end, window.end)
            let share = Double((to - from).seconds) / Double(interval.window.duration.seconds)
            energy += share * interval.mean.value
            // Errors of neighbouring intervals go the same way.
            error += share * interval.standardError.value
            covered += (to - from).seconds
        }
        guard covered == window.duration.seconds, covered > 0 else { return nil }
        let hours = window.duration.hours
        return (energy / hours / 1_000, error / hours / 1_000)
    }
}
