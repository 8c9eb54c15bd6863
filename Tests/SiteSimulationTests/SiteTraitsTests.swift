import Measures
import SiteSimulation
import Testing

@Suite struct SiteTraitsTests {
    @Test func `are the same for the same site, whatever its load, and plausible for every kind`() {
        for kind in SiteKind.allCases {
            let all = (0..<200).map { SiteTraits(seed: 7, site: "Site \($0)", kind: kind) }
            #expect(all == (0..<200).map { SiteTraits(seed: 7, site: "Site \($0)", kind: kind) })
            for traits in all {
                #expect((0.1...0.6).contains(traits.sheddableShare) && (0.6...0.98).contains(traits.optInProbability))
                #expect(traits.minimumDuration < traits.maximumDuration && traits.notice >= .zero)
                #expect(traits.pricePerMegawattHour.minorUnits > 0 && traits.callCost.minorUnits > 0)
                #expect(traits.callsLeftToday >= 1 && traits.callsLeftThisSeason >= 2)
            }
            #expect(
                Set(all.map(\.sheddableShare)).count > 10 && Set(all.map(\.pricePerMegawattHour.minorUnits)).count > 50)
        }
    }
}
