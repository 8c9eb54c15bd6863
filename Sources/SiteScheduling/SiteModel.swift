import Optimization

/// A site as a mixed-integer model. Every limit that the outer world could make impossible is soft and has a name.
///
/// Binaries that forbid to buy and sell, or to charge and discharge, at once stand only where a price makes that pay:
/// where selling brings more than buying costs, or the price is negative. Elsewhere it is a loss that no optimum takes.
struct SiteModel {
    private typealias Term = LinearModel.Term

    let site: Site
    private(set) var model = LinearModel()
    private var imports: [LinearModel.ColumnID] = []
    private var exports: [LinearModel.ColumnID] = []
    private var charges: [LinearModel.ColumnID] = []
    private var discharges: [LinearModel.ColumnID] = []
    private var stored: [LinearModel.ColumnID] = []
    private var drops: [[LinearModel.ColumnID?]] = []
    private var slacks: [(name: String, column: LinearModel.ColumnID)] = []
    /// For each step what the flexible loads draw.
    private var flexible: [[Term]]
    /// What a unit of a broken limit costs: far more than anything it could save.
    private let penalty: Double

    init(_ site: Site) throws(ModelError) {
        self.site = site
        let prices = site.importPrice + site.exportPrice + site.zones.map(\.lostLoadValue) + [site.demandPrice, 1]
        penalty = 100 * (prices.map { abs($0) }.max() ?? 1)
        flexible = [[Term]](repeating: [], count: site.stepCount)
        for load in site.energyLoads { try add(load) }
        for job in site.jobs { try add(job) }
        for load in site.switchedLoads { try add(load) }
        try addBattery()
        try addGrid()
    }

    private mutating func slack(_ name: String) throws(ModelError) -> LinearModel.ColumnID {
        let column = try model.addColumn(name, cost: penalty)
        slacks.append((name, column))
        return column
    }

    private mutating func add(_ load: Site.EnergyLoad) throws(ModelError) {
        for (number, window) in load.windows.enumerated() {
            var energy: [Term] = []
            for step in window {
                let power = try model.addColumn("\(load.name) \(step)", upper: load.mostPower)
                if load.leastPower > 0 || load.stepCost > 0 {
                    let isOn = try model.addBinary("\(load.name) on \(step)", cost: load.stepCost)
                    try model.addRow("\(load.name) most", [.init(1, power), .init(-load.mostPower, isOn)], upper: 0)
                    try model.addRow("\(load.name) least", [.init(1, power), .init(-load.leastPower, isOn)], lower: 0)
                }
                flexible[step].append(.init(1, power))
                energy.append(.init(site.hours, power))
            }
            let missing = try slack("\(load.name): kWh missing in window \(number + 1)")
            try model.addRow("\(load.name) energy", energy + [.init(1, missing)], lower: load.energy)
        }
    }

    private mutating func add(_ job: Site.Job) throws(ModelError) {
        for (number, starts) in job.starts.enumerated() {
            var once: [Term] = []
            for start in starts {
                let begins = try model.addBinary("\(job.name) \(start)")
                once.append(.init(1, begins))
                for step in start..<(start + job.length) { flexible[step].append(.init(job.power, begins)) }
            }
            once.append(.init(1, try slack("\(job.name): run \(number + 1) left out")))
            try model.addRow("\(job.name) once", once, lower: 1, upper: 1)
        }
    }

    private mutating func add(_ load: Site.SwitchedLoad) throws(ModelError) {
        var isOn: [Int: LinearModel.ColumnID] = [:]
        for step in Set(load.windows.joined()).sorted() {
            let column = try model.addBinary("\(load.name) \(step)")
            isOn[step] = column
            flexible[step].append(.init(load.power, column))
        }
        var begins: [Int: LinearModel.ColumnID] = [:]
        for step in isOn.keys.sorted() {
            guard let column = isOn[step] else { continue }
            let begin = try model.addColumn("\(load.name) begins \(step)", upper: 1, cost: load.startCost)
            begins[step] = begin
            let before = isOn[step - 1].map { [Term(-1, $0)] } ?? []
            try model.addRow("\(load.name) begins", [.init(1, column), .init(-1, begin)] + before, upper: 0)
            let recent = (0..<load.shortestRun).compactMap { begins[step - $0] }.map { Term(1, $0) }
            try model.addRow("\(load.name) runs on", recent + [.init(-1, column)], upper: 0)
        }
        for (number, window) in load.windows.enumerated() {
            let terms = window.compactMap { isOn[$0] }.map { Term(1, $0) }
            let missing = try slack("\(load.name): steps missing in window \(number + 1)")
            let steps = Double(load.steps)
            try model.addRow("\(load.name) steps", terms + [.init(1, missing)], lower: steps, upper: steps)
        }
    }

    private mutating func addBattery() throws(ModelError) {
        guard let battery = site.battery else { return }
        for step in 0..<site.stepCount {
            let isLast = step == site.stepCount - 1
            let charge = try model.addColumn("charge", upper: battery.chargePower, cost: battery.wear * site.hours)
            let discharge = try model.addColumn(
                "discharge", upper: battery.dischargePower, cost: battery.wear * site.hours)
            let content = try model.addColumn(
                "stored", lower: battery.floor, upper: battery.capacity, cost: isLast ? -battery.endValue : 0)
            var terms: [Term] = [
                .init(1, content), .init(-battery.chargeEfficiency * site.hours, charge),
                .init(site.hours / battery.dischargeEfficiency, discharge),
            ]
            if let before = stored.last { terms.append(.init(-1, before)) }
            let start = stored.isEmpty ? battery.start : 0
            try model.addRow("stored", terms, lower: start, upper: start)
            if site.exportPrice[step] > site.importPrice[step] || site.importPrice[step] < 0 {
                let charges = try model.addBinary("charges")
                try model.addRow("charges", [.init(1, charge), .init(-battery.chargePower, charges)], upper: 0)
                try model.addRow(
                    "discharges", [.init(1, discharge), .init(battery.dischargePower, charges)],
                    upper: battery.dischargePower)
            }
            if site.reserve[step] > battery.floor {
                let short = try model.addColumn("reserve", cost: site.reservePrice * site.hours)
                try model.addRow(
                    "reserve", [.init(1, content), .init(1, short)], lower: min(site.reserve[step], battery.capacity))
            }
            charges.append(charge)
            discharges.append(discharge)
            stored.append(content)
        }
        if let last = stored.last, battery.endFloor > battery.floor {
            let missing = try slack("battery: kWh missing at the end")
            try model.addRow("end", [.init(1, last), .init(1, missing)], lower: battery.endFloor)
        }
    }

    private mutating func addGrid() throws(ModelError) {
        let peak = try model.addColumn("peak", cost: site.demandPrice)
        drops = site.zones.map { _ in [LinearModel.ColumnID?](repeating: nil, count: site.stepCount) }
        for step in 0..<site.stepCount {
            let most = site.outage[step] ? 0 : site.gridPower
            let bought = try model.addColumn("import", upper: most, cost: site.importPrice[step] * site.hours)
            let sold = try model.addColumn("export", upper: most, cost: -site.exportPrice[step] * site.hours)
            let unused = try model.addColumn("unused solar", upper: site.solar[step])
            var terms: [Term] = [.init(1, bought), .init(-1, sold), .init(-1, unused)]
            if site.battery != nil { terms += [.init(1, discharges[step]), .init(-1, charges[step])] }
            terms += flexible[step].map { Term(-$0.coefficient, $0.column) }
            if site.outage[step] {
                for (place, zone) in site.zones.enumerated() where zone.share * site.base[step] > 0 {
                    let load = zone.share * site.base[step]
                    let dropped = try model.addBinary("drop", cost: zone.lostLoadValue * load * site.hours)
                    drops[place][step] = dropped
                    terms.append(.init(load, dropped))
                }
            }
            terms.append(.init(1, try slack("power: kW missing in step \(step)")))
            let load = site.base[step] - site.solar[step]
            try model.addRow("balance", terms, lower: load, upper: load)
            if site.demandPrice > 0 { try model.addRow("peak", [.init(1, bought), .init(-1, peak)], upper: 0) }
            if most > 0, site.exportPrice[step] > site.importPrice[step] {
                let buys = try model.addBinary("buys")
                try model.addRow("buys", [.init(1, bought), .init(-most, buys)], upper: 0)
                try model.addRow("sells", [.init(1, sold), .init(most, buys)], upper: most)
            }
            imports.append(bought)
            exports.append(sold)
        }
    }

    func schedule(_ solution: Solution) -> SiteSchedule {
        func values(_ columns: [LinearModel.ColumnID]) -> [Double] {
            columns.isEmpty ? [Double](repeating: 0, count: site.stepCount) : columns.map { solution[$0] }
        }
        let broken = slacks.filter { solution[$0.column] > 1e-6 }
        let paid = slacks.reduce(0) { $0 + penalty * solution[$1.column] }
        return SiteSchedule(
            imports: values(imports), exports: values(exports), charge: values(charges),
            discharge: values(discharges), stored: values(stored),
            flexible: flexible.map { $0.reduce(0) { $0 + $1.coefficient * solution[$1.column] } },
            dropped: drops.map { $0.map { $0.map { solution[$0] > 0.5 } ?? false } },
            slacks: broken.map { .init(name: $0.name, amount: solution[$0.column]) },
            cost: solution.objective - paid, bound: solution.bound.isFinite ? solution.bound - paid : nil,
            status: SiteSchedule.Status(solution.quality))
    }
}
