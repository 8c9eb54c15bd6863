/// Dynamic programming over a battery's content, all loads fixed: no solver, any price. A check of the model on sites
/// with a battery only, and a controller that answers in milliseconds.
///
/// `V[t](s) = min over s' of cost(t, s to s') + V[t + 1](s')` on a grid of contents, so its cost is at least the optimum
/// and comes near it as the grid gets finer. It knows no demand charge.
public struct StorageProgram: Sendable {
    private let site: Site
    private let points: Int

    public init(_ site: Site, points: Int = 201) {
        self.site = site
        self.points = max(2, points)
    }

    /// The least cost from the start, and the content after each step; nil without a battery.
    public func solve() -> (cost: Double, stored: [Double])? {
        guard let battery = site.battery, battery.capacity > battery.floor else { return nil }
        let spacing = (battery.capacity - battery.floor) / Double(points - 1)
        let contents = (0..<points).map { battery.floor + Double($0) * spacing }
        var value = contents.map { -battery.endValue * $0 + 1e6 * max(0, battery.endFloor - $0 - 1e-9) }
        var choices: [[Int32]] = []
        let up = Int((battery.chargePower * battery.chargeEfficiency * site.hours / spacing).rounded(.down))
        let down = Int((battery.dischargePower / battery.dischargeEfficiency * site.hours / spacing).rounded(.down))
        for step in (0..<site.stepCount).reversed() {
            let costs = (-down...max(up, -down)).map { stepCost(step, change: Double($0) * spacing, battery) }
            var next = [Double](repeating: .infinity, count: points)
            var choice = [Int32](repeating: 0, count: points)
            for from in 0..<points {
                for to in max(0, from - down)...min(points - 1, from + up) {
                    let short = max(0, min(site.reserve[step], battery.capacity) - contents[to])
                    let total = costs[to - from + down] + site.reservePrice * short * site.hours + value[to]
                    if total < next[from] {
                        next[from] = total
                        choice[from] = Int32(to)
                    }
                }
            }
            value = next
            choices.append(choice)
        }
        var place = Int(((battery.start - battery.floor) / spacing).rounded())
        let cost = value[place]
        var stored: [Double] = []
        for choice in choices.reversed() {
            place = Int(choice[place])
            stored.append(contents[place])
        }
        return (cost, stored)
    }

    /// What a step costs in which the content changes so much.
    private func stepCost(_ step: Int, change: Double, _ battery: Site.Battery) -> Double {
        let charge = max(0, change) / (battery.chargeEfficiency * site.hours)
        let discharge = max(0, -change) * battery.dischargeEfficiency / site.hours
        let load = site.base[step] - site.solar[step] + charge - discharge
        let most = site.outage[step] ? 0 : site.gridPower
        let wear = battery.wear * (charge + discharge)
        if load > 0 {
            return (site.importPrice[step] * min(load, most) + 1e6 * max(0, load - most) + wear) * site.hours
        }
        // What is not sold is not used: only the sun can be left unused.
        let unusable = max(0, -load - most - site.solar[step])
        return (-max(0, site.exportPrice[step]) * min(-load, most) + 1e6 * unusable + wear) * site.hours
    }
}
