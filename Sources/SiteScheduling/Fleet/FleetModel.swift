import Optimization

/// A fleet as a mixed-integer model. Bounds are what can physically flow, not a large number.
///
/// Penalties are multiples of the highest price, so that none is ever paid for money: 1000 for each watt-hour and step
/// outside a battery's range, 100 for a missed goal, a missed demand (more for an early one) or an excess at the meter.
/// Preferences are a small fraction of the least price, so that they only decide among equals.
struct FleetModel {
    private typealias Term = LinearModel.Term
    private typealias ColumnID = LinearModel.ColumnID

    let fleet: StorageFleet
    private(set) var model = LinearModel()
    private var imports: [ColumnID] = []
    private var exports: [ColumnID] = []
    private var importExcess: [ColumnID?] = []
    private var exportExcess: [ColumnID?] = []
    /// One where the meter exports.
    private var isExporting: [ColumnID] = []
    private var excessPeak: ColumnID?
    private var charges: [[ColumnID]] = []
    private var discharges: [[ColumnID]] = []
    private var stored: [[ColumnID]] = []
    private var slacks: [(name: String, column: ColumnID)] = []
    /// The highest price, which penalties are multiples of.
    private let base: Double
    private let leastImportPrice: Double

    init(_ fleet: StorageFleet) throws(ModelError) {
        self.fleet = fleet
        var base = max(fleet.importPrice.max() ?? 0, fleet.exportPrice.max() ?? 0, 1e-4)
        for battery in fleet.batteries { base = max(base, battery.endValue) }
        if fleet.grid.importPower != nil, let price = fleet.grid.excessPrice {
            base = max(base, price / (fleet.hours.min() ?? 1))
        }
        self.base = base
        leastImportPrice = fleet.importPrice.min() ?? 0
        for step in 0..<fleet.stepCount { try addMeter(step) }
        for place in fleet.batteries.indices { try add(fleet.batteries[place], place) }
        for step in 0..<fleet.stepCount { try addBalance(step) }
        try addPeaks()
    }

    /// Steps from this one to the end, as a weight that prefers early ones.
    private func left(_ step: Int) -> Double { Double(fleet.stepCount - step) }

    private mutating func slack(_ name: String, price: Double) throws(ModelError) -> ColumnID {
        let column = try model.addColumn(name, cost: price)
        slacks.append((name, column))
        return column
    }

    private mutating func addMeter(_ step: Int) throws(ModelError) {
        let hours = fleet.hours[step]
        let count = Double(fleet.batteries.count)
        let drawn = fleet.batteries.reduce(fleet.demand[step] + 1) { $0 + $1.chargePower * hours }
        let given = fleet.batteries.reduce(fleet.solar[step] + 1) { $0 + $1.dischargePower * hours }
        let mostIn = min(drawn, fleet.grid.importPower.map { $0 * hours } ?? .infinity)
        let mostOut = min(given, fleet.grid.exportPower.map { $0 * hours } ?? .infinity)
        let lateImport = fleet.discharging == .beforeImport ? 5e-6 * leastImportPrice * left(step) * count : 0
        let lateExport = fleet.charging == .beforeExport ? 2e-5 * leastImportPrice * left(step) * count : 0
        let bought = try model.addColumn("import", upper: mostIn, cost: fleet.importPrice[step] + lateImport)
        let sold = try model.addColumn("export", upper: mostOut, cost: lateExport - fleet.exportPrice[step])
        let exports = try model.addBinary("exports")
        try model.addRow("imports", [.init(1, bought), .init(mostIn, exports)], upper: mostIn)
        try model.addRow("exports", [.init(1, sold), .init(-mostOut, exports)], upper: 0)
        imports.append(bought)
        self.exports.append(sold)
        isExporting.append(exports)
        var beyondIn: ColumnID?
        if fleet.grid.importPower != nil {
            let penalty = fleet.grid.excessPrice == nil ? 100 * base : 0
            beyondIn = try addExcess("import", step, bought, mostIn, drawn, fleet.importPrice[step] + penalty)
        }
        var beyondOut: ColumnID?
        if fleet.grid.exportPower != nil {
            beyondOut = try addExcess("export", step, sold, mostOut, given, 100 * base * (1 - 1e-5 * Double(step)))
        }
        importExcess.append(beyondIn)
        exportExcess.append(beyondOut)
    }

    /// What flows beyond a limit, only where the limit is used up.
    private mutating func addExcess(
        _ way: String, _ step: Int, _ flow: ColumnID, _ limit: Double, _ most: Double, _ price: Double
    ) throws(ModelError) -> ColumnID {
        let beyond = try slack("\(way): Wh beyond the limit in step \(step)", price: price)
        let isBeyond = try model.addBinary("beyond")
        try model.addRow("beyond", [.init(1, beyond), .init(-most, isBeyond)], upper: 0)
        try model.addRow("at the limit", [.init(limit, isBeyond), .init(-1, flow)], upper: 0)
        return beyond
    }

    private mutating func add(_ battery: StorageFleet.Battery, _ place: Int) throws(ModelError) {
        var charge: [ColumnID] = []
        var discharge: [ColumnID] = []
        var content: [ColumnID] = []
        for step in 0..<fleet.stepCount {
            let hours = fleet.hours[step]
            let isLast = step == fleet.stepCount - 1
            let early = -5e-5 * leastImportPrice * left(step) * battery.priority
            let mostIn = battery.chargePower * hours
            let mostOut = battery.dischargePower * hours
            let into = try model.addColumn("charge", upper: mostIn, cost: early)
            let out = try model.addColumn("discharge", upper: mostOut, cost: early)
            let after = try model.addColumn("stored", upper: battery.capacity, cost: isLast ? -battery.endValue : 0)
            var terms: [Term] = [
                .init(1, after), .init(-fleet.chargeEfficiency, into), .init(1 / fleet.dischargeEfficiency, out),
            ]
            if let before = content.last { terms.append(.init(-1, before)) }
            let start = content.isEmpty ? battery.start : 0
            try model.addRow("stored", terms, lower: start, upper: start)
            let charges = try model.addBinary("charges")
            try model.addRow("charges", [.init(1, into), .init(-mostIn, charges)], upper: 0)
            try model.addRow("discharges", [.init(1, out), .init(mostOut, charges)], upper: mostOut)
            if !battery.mayChargeFromGrid {
                try model.addRow("own power", [.init(1, into), .init(-mostIn, isExporting[step])], upper: 0)
            }
            if !battery.mayDischargeToGrid {
                try model.addRow("own use", [.init(1, out), .init(mostOut, isExporting[step])], upper: mostOut)
            }
            try addWishes(battery, place, step, into: into, charges: charges, after: after)
            charge.append(into)
            discharge.append(out)
            content.append(after)
        }
        self.charges.append(charge)
        discharges.append(discharge)
        stored.append(content)
    }

    /// Range, goal, demand and least power of one step.
    private mutating func addWishes(
        _ battery: StorageFleet.Battery, _ place: Int, _ step: Int, into: ColumnID, charges: ColumnID, after: ColumnID
    ) throws(ModelError) {
        let name = "battery \(place + 1)"
        let above = try slack("\(name): Wh above its range in step \(step)", price: 1_000 * base)
        try model.addRow("range", [.init(1, after), .init(-1, above)], upper: battery.most)
        if battery.least > 0 {
            let below = try slack("\(name): Wh below its range in step \(step)", price: 1_000 * base)
            try model.addRow("range", [.init(1, after), .init(1, below)], lower: battery.least)
        }
        if step > 0, !battery.goals.isEmpty, battery.goals[step] > 0 {
            let missing = try slack("\(name): Wh missing to its goal in step \(step)", price: 100 * base)
            try model.addRow("goal", [.init(1, after), .init(1, missing)], lower: battery.goals[step])
        }
        if !battery.demands.isEmpty, battery.demands[step] > 0 {
            let wanted = min(battery.demands[step], battery.chargePower * fleet.hours[step])
            let missing = try slack(
                "\(name): Wh missing to its demand in step \(step)",
                price: 100 * base * (1 + left(step) / Double(fleet.stepCount)))
            let isFull = try model.addBinary("full")
            try model.addRow(
                "demand", [.init(1, into), .init(1, missing), .init(wanted, isFull)], lower: wanted)
            try model.addRow("full", [.init(battery.most, isFull), .init(-1, after)], upper: 0)
        }
        let least = min(battery.leastChargePower, battery.chargePower) * fleet.hours[step]
        guard least > 0 else { return }
        // The last bit into a nearly full battery may be less.
        let isNearlyFull = try model.addBinary("nearly full")
        try model.addRow(
            "least", [.init(1, into), .init(-least, charges), .init(least, isNearlyFull)], lower: 0)
        try model.addRow(
            "nearly full", [.init(max(0, battery.most - least), isNearlyFull), .init(-1, after)], upper: 0)
    }

    private mutating func addBalance(_ step: Int) throws(ModelError) {
        var terms: [Term] = [.init(1, imports[step]), .init(-1, exports[step])]
        for place in fleet.batteries.indices {
            terms += [.init(1, discharges[place][step]), .init(-1, charges[place][step])]
        }
        if let beyond = importExcess[step] { terms.append(.init(1, beyond)) }
        if let beyond = exportExcess[step] { terms.append(.init(-1, beyond)) }
        let load = fleet.demand[step] - fleet.solar[step]
        try model.addRow("balance", terms, lower: load, upper: load)
    }

    private mutating func addPeaks() throws(ModelError) {
        let hasIn = fleet.charging == .attenuatingDemandPeaks || fleet.charging == .attenuatingGridPeaks
        let hasOut = fleet.charging == .attenuatingFeedinPeaks || fleet.charging == .attenuatingGridPeaks
        if hasIn { try addPeak(imports, importExcess) }
        if hasOut { try addPeak(exports, exportExcess) }
        guard fleet.grid.importPower != nil, let price = fleet.grid.excessPrice else { return }
        let peak = try model.addColumn("highest excess", cost: price)
        excessPeak = peak
        for step in 0..<fleet.stepCount {
            guard let beyond = importExcess[step] else { continue }
            try model.addRow("excess", [.init(1 / fleet.hours[step], beyond), .init(-1, peak)], upper: 0)
        }
    }

    private mutating func addPeak(_ flows: [ColumnID], _ beyond: [ColumnID?]) throws(ModelError) {
        let peak = try model.addColumn("peak", cost: 1e-3 * base)
        for step in 0..<fleet.stepCount {
            var terms: [Term] = [.init(1 / fleet.hours[step], flows[step]), .init(-1, peak)]
            if let beyond = beyond[step] { terms.append(.init(1 / fleet.hours[step], beyond)) }
            try model.addRow("peak", terms, upper: 0)
        }
    }

    func schedule(_ solution: Solution) -> FleetSchedule {
        func values(_ columns: [ColumnID], _ excess: [ColumnID?]) -> [Double] {
            zip(columns, excess).map { solution[$0] + ($1.map { solution[$0] } ?? 0) }
        }
        var money = 0.0
        for step in 0..<fleet.stepCount {
            let bought = solution[imports[step]] + (importExcess[step].map { solution[$0] } ?? 0)
            money += solution[exports[step]] * fleet.exportPrice[step] - bought * fleet.importPrice[step]
        }
        for (battery, content) in zip(fleet.batteries, stored) {
            guard let first = content.first, let last = content.last else { continue }
            money += battery.endValue * (solution[last] - solution[first])
        }
        if let excessPeak, let price = fleet.grid.excessPrice { money -= price * solution[excessPeak] }
        return FleetSchedule(
            imports: values(imports, importExcess), exports: values(exports, exportExcess),
            charge: charges.map { $0.map { solution[$0] } }, discharge: discharges.map { $0.map { solution[$0] } },
            stored: stored.map { $0.map { solution[$0] } },
            slacks: slacks.filter { solution[$0.column] > 1e-3 }.map {
                .init(name: $0.name, amount: solution[$0.column])
            },
            money: money, total: -solution.objective, bound: solution.bound.isFinite ? -solution.bound : nil,
            status: SiteSchedule.Status(solution.quality))
    }
}
