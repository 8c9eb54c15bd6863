import Measures

/// What only the values tell: the step, the direction of time, and whether a register is being read.
struct PlanMeasures {
    private let table: SampleTable

    init(_ table: SampleTable) {
        self.table = table
    }

    func complete(_ plan: inout ImportPlan, _ notes: inout [String]) throws(ImportError) {
        if case .columnPerInterval(_, _, let count, _) = plan.layout {
            plan.step = Int64(86_400 / (ImportPlan.hasLongDay(columns: count) ? count / 25 * 24 : count))
            return
        }
        var probe = plan
        // Local times are good enough to measure with.
        if probe.clock != .stated { probe.clock = .utc }
        probe.values = .intervals
        probe.unit = .wattHours
        probe.stampsEnd = false
        probe.step = 1
        var reader = try TableReader(probe, zone: { _ in .utc })
        var byMeter: [String: [ImportedValue]] = [:]
        for row in table.rows { reader.take(row) { byMeter[$0.meter, default: []].append($0) } }
        let pairs = byMeter.values.flatMap { values in zip(values, values.dropFirst()) }
        let steps = pairs.map { ($1.start - $0.start).seconds }.filter { $0 != 0 }
        guard !steps.isEmpty else { throw .unrecognized("no two times of a meter follow each other") }
        plan.isDescending = steps.count { $0 < 0 } > steps.count / 2
        if case .long(.startAndEnd, _, _) = plan.layout, let first = byMeter.values.first?.first {
            plan.step = max(first.duration.seconds, 1)
        } else {
            let counted = Dictionary(grouping: steps.map(\.magnitude), by: { $0 }).mapValues(\.count)
            let most = counted.max { ($0.value, $1.key) < ($1.value, $0.key) }
            plan.step = Int64(most?.key ?? 3_600)
        }
        if isRegister(Array(pairs), plan) {
            plan.values = .register(rollOver: nil)
            notes.append("the values only grow: read as a register, whose differences are the energy")
        }
    }

    /// A register never falls but when it rolls over, and stands high above what one interval adds.
    private func isRegister(_ pairs: [(ImportedValue, ImportedValue)], _ plan: ImportPlan) -> Bool {
        guard !plan.unit.isPower, pairs.count >= 3 else { return false }
        let ordered = pairs.map { plan.isDescending ? ($0.1.value, $0.0.value) : ($0.0.value, $0.1.value) }
        let grown = ordered.count { $0.1 >= $0.0 }
        let added = ordered.map { $0.1 - $0.0 }.filter { $0 >= 0 }.reduce(0, +) / Double(max(grown, 1))
        let level = ordered.map(\.0.magnitude).reduce(0, +) / Double(ordered.count)
        guard ordered.count - grown <= max(1, ordered.count / 200), added > 0 else { return false }
        let isNamed: Bool =
            switch plan.layout {
            case .long(_, let value, _): ColumnNames.isRegister(table.name(value))
            case .columnPerMeter(_, let meters): meters.contains { ColumnNames.isRegister(table.name($0.column)) }
            case .columnPerInterval: false
            }
        // A load may grow for hours, but not for days, and not from far above what it adds.
        return isNamed || (pairs.count >= 20 && level > 100 * added) || (pairs.count >= 500 && level > 5 * added)
    }
}
