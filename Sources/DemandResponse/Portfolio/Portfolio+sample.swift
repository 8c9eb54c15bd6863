extension Portfolio {
    /// Every n-th resource of each feeder, with limits and targets cut down likewise: its prices are near the whole's.
    func sample(every stride: Int) -> Portfolio {
        let share = 1 / Double(stride)
        var kept: [Int] = []
        for feeder in feeders.indices {
            kept += Swift.stride(from: feederStarts[feeder] + feeder % stride, to: feederStarts[feeder + 1], by: stride)
        }
        func rows(_ matrix: [Double], _ width: Int) -> [Double] {
            kept.flatMap { matrix[$0 * width..<($0 + 1) * width] }
        }
        return Portfolio(
            hours: hours, offsets: offsets, callable: callable,
            demands: demands.map { demand in
                guard var demand else { return nil }
                demand.target *= share
                demand.margin = demand.margin.scaled(by: share)
                return demand
            },
            shortfallPrice: shortfallPrice, reboundLimit: reboundLimit.map { $0 * share },
            feeders: feeders.map { feeder in
                Feeder(
                    shedLimit: feeder.shedLimit.map { $0 * share },
                    reboundLimit: feeder.reboundLimit.map { $0 * share })
            },
            levels: levels, resources: kept.map { resources[$0] }, means: rows(means, callable.count),
            variances: rows(variances, callable.count), rebounds: rows(rebounds, reboundLength),
            reboundLength: reboundLength)
    }

    /// A price of a kWh at which about the target would be called: resources by what a kWh costs, until the largest
    /// target is reached.
    func meritOrderPrice() -> Double {
        let target = demands.compactMap { $0?.needed }.max() ?? 0
        var offers: [(price: Double, power: Double)] = []
        for (place, resource) in resources.enumerated() where resource.mayBeCalled {
            let from = max(callable.lowerBound, Int(resource.earliest))
            guard from < callable.upperBound else { continue }
            var end = from + 1
            while end < callable.upperBound, offsets[end + 1] - offsets[from] <= resource.longest { end += 1 }
            let share = levels[Int(resource.levels)].last ?? 1
            var energy = 0.0
            for interval in from..<end {
                energy += share * means[place * callable.count + interval - callable.lowerBound] * hours[interval]
            }
            guard energy > 0 else { continue }
            let comfort = share * resource.comfort * Double(end - from)
            let power = share * energy / hours[from..<end].reduce(0, +)
            offers.append((resource.energyPrice + (resource.callCost + comfort) / energy, power))
        }
        offers.sort { $0.price < $1.price }
        var power = 0.0
        for offer in offers {
            power += offer.power
            if power >= target { return min(offer.price, shortfallPrice) }
        }
        return shortfallPrice
    }
}
