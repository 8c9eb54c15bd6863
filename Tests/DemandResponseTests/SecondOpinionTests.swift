import DemandResponse
import Foundation
import Measures
import Testing

/// The settlement beside an independent one in Python, on 400 simulated days with DST, a leap day, holidays, gaps,
/// suspect readings and corrections.
@Suite(.enabled(if: SecondOpinion.python != nil)) struct SecondOpinionTests {
    @Test func `two implementations agree on four hundred days to 1e-9 kWh and to the cent`() throws {
        let cases = try SecondOpinion.cases(400)
        let answers = try SecondOpinion.ask(cases)
        #expect(answers.count == cases.count)
        var seen: [String: Int] = [:]
        for (index, (one, answer)) in zip(cases, answers).enumerated() {
            let label: Comment = "case \(index), \(one.terms.baselineRules[0].id), \(one.inputs.window.start)"
            let settled: SiteSettlement
            do {
                settled = try one.terms.settle(one.inputs)
            } catch {
                seen["refused", default: 0] += 1
                #expect(answer.state == "refused", label)
                continue
            }
            let state =
                switch settled.state {
                case .excluded: "excluded"
                case .waiting: "waiting"
                case .settled: "settled"
                }
            seen[state, default: 0] += 1
            seen[settled.baseline.ruleID, default: 0] += 1
            #expect(state == answer.state && settled.baseline.ruleID == answer.rule, label)
            #expect(settled.baseline.daysUsed.map(\.description) == answer.days, label)
            #expect(settled.baseline.intervals.count == answer.baseline?.count, label)
            for (interval, expected) in zip(settled.baseline.intervals, answer.baseline ?? []) {
                #expect(abs(interval.energy.value - expected) <= 1e-6, label)
            }
            let event = try one.terms.complete(one.inputs.event, [SiteOutcome(settled)])
            for part in event.sites[0].settlement.parts { seen[part.kind.rawValue, default: 0] += 1 }
            if event.total.minorUnits < 0 { seen["negative", default: 0] += 1 }
            #expect(event.total.minorUnits == answer.cents, label)
        }
        // The days hold what they are meant to hold.
        for what in [
            "refused", "waiting", "excluded", "three-weekdays", "pjm-4-of-5", "caiso-5-of-10", "ercot-8-of-10", "bonus",
            "capacity", "charge", "limit", "pool", "negative",
        ] {
            #expect(seen[what, default: 0] > 0, "\(what) in \(seen)")
        }
        #expect(seen["settled", default: 0] > 300, "\(seen)")
    }

    @Test func `a correction books the difference that the other implementation finds`() throws {
        let cases = try SecondOpinion.cases(400)
        let corrected = cases.map { $0.corrected() }
        let answers = try SecondOpinion.ask(corrected)
        for (index, one) in corrected.enumerated() where answers[index].state == "settled" {
            guard let first = try? cases[index].terms.settle(cases[index].inputs), case .settled = first.state else {
                continue
            }
            let second = try one.terms.settle(one.inputs)
            let event = one.inputs.event
            let before = try one.terms.complete(event, [SiteOutcome(first)])
            let after = try one.terms.complete(event, [SiteOutcome(second)])
            var ledger = Ledger { $0 }
            let rule = one.terms.baselineRules[0]
            try ledger.append(
                LedgerEntry(
                    before.sites[0], of: before, audit: LedgerAudit(first, rule: rule), state: .final,
                    recordedAt: eventStart))
            try ledger.append(
                LedgerEntry(
                    after.sites[0], of: after, audit: LedgerAudit(second, rule: rule), state: .corrected, revision: 1,
                    recordedAt: eventStart, booked: before.total))
            let owed = ledger.balance(.participant(one.inputs.meter), .usd)
            #expect(-owed.minorUnits == answers[index].cents, "case \(index)")
        }
    }
}

private enum SecondOpinion {
    struct Case {
        let terms: ProgramTerms
        let termsIndex: Int
        let inputs: SettlementInputs

        /// A tenth less drawn in the event's second interval, as a later reading says.
        func corrected() -> Case {
            var energies = inputs.energies
            let index = Int((inputs.window.start - inputs.first).seconds / inputs.step.seconds) + 1
            energies[index] = energies[index].map { $0 * 0.9 }
            return Case(terms: terms, termsIndex: termsIndex, inputs: inputs.with(energies))
        }
    }

    struct Answer: Decodable {
        let state: String
        let rule: String?
        let days: [String]?
        let baseline: [Double]?
        let cents: Int64?
    }

    static let python: String? = ["/usr/bin/python3", "/usr/local/bin/python3"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// New York's clock with the changes of 2023 to 2025.
    static let zone = ZoneRules(
        identifier: "America/New_York", initialOffset: .hours(-5),
        transitions: [
            (2023, 3, 12, 7, -4), (2023, 11, 5, 6, -5), (2024, 3, 10, 7, -4), (2024, 11, 3, 6, -5), (2025, 3, 9, 7, -4),
        ].map { .init(at: Instant(year: $0, month: $1, day: $2, hour: $3), offset: .hours(Int64($4))) })

    static let holidays = [
        (2023, 11, 23), (2023, 12, 25), (2024, 1, 1), (2024, 1, 15), (2024, 2, 19), (2024, 5, 27), (2024, 7, 4),
        (2024, 9, 2), (2024, 11, 28), (2024, 12, 25), (2025, 1, 1),
    ].map { CivilDay(year: $0, month: $1, day: $2) }

    static func terms() throws -> [ProgramTerms] {
        let rules: [[BaselineRule]] = [
            [.caiso10of10, .caiso10of10Unadjusted], [.caiso5of10], [.ercot8of10], [.pjm4of5], [.threeWeekdays],
        ]
        let price = EnergyPrice(micros: 1_234_567, currency: .usd)
        let payments: [ProgramTerms.Payment] = [
            .energy(.init(price: price, floor: .zero, cap: 1.5)),
            .energy(.init(price: price, floor: .excess(upTo: .kilowattHours(7)))),
            .nomination(.init(ratePerKilowatt: Money(minorUnits: 277, currency: .usd))),
            .market(.init(shareMicros: 987_654, leastPrice: EnergyPrice(micros: 30_000, currency: .usd))),
            .firmServiceLevel(.init(excessPrice: price)),
            .pool(.init(budget: Money(minorUnits: 12_345, currency: .usd))),
        ]
        return try rules.enumerated().flatMap { place, rules in
            try payments.enumerated().map { kind, payment in
                try ProgramTerms(
                    program: ProgramID(1), version: "v", validFrom: Instant(secondsSinceEpoch: 0),
                    baselineRules: rules, payment: payment, options: options((place + kind) % 4))
            }
        }
    }

    /// Plain, and with what terms can say beside the price.
    private static func options(_ variant: Int) -> SettlementOptions {
        var options = SettlementOptions(
            rounding: .eachPayment, acceptsEstimates: false, calendarVersion: "us-2024", holidays: holidays)
        switch variant {
        case 1:
            options.capacity = .init(ratePerKilowatt: Money(minorUnits: 611, currency: .usd))
            options.tiers = [
                .init(from: 0.4, multiplierMicros: 1_250_000), .init(from: 0.8, multiplierMicros: 2_000_000),
            ]
        case 2:
            options.deadband = 900
            options.mostPaid = Money(minorUnits: 9_000, currency: .usd)
        case 3:
            options.capacity = .init(
                ratePerKilowatt: Money(minorUnits: 333, currency: .usd), curve: .firm(rate: 1.5))
            options.leastPaid = Money(minorUnits: -2_500, currency: .usd)
        default: break
        }
        return options
    }

    /// Day after day from November 2023, over the leap day and both changes of the clock.
    static func cases(_ count: Int) throws -> [Case] {
        let terms = try terms()
        var generator = SeededGenerator(seed: 20_240_229)
        return (0..<count).map { index in
            let place = index % terms.count
            let inputs = inputs(CivilDay(year: 2023, month: 11, day: 1) + index, index, &generator)
            return Case(terms: terms[place], termsIndex: place, inputs: inputs)
        }
    }

    private static func inputs(_ day: CivilDay, _ index: Int, _ generator: inout SeededGenerator) -> SettlementInputs {
        // Every seventh event lies in the night, where the clock is changed.
        let hour: Int64 = index % 7 == 3 ? 1 : 15
        let start = zone.instant(day, at: .hours(hour)) ?? zone.instant(day, at: .hours(3)) ?? eventStart
        let window = TimeWindow(start: start, duration: .hours(index % 5 == 0 ? 2 : 4))
        let step: TimeSpan = index % 8 == 5 ? .minutes(15) : .hours(1)
        let first = (start - .days(62)).floored(to: .hours(1))
        let count = Int((window.end + .hours(2) - first).seconds / step.seconds)
        let size = 1 + 50 * generator.unit()
        var energies: [Double?] = (0..<count).map { place in
            let at = first + step * Int64(place)
            let (today, time) = zone.local(at)
            let shape = 1 + 0.6 * Double(max(0, 9 - abs(time.seconds / 3_600 - 14))) / 9
            let week = today.isWeekend || holidays.contains(today) ? 0.6 : 1
            let shed = window.contains(at) ? 0.7 : 1
            return size * 1_000 * shape * week * shed * (1 + 0.1 * generator.normal()) * step.hours
        }
        // A handful of gaps, and every eleventh site with one in the event itself.
        for _ in 0..<(index % 4) { energies[Int(generator.unit() * Double(count))] = nil }
        let inEvent = Int((start - first).seconds / step.seconds)
        if index % 11 == 0 { energies[inEvent] = nil }
        let eventDays = (0..<3).map { _ in day + -Int(1 + generator.unit() * 40) }
        return SettlementInputs(
            event: ProgramEventID("e\(index)"), window: window, meter: MeterID(Int64(index) + 1),
            participation: index % 23 == 7 ? .optedOutInTime : (index % 29 == 9 ? .optedOutLate : .optedIn),
            pledge: .kilowatts(size * 0.3), zone: zone, eventDays: Set(eventDays).sorted(),
            outageDays: index % 6 == 0 ? [day + -2] : [], step: step,
            // A new customer has too few days for most rules.
            first: index % 37 == 5 ? first + .days(58) : first,
            energies: index % 37 == 5 ? Array(energies.dropFirst(58 * Int(86_400 / step.seconds))) : energies,
            qualities: index % 13 == 4 && index % 37 != 5 ? [inEvent + 1: .suspect] : [:],
            // Some below zero, some under the least price.
            prices: window.intervals(every: step).map { _ in
                EnergyPrice(micros: Int64(-40_000 + 240_000 * generator.unit()), currency: .usd)
            },
            past: (0..<(index % 8)).map {
                PastPerformance(event: ProgramEventID("p\($0)"), performance: 1.2 * generator.unit())
            })
    }

    static func ask(_ cases: [Case]) throws -> [Answer] {
        struct Request: Encodable {
            struct Site: Encodable {
                let terms: Int
                let inputs: SettlementInputs
            }
            let terms: [ProgramTerms.Document]
            let sites: [Site]
        }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Oracle/settlement.py"
        let request = Request(
            terms: try terms().map(ProgramTerms.Document.init),
            sites: cases.map { .init(terms: $0.termsIndex, inputs: $0.inputs) })
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("curtail-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let question = folder.appendingPathComponent("question.json")
        let answer = folder.appendingPathComponent("answer.json")
        try JSONEncoder().encode(request).write(to: question)
        try Data().write(to: answer)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(python))
        process.arguments = [script]
        process.standardInput = try FileHandle(forReadingFrom: question)
        process.standardOutput = try FileHandle(forWritingTo: answer)
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return try JSONDecoder().decode([Answer].self, from: Data(contentsOf: answer))
    }
}

extension SettlementInputs {
    fileprivate func with(_ energies: [Double?]) -> SettlementInputs {
        SettlementInputs(
            event: event, window: window, meter: meter, participation: participation,
            pledge: pledge.map { Watts($0) }, zone: zone, eventDays: eventDays, outageDays: outageDays, step: step,
            first: first, energies: energies, qualities: qualities,
            prices: priceMicros.map { EnergyPrice(micros: $0, currency: .usd) }, past: past)
    }
}
