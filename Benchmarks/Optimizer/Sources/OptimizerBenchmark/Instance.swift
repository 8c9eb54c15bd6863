import DemandResponse
import Glibc

/// A portfolio as portfolio.py writes it: little-endian doubles.
struct Instance {
    var portfolio: Portfolio

    init?(path: String) {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        func read(_ count: Int) -> [Double] {
            [Double](unsafeUninitializedCapacity: count) { buffer, filled in
                filled = fread(buffer.baseAddress, 8, count, file)
            }
        }
        let header = read(12)
        guard header.count == 12 else { return nil }
        let count = Int(header[0])
        let feederCount = Int(header[1])
        let steps = Int(header[2])
        let callable = Int(header[3])..<Int(header[4])
        let event = Int(header[5])..<Int(header[6])
        let lags = Int(header[7])
        let hours = header[8]
        let target = read(steps)
        let variance = read(steps)
        let shed = read(feederCount)
        let rebound = read(feederCount)
        _ = read(count)
        let feeder = read(count)
        let notice = read(count)
        let shortest = read(count)
        let longest = read(count)
        let isThere = read(count)
        let ramp = read(count)
        let price = read(count)
        let call = read(count)
        let comfort = read(count)
        let optIn = read(count)
        let capacity = read(count)
        _ = read(count)
        let shares = read(count * lags)
        let means = read(count * callable.count)
        let variances = read(count * callable.count)
        guard variances.count == count * callable.count else { return nil }
        let step = Int32(hours * 3_600)
        portfolio = Portfolio(
            hours: [Double](repeating: hours, count: steps), offsets: (0...Int32(steps)).map { $0 * step },
            callable: callable,
            demands: (0..<steps).map { interval in
                guard event.contains(interval) else { return nil }
                return Portfolio.Demand(
                    target: target[interval],
                    margin: DeliveryMargin(deviations: header[9], mean: 0, variance: variance[interval]))
            },
            shortfallPrice: header[10],
            reboundLimit: (0..<steps).map { $0 >= event.upperBound && $0 < event.upperBound + 3 ? header[11] : .infinity },
            feeders: (0..<feederCount).map { feeder in
                Portfolio.Feeder(
                    shedLimit: (0..<steps).map { event.contains($0) ? shed[feeder] : .infinity },
                    reboundLimit: (0..<steps).map {
                        $0 >= event.upperBound && $0 < event.upperBound + 3 ? rebound[feeder] : .infinity
                    })
            },
            resources: (0..<count).map { index in
                var resource = Portfolio.Resource()
                resource.feeder = Int32(feeder[index])
                resource.earliest = Int32(notice[index])
                resource.shortest = Int32(shortest[index]) * step
                resource.longest = Int32(longest[index]) * step
                resource.firstShare = ramp[index]
                resource.energyPrice = price[index]
                resource.callCost = call[index]
                resource.comfort = comfort[index]
                resource.mayBeCalled = isThere[index] > 0
                return resource
            },
            means: means, variances: variances,
            rebounds: (0..<count * lags).map { shares[$0] * optIn[$0 / lags] * capacity[$0 / lags] },
            reboundLength: lags)
    }
}
