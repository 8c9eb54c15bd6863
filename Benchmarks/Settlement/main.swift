import DemandResponse
import Foundation
import Measures
import Synchronization

// Settles one event of 4 hours at 15 minutes for many meters with 62 days of history each, and prints CPU time for each
// meter, how many cores were busy, and the memory at a tenth of the work and at its end. Meters are made, settled and let
// go one by one on every core, as the desk does that reads them from the database; what making them alone takes is
// measured first and taken off.
//
// usage: SettlementBenchmark [METERS] [RULE]

/// What is settled: the same for every run.
enum Workload {
    static let window = TimeWindow(start: Instant(year: 2026, month: 7, day: 15, hour: 19), duration: .hours(4))
    static let first = Instant(year: 2026, month: 5, day: 14)
    static let zone = ZoneRules(identifier: "America/New_York", initialOffset: .hours(-4), transitions: [])

    static func inputs(_ meter: Int) -> SettlementInputs {
        var random = SplitMix64(seed: UInt64(meter))
        let size = 1 + 40 * random.fraction()
        let energies: [Double?] = (0..<(62 * 96 + 96)).map { place in
            let hour = Double((place / 4 + 20) % 24)
            return size * 250 * (1 + 0.5 * max(0, 8 - abs(hour - 15)) / 8) * (0.9 + 0.2 * random.fraction())
        }
        return SettlementInputs(
            event: ProgramEventID("benchmark"), window: window, meter: MeterID(Int64(meter)), participation: .optedIn,
            pledge: .kilowatts(size * 0.2), zone: zone, step: .minutes(15), first: first, energies: energies)
    }

    static func terms(_ rule: BaselineRule) throws -> ProgramTerms {
        try ProgramTerms(
            program: ProgramID(1), version: "1", validFrom: first, baselineRules: [rule],
            payment: .energy(.init(price: EnergyPrice(micros: 1_000_000, currency: .usd), cap: 1.5)),
            options: SettlementOptions(rounding: .eachPayment))
    }
}

enum Meter {
    /// CPU seconds of all threads of this process.
    static func processorTime() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

    /// Resident memory in MB.
    static func residentMemory() -> Double {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0
        return pages * Double(getpagesize()) / 1e6
    }

    /// CPU time of each thread so far, in clock ticks: whatever else the machine does, it shows who worked.
    static func threadTimes() -> [String: Int] {
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        return Dictionary(
            threads.map { thread in
                let text = (try? String(contentsOfFile: "/proc/self/task/\(thread)/stat", encoding: .utf8)) ?? ""
                // Fields 14 and 15; the name in brackets may hold spaces.
                let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
                return (thread, fields.dropFirst(11).prefix(2).reduce(0) { $0 + (Int($1) ?? 0) })
            }, uniquingKeysWith: +)
    }

    /// What work took: CPU seconds of all cores, and seconds on the clock.
    static func measure<Value>(
        _ work: () async throws -> Value
    ) async rethrows -> (value: Value, processor: Double, wall: Double) {
        let (began, clock) = (processorTime(), ContinuousClock.now)
        let value = try await work()
        let wall = clock.duration(to: .now)
        return (
            value, processorTime() - began,
            Double(wall.components.seconds) + Double(wall.components.attoseconds) * 1e-18
        )
    }
}

let count = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 10_000
let ruleID = CommandLine.arguments.dropFirst(2).first ?? "caiso-10-of-10"
guard let rule = BaselineRule.standard.first(where: { $0.id == ruleID }), count > 0 else {
    FileHandle.standardError.write(Data("usage: SettlementBenchmark [METERS] [RULE]\n".utf8))
    exit(2)
}
let cores = ProcessInfo.processInfo.activeProcessorCount
let (meters, tenth) = (count, Int64(count / 10))
let terms = try Workload.terms(rule)
let making = try await Meter.measure {
    try await SettlementRun.each(meters, width: cores) { Workload.inputs($0).energies.count }
}
let early = Mutex(0.0)
let before = Meter.threadTimes()
let settling = try await Meter.measure {
    try await SettlementRun.run(
        terms, ProgramEventID("benchmark"), sites: meters, width: cores, inputs: { Workload.inputs($0) },
        keep: { inputs, _ in
            if inputs.meter.rawValue == tenth { early.withLock { $0 = Meter.residentMemory() } }
        })
}
let run = settling.value
guard run.refused.isEmpty else { fatalError("\(run.refused[0])") }
let spent = Meter.threadTimes().map { $1 - (before[$0] ?? 0) }.sorted(by: >).prefix(cores)
let shares = spent.map { "\(100 * $0 / max(1, spent.reduce(0, +))) %" }.joined(separator: ", ")
print(
    """
    \(count) meters, rule \(rule.id), 4 h at 15 min, \(cores) cores
    CPU time for each meter    \(String(format: "%.3f", (settling.processor - making.processor) / Double(count) * 1_000)) ms
    wall time                  \(String(format: "%.2f", settling.wall)) s
    cores busy                 \(String(format: "%.2f", settling.processor / settling.wall)) of \(cores)
    CPU time by thread         \(shares)
    memory at a tenth / end    \(String(format: "%.0f / %.0f", early.withLock { $0 }, Meter.residentMemory())) MB
    paid                       \(run.settlement.total.minorUnits) cents
    """)
