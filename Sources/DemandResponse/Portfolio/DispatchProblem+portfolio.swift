import Measures

extension DispatchProblem {
    /// Where a margin's tangent lies in an interval, and what is asked for beside it.
    public struct Tangent: Hashable, Codable, Sendable {
        /// The expected reduction there, kW.
        public var mean: Double
        /// Its variance of independent errors there, kW squared.
        public var variance: Double
        /// On top of the target (below zero: off it), as true distributions are not normal, kW.
        public var extra: Double
    }

    /// Whether a resource may be called at all, whatever the price: a critical one has no patterns.
    func mayBeCalled(_ resource: Resource) -> Bool {
        resource.resourceClass != .critical && resource.callsLeft > 0
    }

    /// The first interval in which a call of a resource may start; T when there is none.
    func earliest(_ resource: Resource) -> Int {
        let earliest = max(decidedAt + resource.notice, resource.restingUntil ?? decidedAt)
        let seconds = (earliest - start).seconds
        guard seconds > 0 else { return 0 }
        return Int(min(Int64(intervalCount), (seconds + step.seconds - 1) / step.seconds))
    }

    /// The problem in the form in which it is solved. Resources come in feeder order; `givenPlaces` says which is which.
    func portfolio(_ tangents: [Tangent?]) -> Portfolio {
        let count = intervalCount
        let width = callable.count
        let lags = resources.map(\.rebound.count).max() ?? 0
        var levels: [[Double]] = []
        var levelPlaces: [[Double]: Int32] = [:]
        var rows: [Portfolio.Resource] = []
        var means: [Double] = []
        var variances: [Double] = []
        var rebounds: [Double] = []
        rows.reserveCapacity(resources.count)
        means.reserveCapacity(resources.count * width)
        variances.reserveCapacity(resources.count * width)
        rebounds.reserveCapacity(resources.count * lags)
        for resource in resources {
            var row = Portfolio.Resource()
            row.feeder = Int32(resource.feeder)
            row.earliest = Int32(earliest(resource))
            row.shortest = Int32(clamping: resource.minimumDuration.seconds)
            row.longest = Int32(clamping: resource.maximumDuration.seconds)
            let place = levelPlaces[resource.levels] ?? Int32(levels.count)
            if place == levels.count {
                levelPlaces[resource.levels] = place
                levels.append(resource.levels)
            }
            row.levels = place
            row.firstShare = resource.firstShare
            row.energyPrice = resource.energyPrice
            row.callCost = resource.callCost + resource.seasonValue + fairnessPrice * Double(resource.recentCalls)
            row.comfort = resource.comfort
            row.mayBeCalled = mayBeCalled(resource)
            rows.append(row)
            let probability = resource.optIn
            for interval in callable {
                let capacity = resource.capacity[interval]
                let error = resource.standardError[interval]
                means.append(probability * capacity)
                variances.append(
                    probability * error * error + probability * (1 - probability) * capacity * capacity)
            }
            for lag in 0..<lags {
                rebounds.append(lag < resource.rebound.count ? probability * resource.rebound[lag] : 0)
            }
        }
        let hours = [Double](repeating: step.hours, count: count)
        return Portfolio(
            hours: hours, offsets: (0...count).map { Int32(clamping: Int64($0) * step.seconds) }, callable: callable,
            demands: demands(tangents), shortfallPrice: shortfallPrice,
            reboundLimit: left(reboundLimit, feeder: nil, \.rebound),
            feeders: feeders.enumerated().map { place, feeder in
                Portfolio.Feeder(
                    shedLimit: left(feeder.shedLimit, feeder: place, \.power),
                    reboundLimit: left(feeder.reboundLimit, feeder: place, \.rebound))
            },
            levels: levels, resources: rows, means: means, variances: variances, rebounds: rebounds,
            reboundLength: lags)
    }

    /// What is asked for, with the margins at the tangents.
    func demands(_ tangents: [Tangent?]) -> [Portfolio.Demand?] {
        let deviations = Normal.quantile(deliveryProbability)
        return target.indices.map { interval in
            guard let target = target[interval], target > 0, let tangent = tangents[interval] else { return nil }
            let margin = DeliveryMargin(
                deviations: deviations, mean: tangent.mean, variance: tangent.variance, commonError: commonError)
            return Portfolio.Demand(target: target + tangent.extra - sure(interval, margin), margin: margin)
        }
    }

    /// The tangents of a first solve: everybody's variance, cut down to the share of everybody that the target takes.
    func firstTangents() -> [Tangent?] {
        var means = [Double](repeating: 0, count: intervalCount)
        var variances = means
        for resource in resources where mayBeCalled(resource) {
            let first = earliest(resource)
            for interval in callable where interval >= first {
                let capacity = resource.capacity[interval]
                let error = resource.standardError[interval]
                means[interval] += resource.optIn * capacity
                variances[interval] +=
                    resource.optIn * (error * error + (1 - resource.optIn) * capacity * capacity)
            }
        }
        return target.indices.map { interval in
            guard let target = target[interval], target > 0 else { return nil }
            if !marginVariance.isEmpty {
                return Tangent(mean: target, variance: marginVariance[interval], extra: 0)
            }
            let given = committed.reduce(0) { $0 + $1.optIn * $1.net(interval) }
            let known = committed.reduce(0) { $0 + $1.variance(interval) }
            let missing = max(0, target - given)
            let share = means[interval] > 0 ? min(1, missing / means[interval]) : 0
            return Tangent(mean: max(target, given), variance: known + share * variances[interval], extra: 0)
        }
    }
}
