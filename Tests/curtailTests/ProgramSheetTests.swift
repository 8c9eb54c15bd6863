import DemandResponse
import Foundation
import Measures
import Testing

@testable import curtail

/// Sheets of terms as people write them: what works, and what each mistake is told.
@Suite struct ProgramSheetTests {
    private static let sheet = """
        {
          "name": "Summer peak", "marketContext": "http://utility.example/summer-peak", "version": "2026-1",
          "validFrom": "2026-05-01T00:00:00Z", "currency": "USD", "baseline": ["curtail-counterfactual"],
          "pay": {"kind": "energy", "perKilowattHour": "2.005", "cap": 1.5},
          "capacity": {"perKilowatt": "18.00 USD"}, "tiers": [{"from": 0.9, "multiplier": 1.5}],
          "optOutDeadlineMinutes": 60, "calendar": {"version": "us-2026", "holidays": ["2026-07-04"]}
        }
        """

    private func terms(replacing old: String = "", with new: String = "") throws -> ProgramTerms {
        let text = old.isEmpty ? Self.sheet : Self.sheet.replacingOccurrences(of: old, with: new)
        return try JSONDecoder().decode(ProgramSheet.self, from: Data(text.utf8)).terms(of: ProgramID(1))
    }

    @Test func `a sheet becomes terms`() throws {
        let terms = try terms()
        guard case .energy(let energy) = terms.payment else {
            Issue.record("not an energy payment")
            return
        }
        #expect(energy.price == EnergyPrice(micros: 2_005_000, currency: .usd) && energy.cap == 1.5)
        #expect(terms.options.capacity?.ratePerKilowatt == Money(minorUnits: 1_800, currency: .usd))
        #expect(terms.options.tiers == [.init(from: 0.9, multiplierMicros: 1_500_000)])
        #expect(terms.options.optOutDeadline == .hours(1) && terms.options.calendarVersion == "us-2026")
    }

    @Test(arguments: [
        ("curtail-counterfactual", "nobodys-rule", "There is no baseline rule 'nobodys-rule'."),
        ("\"2.005\"", "\"-2\"", "A price or rate is below zero."),
        ("\"2.005\"", "\"2.0050001\"", "'2.0050001' in perKilowattHour is no amount with at most 6 decimals."),
        ("\"2.005\"", "\"2.00 EUR\"", "perKilowattHour is in EUR, but the terms are in USD."),
        ("\"18.00 USD\"", "\"18.00 EUR\"", "capacity is in EUR, but the terms are in USD."),
        ("\"USD\"", "\"XTS\"", "The currency 'XTS' is unknown; EUR and USD are known."),
        ("2026-05-01T00:00:00Z", "May", "validFrom takes a time like 2026-05-01T00:00:00Z, not 'May'."),
        ("2026-07-04", "2026-02-30", "'2026-02-30' in the calendar is no day like 2026-07-04."),
        ("\"cap\": 1.5", "\"cap\": -1", "A limit of the terms is out of range."),
        ("\"perKilowattHour\": \"2.005\", ", "", "The terms lack 'perKilowattHour'."),
    ])
    func `a mistake is named`(old: String, new: String, message: String) throws {
        #expect {
            try terms(replacing: old, with: new)
        } throws: { ($0 as? CommandFailure)?.message == message && ($0 as? CommandFailure)?.status == .refused }
    }
}
