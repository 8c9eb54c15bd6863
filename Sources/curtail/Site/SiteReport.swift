import Foundation
import Measures
import SiteScheduling

/// What a schedule does and costs, for `--json` and for people.
struct SiteReport: Encodable {
    struct Step: Encodable {
        let start: String?
        let step: Int
        let importKilowatts: Double
        let exportKilowatts: Double
        let chargeKilowatts: Double
        let dischargeKilowatts: Double
        let storedKilowattHours: Double
        let flexibleKilowatts: Double
        let droppedZones: [String]
    }

    struct Missing: Encodable {
        let what: String
        let amount: Double
    }

    let name: String
    let cost: Double
    /// No schedule costs less; not for a run of a plan.
    let bound: Double?
    let status: String
    let importKilowattHours: Double
    let exportKilowattHours: Double
    let peakKilowatts: Double
    let unservedKilowattHours: Double
    let cycles: Double
    let missing: [Missing]
    let steps: [Step]

    init(_ document: SiteDocument, _ site: Site, _ schedule: SiteSchedule, name: String) {
        self.name = name
        cost = schedule.cost
        bound = schedule.bound
        status =
            switch schedule.status {
            case .proven: "proven"
            case .withinGap: "within the gap"
            case .fallback(let reason): "fallback: \(reason)"
            }
        importKilowattHours = SiteSchedule.energy(schedule.imports, site)
        exportKilowattHours = SiteSchedule.energy(schedule.exports, site)
        peakKilowatts = schedule.peak
        unservedKilowattHours = schedule.unserved(site)
        cycles = schedule.cycles(site)
        missing = schedule.slacks.map { Missing(what: $0.name, amount: $0.amount) }
        let start = document.start.flatMap { Instant(utc: $0) }
        steps = (0..<site.stepCount).map { step in
            Step(
                start: start.map { "\($0 + .seconds(Int64((Double(step) * site.hours * 3_600).rounded())))" },
                step: step,
                importKilowatts: schedule.imports[step], exportKilowatts: schedule.exports[step],
                chargeKilowatts: schedule.charge[step], dischargeKilowatts: schedule.discharge[step],
                storedKilowattHours: schedule.stored[step], flexibleKilowatts: schedule.flexible[step],
                droppedZones: zip(site.zones, schedule.dropped).filter { $0.1[step] }.map(\.0.name))
        }
    }

    private var row: [String] {
        [
            name, cost.fixed(2), importKilowattHours.fixed(1), exportKilowattHours.fixed(1), peakKilowatts.fixed(2),
            unservedKilowattHours.fixed(2), cycles.fixed(2),
        ]
    }

    static func table(_ reports: [SiteReport]) -> String {
        var table = TextTable(
            ["policy", "cost", "import kWh", "export kWh", "peak kW", "unserved kWh", "cycles"], leftColumns: [0])
        for report in reports { table.add(report.row) }
        return table.rendered()
    }

    /// What could not be done.
    func notes() -> String {
        missing.prefix(10).map { "\($0.what): \($0.amount.fixed(2))" }.joined(separator: "; ")
    }

    func text() -> String {
        var lines = [Self.table([self]), ""]
        let known = bound.map { ", nothing costs less than \($0.fixed(4))" } ?? ""
        lines.append("\(status)\(known)")
        if !missing.isEmpty { lines.append("could not be done: \(notes())") }
        var table = TextTable(
            ["step", "import kW", "export kW", "charge kW", "discharge kW", "stored kWh", "flexible kW", "dropped"],
            leftColumns: [0, 7])
        for step in steps {
            table.add([
                step.start ?? "\(step.step)", step.importKilowatts.fixed(2), step.exportKilowatts.fixed(2),
                step.chargeKilowatts.fixed(2), step.dischargeKilowatts.fixed(2), step.storedKilowattHours.fixed(2),
                step.flexibleKilowatts.fixed(2), step.droppedZones.joined(separator: ", "),
            ])
        }
        lines += ["", table.rendered()]
        return lines.joined(separator: "\n")
    }
}

struct SitePlanOutput: Encodable {
    let plan: SiteReport
    let outlook: SiteOutlook?
}

/// What to hold against an outage, and how long it lasts.
struct SiteOutlook: Encodable {
    struct Sustain: Encodable {
        let zones: [String]
        let p10Hours: Double
        let p50Hours: Double
        let p90Hours: Double
    }

    let sentence: String
    /// At the beginning of each step, kWh.
    let thresholds: [Double]
    /// From the first step on, with what the battery then contains.
    let sustain: [Sustain]

    init(_ document: SiteDocument, _ schedule: SiteSchedule, _ risk: SiteDocument.Outages) {
        let site = document.site
        var normals = SharedNormals(seed: 1)
        let outlook = OutageOutlook(
            site, loadError: document.loadError, solarError: document.solarError, normal: { normals.next() })
        let advice = outlook.thresholds(
            hazard: risk.hazard, lostLoadValue: risk.lostLoadValue, holdingCost: risk.holdingCost, hours: risk.hours)
        thresholds = advice.map(\.stored)
        let highest = advice.max { $0.stored < $1.stored }
        sentence =
            site.battery.flatMap { battery in
                highest.map {
                    OutageReserve(battery, hours: site.hours).sentence(
                        $0, hazard: risk.hazard, lostLoadValue: risk.lostLoadValue, holdingCost: risk.holdingCost)
                }
            } ?? "There is no battery that could hold anything."
        sustain = outlook.sustain(schedule.stored.first ?? 0, at: 0).map {
            Sustain(zones: $0.zones, p10Hours: $0.p10, p50Hours: $0.p50, p90Hours: $0.p90)
        }
    }

    func text() -> String {
        var table = TextTable(["zones left on", "p10 h", "p50 h", "p90 h"], leftColumns: [0])
        for line in sustain {
            table.add([
                line.zones.joined(separator: ", "), line.p10Hours.fixed(1), line.p50Hours.fixed(1),
                line.p90Hours.fixed(1),
            ])
        }
        return "\n\(sentence)\n\n\(table.rendered())"
    }
}

/// Draws from the standard normal distribution, the same for a seed.
private struct SharedNormals {
    private var generator: SplitMix64

    init(seed: UInt64) {
        generator = SplitMix64(seed: seed)
    }

    mutating func next() -> Double {
        let radius = (-2 * log(max(generator.fraction(), 1e-300))).squareRoot()
        return radius * cos(2 * .pi * generator.fraction())
    }
}

/// What a plan for an evcc request says, in watt-hours.
struct StorageFleetReport: Encodable {
    struct Battery: Encodable {
        let charge: [Double]
        let discharge: [Double]
        let stateOfCharge: [Double]
    }

    let objectiveValue: Double
    let total: Double
    let bound: Double?
    let status: String
    let gridImport: [Double]
    let gridExport: [Double]
    let batteries: [Battery]
    let missing: [SiteReport.Missing]

    init(_ schedule: FleetSchedule) {
        objectiveValue = schedule.money
        total = schedule.total
        bound = schedule.bound
        status = schedule.status == .proven ? "proven" : "\(schedule.status)"
        gridImport = schedule.imports
        gridExport = schedule.exports
        batteries = schedule.charge.indices.map {
            Battery(charge: schedule.charge[$0], discharge: schedule.discharge[$0], stateOfCharge: schedule.stored[$0])
        }
        missing = schedule.slacks.map { .init(what: $0.name, amount: $0.amount) }
    }

    func text() -> String {
        var lines = [
            "objective \(objectiveValue.fixed(6)) (\(status)), with penalties and preferences \(total.fixed(4))",
            "import \((gridImport.reduce(0, +) / 1_000).fixed(2)) kWh, export "
                + "\((gridExport.reduce(0, +) / 1_000).fixed(2)) kWh",
        ]
        for (place, battery) in batteries.enumerated() {
            lines.append(
                "battery \(place + 1): charged \((battery.charge.reduce(0, +) / 1_000).fixed(2)) kWh, discharged "
                    + "\((battery.discharge.reduce(0, +) / 1_000).fixed(2)) kWh, at the end "
                    + "\(((battery.stateOfCharge.last ?? 0) / 1_000).fixed(2)) kWh")
        }
        for slack in missing.prefix(10) { lines.append("could not be kept: \(slack.what), \(slack.amount.fixed(1))") }
        return lines.joined(separator: "\n")
    }
}
