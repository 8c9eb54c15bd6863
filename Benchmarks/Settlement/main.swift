import DemandResponse
import Foundation
import Measures

// Settles one event of 4 hours at 15 minutes for many meters with 62 days of history each, and prints CPU time for each
// meter, how many cores were busy, and the memory at a tenth of the work and at its end. Meters are made, settled and
// dropped batch by batch, as a program that reads them from a database would.
//
// usage: SettlementBenchmark [METERS] [RULE]

let count = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 10_000
let ruleID = CommandLine.arguments.dropFirst(2).first ?? "caiso-10-of-10"
guard let rule = BaselineRule.standard.first(where: { $0.id == ruleID }), count > 0 else {
    FileHandle.standardError.write(Data("usage: SettlementBenchmark [METERS] [RULE]\n".utf8))
    exit(2)
}
let cores = ProcessInfo.processInfo.activeProcessorCount
let window = TimeWindow(start: Instant(year: 2026, month: 7, day: 15, hour: 19), duration: .hours(4))
let first = Instant(year: 2026, month: 5, day: 14)
let zone = ZoneRules(
    identifier: "America/New_York", initialOffset: .hours(-4), transitions: [])

/// CPU seconds of all threads of this process.
func processorTime() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

/// Resident memory in MB.
func residentMemory() -> Double {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0
    return pages * Double(getpagesize()) / 1e6
}

func inputs(_ meter: Int) -> SettlementInputs {
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

let terms = try ProgramTerms(
    program: ProgramID(1), version: "1", validFrom: first, baselineRules: [rule],
    payment: .energy(.init(price: EnergyPrice(micros: 1_000_000, currency: .usd), cap: 1.5)),
    options: SettlementOptions(rounding: .eachPayment))
let batch = min(count, 250)
let (began, wall) = (processorTime(), ContinuousClock.now)
var making = 0.0
var makingWall = Duration.zero
var cents: Int64 = 0
var early = 0.0
var done = 0
while done < count {
    let (start, clock) = (processorTime(), ContinuousClock.now)
    let sites = (done..<min(done + batch, count)).map(inputs)
    making += processorTime() - start
    makingWall += clock.duration(to: .now)
    let run = try await SettlementRun.run(terms, ProgramEventID("benchmark"), sites, width: cores)
    guard run.refused.isEmpty else { fatalError("\(run.refused[0])") }
    cents += run.settlement.total.minorUnits
    done += sites.count
    if early == 0, done * 10 >= count { early = residentMemory() }
}
let spent = processorTime() - began - making
let elapsed = wall.duration(to: .now) - makingWall
let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
print(
    """
    \(count) meters, rule \(rule.id), 4 h at 15 min, \(cores) cores
    CPU time for each meter    \(String(format: "%.3f", spent / Double(count) * 1_000)) ms
    wall time                  \(String(format: "%.2f", seconds)) s
    cores busy                 \(String(format: "%.2f", spent / seconds))
    memory at a tenth / end    \(String(format: "%.0f / %.0f", early, residentMemory())) MB
    paid                       \(cents) cents
    """)
