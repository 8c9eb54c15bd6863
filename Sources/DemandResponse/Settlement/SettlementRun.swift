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

    /// Counts sites whose inputs are at hand; see `run(_:_:sites:width:inputs:keep:)`.
    public static func run(
        _ terms: ProgramTerms, _ event: ProgramEventID, _ sites: [SettlementInputs], width: Int
    ) async throws -> SettlementRun {
        try await run(
            terms, event, sites: sites.count, width: width, inputs: { sites[$0] }, keep: { _, _ in })
    }

    /// Gets, counts and lets go of one site after the other, `width` of them at a time, and keeps no more than its outcome:
    /// memory grows neither with inputs nor with days and intervals. Then all payments are rounded together. Every site is
    /// counted by itself: the number of threads cannot matter.
    ///
    /// - Parameters:
    ///   - inputs: those of the site of a number, from zero to `sites`.
    ///   - keep: sees a site with its whole settlement, before its payment is rounded and a pool is shared.
    /// - Throws: `SettlementError` for a meter that comes twice and for sums that cannot be counted; what `inputs` and
    ///   `keep` throw.
    public static func run(
        _ terms: ProgramTerms, _ event: ProgramEventID, sites: Int, width: Int,
        inputs: @escaping @Sendable (Int) async throws -> SettlementInputs,
        keep: @escaping @Sendable (SettlementInputs, SiteSettlement) async throws -> Void
    ) async throws -> SettlementRun {
        let counted = try await each(sites, width: width) { number in
            let inputs = try await inputs(number)
            let (settlement, refusal) = terms.count(inputs)
            try await keep(inputs, settlement)
            return (site: SiteOutcome(settlement), refusal: refusal)
        }.sorted { $0.site.meter < $1.site.meter }
        for (one, next) in zip(counted, counted.dropFirst()) where one.site.meter == next.site.meter {
            throw SettlementError.repeatedMeter(one.site.meter)
        }
        return SettlementRun(
            settlement: try terms.complete(event, counted.map(\.site)),
            refused: counted.compactMap { one in
                one.refusal.map { Refused(meter: one.site.meter, refusal: $0) }
            })
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
