import DemandResponse
import Measures

/// Looks at a plan of a portfolio again, in its own words and with its own arithmetic: every limit of every resource,
/// feeders, rebound, figures, probabilities and claims. Shared with the fuzzing campaign.
struct ProblemCheck {
    let problem: DispatchProblem

    init(_ problem: DispatchProblem) {
        self.problem = problem
    }

    /// Every claim or limit that the plan breaks.
    func violations(_ plan: DispatchProposal) -> [String] {
        var found: [String] = []
        func expect(_ holds: Bool, _ text: @autoclosure () -> String) {
            if !holds { found.append(text()) }
        }
        let count = problem.intervalCount
        let hours = Double(problem.step.seconds) / 3_600
        var byName: [ResourceName: DispatchProblem.Resource] = [:]
        for resource in problem.resources { byName[resource.name] = resource }
        var seen = Set<ResourceName>()
        var reduced = [Double](repeating: 0, count: count)
        var back = reduced
        var shed = [[Double]](repeating: reduced, count: problem.feeders.count)
        var feederBack = shed
        var cost = 0.0
        var parts = [[Part]](repeating: [], count: count)
        for call in plan.calls {
            guard let site = byName[call.resource] else { return ["unknown \(call.resource)"] }
            func must(_ holds: Bool, _ text: String) { expect(holds, "\(call.resource): \(text)") }
            must(seen.insert(call.resource).inserted, "called twice")
            must(site.resourceClass != .critical, "critical")
            must(site.callsLeft > 0, "no calls left")
            guard call.first < call.end, call.first >= problem.callable.lowerBound,
                call.end <= problem.callable.upperBound
            else { return ["\(call.resource): outside"] }
            let begin = problem.start.secondsSinceEpoch + Int64(call.first) * problem.step.seconds
            let length = Int64(call.end - call.first) * problem.step.seconds
            must(begin - problem.decidedAt.secondsSinceEpoch >= site.notice.seconds, "notice")
            must(site.restingUntil.map { begin >= $0.secondsSinceEpoch } ?? true, "rest")
            must(length >= site.minimumDuration.seconds, "too short")
            must(length <= site.maximumDuration.seconds, "too long")
            must(site.levels.indices.contains(call.level - 1) && site.levels[call.level - 1] == call.share, "level")
            must(call.asked.count == call.end - call.first && call.expected.count == call.asked.count, "figures")
            var own = site.callCost + site.seasonValue + problem.fairnessPrice * Double(site.recentCalls)
            for interval in call.first..<call.end {
                let power = call.share * site.capacity[interval]
                let first = interval == call.first ? site.firstShare : 1
                must(site.capacity[interval] > 0, "not there in \(interval)")
                must(abs(call.asked[interval - call.first] - power) < 1e-9 * max(1, power), "asked")
                let mean = site.optIn * power * first
                must(abs(call.expected[interval - call.first] - mean) < 1e-9 * max(1, mean), "expected")
                own += site.energyPrice * site.optIn * power * hours + call.share * site.comfort
                reduced[interval] += mean
                shed[site.feeder][interval] += mean
                parts[interval].append(
                    Part(
                        probability: site.optIn, mean: power * first,
                        deviation: call.share * first * site.standardError[interval]))
            }
            must(abs(own - call.cost) < 1e-6 * max(1, own), "cost")
            cost += own
            for (lag, power) in site.rebound.enumerated() where call.end + lag < count {
                let mean = call.share * site.optIn * power
                back[call.end + lag] += mean
                feederBack[site.feeder][call.end + lag] += mean
                if problem.target[call.end + lag] ?? 0 > 0 {
                    reduced[call.end + lag] -= mean
                    parts[call.end + lag].append(
                        Part(probability: site.optIn, mean: -call.share * power, deviation: 0))
                }
            }
        }
        // What was decided before counts everywhere; where it is beyond a limit by itself, nothing may come on top.
        var ownBack = [Double](repeating: 0, count: count)
        var ownShed = [[Double]](repeating: ownBack, count: problem.feeders.count)
        var ownFeederBack = ownShed
        for old in problem.committed {
            for interval in 0..<count {
                ownBack[interval] += old.optIn * old.rebound[interval]
                ownShed[old.feeder][interval] += old.optIn * old.power[interval]
                ownFeederBack[old.feeder][interval] += old.optIn * old.rebound[interval]
                guard problem.target[interval] ?? 0 > 0 else { continue }
                let net = old.power[interval] - old.rebound[interval]
                reduced[interval] += old.optIn * net
                if net != 0 || old.standardError[interval] > 0 {
                    parts[interval].append(
                        Part(probability: old.optIn, mean: net, deviation: old.standardError[interval]))
                }
            }
        }
        func within(_ value: Double, _ old: Double, _ limit: Double?) -> Bool {
            limit.map { value <= max(0, $0 - old) + 1e-6 * max(1, $0) } ?? true
        }
        for interval in 0..<count {
            expect(within(back[interval], ownBack[interval], problem.reboundLimit[interval]), "rebound in \(interval)")
            for (place, feeder) in problem.feeders.enumerated() {
                expect(
                    within(shed[place][interval], ownShed[place][interval], feeder.shedLimit[interval]),
                    "shed of \(feeder.name) in \(interval)")
                expect(
                    within(feederBack[place][interval], ownFeederBack[place][interval], feeder.reboundLimit[interval]),
                    "rebound of \(feeder.name) in \(interval)")
            }
            let total = plan.totals[interval]
            guard let target = problem.target[interval], target > 0 else { continue }
            expect(abs(total.expected - reduced[interval]) < 1e-6 * max(1, target), "expected in \(interval)")
            expect(total.shortfall >= 0 && total.shortfall <= target + 1e-9, "shortfall in \(interval)")
            cost += total.shortfall * hours * problem.shortfallPrice
            let promised = target - total.shortfall
            guard promised > 1e-9 else { continue }
            // Combinations for a few, nothing for many: those are drawn in the Monte Carlo tests.
            if parts[interval].count <= 9, problem.commonError == 0 {
                let share = Self.probability(parts[interval], promised)
                expect(abs(share - (total.probability ?? -1)) < 2e-3, "probability in \(interval)")
                if plan.status != .short {
                    expect(share > problem.deliveryProbability - 1e-3, "unsure in \(interval) without saying so")
                }
            }
        }
        // A shortfall beyond the target (rebound into a target) is paid too, so the cost may be above, never below.
        expect(plan.cost >= cost - 1e-6 * max(1, cost), "cost \(plan.cost) is under \(cost)")
        expect(plan.bound <= plan.cost + 1e-9 * max(1, plan.cost), "bound")
        if plan.status == .withinGap {
            expect(plan.totals.allSatisfy { $0.shortfall <= 1e-6 }, "short without saying so")
        }
        return found
    }

    private struct Part {
        let probability: Double
        let mean: Double
        let deviation: Double
    }

    /// Every combination of taking part and not.
    private static func probability(_ parts: [Part], _ target: Double) -> Double {
        var sum = 0.0
        for bits in 0..<(1 << parts.count) {
            var weight = 1.0
            var mean = 0.0
            var variance = 0.0
            for (place, part) in parts.enumerated() {
                if bits >> place & 1 == 1 {
                    weight *= part.probability
                    mean += part.mean
                    variance += part.deviation * part.deviation
                } else {
                    weight *= 1 - part.probability
                }
            }
            if weight == 0 { continue }
            let spare = mean - target + 1e-6 * max(1e-3, target)
            if variance <= 0 {
                sum += spare >= 0 ? weight : 0
            } else {
                sum += weight * normalProbability(below: spare / variance.squareRoot())
            }
        }
        return sum
    }

    /// The least cost of the linearised model that the plan's bound speaks of, over every combination of calls; nil when
    /// there are more than so many.
    func leastCost(_ plan: DispatchProposal, most: Int = 20_000) -> Double? {
        let choices = problem.resources.map { [nil] + calls(of: $0).map { Optional($0) } }
        guard choices.reduce(1, { min($0 * $1.count, most + 1) }) <= most else { return nil }
        let hours = Double(problem.step.seconds) / 3_600
        let z = quantile(problem.deliveryProbability)
        let count = problem.intervalCount
        func given(_ feeder: Int?, _ interval: Int, _ part: KeyPath<DispatchProblem.Commitment, [Double]>) -> Double {
            problem.committed.filter { feeder == nil || $0.feeder == feeder }
                .reduce(0) { $0 + $1.optIn * $1[keyPath: part][interval] }
        }
        func isOver(_ value: Double, _ limit: Double?, _ old: Double) -> Bool {
            limit.map { value > max(0, $0 - old) } ?? false
        }
        var best = Double.infinity
        var chosen = [Int](repeating: 0, count: choices.count)
        while true {
            var cost = 0.0
            var sure = [Double](repeating: 0, count: count)
            var back = sure
            var shed = [[Double]](repeating: sure, count: problem.feeders.count)
            var feederBack = shed
            for (site, pick) in zip(problem.resources, zip(choices, chosen).map { $0[$1] }) {
                guard let pick else { continue }
                cost += site.callCost + site.seasonValue + problem.fairnessPrice * Double(site.recentCalls)
                for interval in pick.first..<pick.end {
                    let power = pick.share * site.capacity[interval]
                    let error = pick.share * site.standardError[interval]
                    let first = interval == pick.first ? site.firstShare : 1
                    cost += site.energyPrice * site.optIn * power * hours + pick.share * site.comfort
                    shed[site.feeder][interval] += first * site.optIn * power
                    guard let tangent = plan.totals[interval].tangent else { continue }
                    let common = problem.commonError * tangent.mean
                    let root = (common * common + tangent.variance).squareRoot()
                    let variance = site.optIn * (error * error + (1 - site.optIn) * power * power)
                    let slopes =
                        root > 0 ? (z * common * problem.commonError / root, z / (2 * root)) : (0, 0)
                    sure[interval] += first * (site.optIn * power * (1 - slopes.0) - slopes.1 * variance)
                }
                for (lag, power) in site.rebound.enumerated() where pick.end + lag < count {
                    let mean = pick.share * site.optIn * power
                    back[pick.end + lag] += mean
                    feederBack[site.feeder][pick.end + lag] += mean
                    if problem.target[pick.end + lag] ?? 0 > 0 { sure[pick.end + lag] -= mean }
                }
            }
            var isAllowed = true
            for interval in 0..<count {
                if isOver(back[interval], problem.reboundLimit[interval], given(nil, interval, \.rebound)) {
                    isAllowed = false
                }
                for (place, feeder) in problem.feeders.enumerated() {
                    if isOver(shed[place][interval], feeder.shedLimit[interval], given(place, interval, \.power))
                        || isOver(
                            feederBack[place][interval], feeder.reboundLimit[interval],
                            given(place, interval, \.rebound))
                    {
                        isAllowed = false
                    }
                }
                guard let target = problem.target[interval], target > 0, let tangent = plan.totals[interval].tangent
                else { continue }
                let common = problem.commonError * tangent.mean
                let root = (common * common + tangent.variance).squareRoot()
                let constant = root > 0 ? z * (root - (common * common + tangent.variance / 2) / root) : 0
                for old in problem.committed {
                    let power = old.power[interval]
                    let error = old.standardError[interval]
                    let variance = old.optIn * (error * error + (1 - old.optIn) * power * power)
                    let slopes = root > 0 ? (z * common * problem.commonError / root, z / (2 * root)) : (0, 0)
                    sure[interval] +=
                        old.optIn * (power * (1 - slopes.0) - old.rebound[interval]) - slopes.1 * variance
                }
                let missing = target + tangent.extra + constant - sure[interval]
                cost += max(0, missing) * hours * problem.shortfallPrice
            }
            if isAllowed { best = min(best, cost) }
            var place = 0
            while place < chosen.count {
                chosen[place] += 1
                if chosen[place] < choices[place].count { break }
                chosen[place] = 0
                place += 1
            }
            if place == chosen.count { return best }
        }
    }

    private func calls(of site: DispatchProblem.Resource) -> [(first: Int, end: Int, share: Double)] {
        guard site.resourceClass != .critical, site.callsLeft > 0 else { return [] }
        var all: [(first: Int, end: Int, share: Double)] = []
        for first in problem.callable {
            let begin = problem.start.secondsSinceEpoch + Int64(first) * problem.step.seconds
            guard begin - problem.decidedAt.secondsSinceEpoch >= site.notice.seconds,
                site.restingUntil.map({ begin >= $0.secondsSinceEpoch }) ?? true
            else { continue }
            for end in (first + 1)...problem.callable.upperBound {
                let length = Int64(end - first) * problem.step.seconds
                guard length >= site.minimumDuration.seconds, length <= site.maximumDuration.seconds,
                    (first..<end).allSatisfy({ site.capacity[$0] > 0 })
                else { continue }
                for share in site.levels { all.append((first, end, share)) }
            }
        }
        return all
    }

    private func quantile(_ probability: Double) -> Double {
        var low = 0.0
        var high = 9.0
        for _ in 0..<80 {
            let middle = (low + high) / 2
            if normalProbability(below: middle) < probability { low = middle } else { high = middle }
        }
        return low
    }
}

/// Problems with everything in them, and all of it at its edges at times.
func randomProblem(_ generator: inout some RandomNumberGenerator, resources: ClosedRange<Int>) -> DispatchProblem {
    func number(_ range: ClosedRange<Double>) -> Double { Double.random(in: range, using: &generator) }
    func whole(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    func sometimes(_ share: Double) -> Bool { number(0...1) < share }
    let count = whole(1...7)
    let first = whole(0...(count - 1))
    let last = whole(first...(count - 1))
    let step = [300, 900, 1_800][whole(0...2)]
    let start = Instant(secondsSinceEpoch: 1_784_221_200)
    let feeders = whole(1...3)
    let size = whole(resources)
    var sum = 0.0
    var sites: [DispatchProblem.Resource] = []
    for place in 0..<size {
        // Some are alike.
        if sometimes(0.2), var twin = sites.last {
            twin.name = ResourceName("site-\(place)")
            sum += twin.optIn * (twin.capacity.max() ?? 0)
            sites.append(twin)
            continue
        }
        let power = number(1...30)
        let capacity = (0..<count).map { _ in sometimes(0.06) ? 0 : power * number(0.7...1.3) }
        let error = sometimes(0.1) ? 0 : number(0...0.5)
        var site = DispatchProblem.Resource(
            name: ResourceName("site-\(place)"), capacity: capacity, standardError: capacity.map { $0 * error })
        site.feeder = whole(0...(feeders - 1))
        site.resourceClass = [.critical, .semiCritical, .nonCritical, .nonCritical, .deferrable][whole(0...4)]
        site.optIn = sometimes(0.3) ? 1 : number(0.6...1)
        site.energyPrice = number(0...1)
        site.callCost = sometimes(0.3) ? 0 : number(0...5)
        site.comfort = number(0...0.3)
        site.notice = .seconds(Int64(whole(0...5) / 2 * step))
        site.minimumDuration = .seconds(Int64(whole(0...9) / 4 * step))
        site.maximumDuration = site.minimumDuration + .seconds(Int64(whole(1...5) * step))
        site.restingUntil = sometimes(0.1) ? start + .seconds(Int64(whole(-1...3) * step)) : nil
        site.callsLeft = sometimes(0.1) ? 0 : whole(1...3)
        site.seasonValue = sometimes(0.3) ? number(0...2) : 0
        site.recentCalls = whole(0...3)
        site.firstShare = sometimes(0.5) ? 1 : number(0...1)
        site.rebound = (0..<whole(0...2)).map { _ in power * number(0...0.5) }
        site.levels = sometimes(0.5) ? [1] : [0.4, 0.7, 1]
        sum += site.optIn * power
        sites.append(site)
    }
    func limits(_ share: Double, _ often: Double) -> [Double?] {
        (0..<count).map { _ in sometimes(often) ? share * sum * number(0.1...1) : nil }
    }
    var problem = DispatchProblem(
        decidedAt: start - .seconds(Int64(whole(0...5) * step)), start: start, step: .seconds(Int64(step)),
        target: (0..<count).map { $0 >= first && $0 <= last ? sum * number(0.02...0.5) : nil },
        callable: max(0, first - whole(0...1))..<min(count, last + 1 + whole(0...1)),
        shortfallPrice: [20, 500, 5_000][whole(0...2)], reboundLimit: limits(0.5, 0.15),
        feeders: (0..<feeders).map {
            .init(name: "feeder-\($0)", shedLimit: limits(1.2, 0.2), reboundLimit: limits(0.4, 0.1))
        }, resources: sites)
    problem.deliveryProbability = [0.5, 0.7, 0.8, 0.9, 0.99][whole(0...4)]
    problem.fairnessPrice = sometimes(0.5) ? number(0...1) : 0
    problem.commonError = sometimes(0.2) ? number(0...0.15) : 0
    if sometimes(0.2) {
        problem.committed = (0..<whole(1...3)).map { place in
            let power = number(1...30)
            let end = whole(1...count)
            return DispatchProblem.Commitment(
                name: ResourceName("told-\(place)"), feeder: whole(0...(feeders - 1)),
                optIn: sometimes(0.5) ? 1 : number(0.6...1), power: (0..<count).map { $0 < end ? power : 0 },
                standardError: (0..<count).map { $0 < end ? 0.2 * power : 0 },
                rebound: (0..<count).map { $0 == end ? 0.3 * power : 0 })
        }
    }
    return problem
}
