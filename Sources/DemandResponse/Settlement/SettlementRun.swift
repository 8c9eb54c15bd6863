import Measures

/// An event counted for all of its sites at once.
public struct SettlementRun: Sendable {
    /// A site that has no settlement, and why.
    public struct Refused: Sendable {
        public let meter: MeterID
        public let refusal: SettlementRefusal
    }

    public let settlement: EventSettlement
    /// In the order of the meters.
    public let refused: [Refused]

    /// Counts every site by itself, so that the number of threads cannot matter, and rounds them together.
    ///
    /// - Parameter width: how many sites are counted at a time.
    /// - Throws: `SettlementError` for a meter that comes twice and for sums that cannot be counted.
    public static func run(
        _ terms: ProgramTerms, _ event: ProgramEventID, _ sites: [SettlementInputs], width: Int
    ) async throws -> SettlementRun {
        let sites = sites.sorted { $0.meter < $1.meter }
        for (one, next) in zip(sites, sites.dropFirst()) where one.meter == next.meter {
            throw SettlementError.repeatedMeter(one.meter)
        }
        let outcomes = await outcomes(terms, sites, width: max(1, width))
        var settled: [SiteSettlement] = []
        var refused: [Refused] = []
        for (site, outcome) in zip(sites, outcomes) {
            switch outcome {
            case .success(let settlement): settled.append(settlement)
            case .failure(let refusal): refused.append(Refused(meter: site.meter, refusal: refusal))
            }
        }
        return SettlementRun(settlement: try terms.complete(event, settled), refused: refused)
    }

    private typealias Outcome = Result<SiteSettlement, SettlementRefusal>

    /// In the order of the sites; each thread takes an equal share of them.
    private static func outcomes(
        _ terms: ProgramTerms, _ sites: [SettlementInputs], width: Int
    ) async -> [Outcome] {
        let size = max(1, (sites.count + width * 8 - 1) / (width * 8))
        let starts = Array(stride(from: 0, to: sites.count, by: size))
        var parts = [[Outcome]](repeating: [], count: starts.count)
        await withTaskGroup(of: (Int, [Outcome]).self) { group in
            var next = 0
            func add() {
                guard next < starts.count else { return }
                let part = next
                let range = starts[part]..<min(starts[part] + size, sites.count)
                group.addTask {
                    (
                        part,
                        range.map { index in Result { () throws(SettlementRefusal) in try terms.settle(sites[index]) } }
                    )
                }
                next += 1
            }
            for _ in 0..<width { add() }
            for await (part, outcomes) in group {
                parts[part] = outcomes
                add()
            }
        }
        return parts.flatMap(\.self)
    }
}
