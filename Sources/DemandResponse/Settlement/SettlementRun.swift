import Measures

/// An event counted for all of its sites at once.
public struct SettlementRun: Sendable {
    /// A site that cannot be counted, and why.
    public struct Refused: Sendable {
        public let meter: MeterID
        public let refusal: SettlementRefusal
    }

    /// Refused sites are in it too: they wait, and are paid nothing.
    public let settlement: EventSettlement
    /// In the order of the meters.
    public let refused: [Refused]

    /// Counts sites whose inputs are at hand; see `run(_:_:sites:width:inputs:note:)`.
    public static func run(
        _ terms: ProgramTerms, _ event: ProgramEventID, _ sites: [SettlementInputs], width: Int
    ) async throws -> SettlementRun {
        try await run(
            terms, event, sites: sites.count, width: width, inputs: { sites[$0] }, note: { _, _ in true }
        ).run
    }

    /// Gets, counts and lets go of one site after the other, `width` of them at a time, so that memory does not grow with
    /// their inputs; then rounds all of them together. Every site is counted by itself: the number of threads cannot
    /// matter.
    ///
    /// - Parameters:
    ///   - inputs: those of the site of a number, from zero to `sites`.
    ///   - note: sees a site with its settlement before its payment is rounded; its answers come back by meter.
    /// - Throws: `SettlementError` for a meter that comes twice and for sums that cannot be counted; what `inputs` and
    ///   `note` throw.
    public static func run<Note: Sendable>(
        _ terms: ProgramTerms, _ event: ProgramEventID, sites: Int, width: Int,
        inputs: @escaping @Sendable (Int) async throws -> SettlementInputs,
        note: @escaping @Sendable (SettlementInputs, SiteSettlement) async throws -> Note
    ) async throws -> (run: SettlementRun, notes: [MeterID: Note]) {
        let counted = try await each(sites, width: width) { number in
            let inputs = try await inputs(number)
            let (settlement, refusal) = terms.count(inputs)
            return (settlement: settlement, refusal: refusal, note: try await note(inputs, settlement))
        }.sorted { $0.settlement.meter < $1.settlement.meter }
        for (one, next) in zip(counted, counted.dropFirst()) where one.settlement.meter == next.settlement.meter {
            throw SettlementError.repeatedMeter(one.settlement.meter)
        }
        let run = SettlementRun(
            settlement: try terms.complete(event, counted.map(\.settlement)),
            refused: counted.compactMap { site in
                site.refusal.map { Refused(meter: site.settlement.meter, refusal: $0) }
            })
        return (run, Dictionary(uniqueKeysWithValues: counted.map { ($0.settlement.meter, $0.note) }))
    }

    /// Does something for each number below `count`, `width` of them at a time; the results are in the numbers' order.
    public static func each<Value: Sendable>(
        _ count: Int, width: Int, _ work: @escaping @Sendable (Int) async throws -> Value
    ) async throws -> [Value] {
        var values = [Value?](repeating: nil, count: count)
        try await withThrowingTaskGroup(of: (Int, Value).self) { group in
            var next = 0
            func add() {
                guard next < count else { return }
                let number = next
                group.addTask { (number, try await work(number)) }
                next += 1
            }
            for _ in 0..<max(1, width) { add() }
            for try await (number, value) in group {
                values[number] = value
                add()
            }
        }
        return values.compactMap(\.self)
    }
}
