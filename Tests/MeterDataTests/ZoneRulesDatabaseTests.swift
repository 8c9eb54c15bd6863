import Foundation
import Measures
import MeterData
import Testing

@Suite struct ZoneRulesDatabaseTests {
    @Test(arguments: [
        "America/New_York", "America/Los_Angeles", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe",
        "America/Sao_Paulo", "Pacific/Apia", "UTC",
    ])
    func `have Foundation's offset at any hour`(name: String) throws {
        let rules = try ZoneRules(database: name)
        let zone = try #require(TimeZone(identifier: name))
        let wrong = (0..<10_000).filter { number in
            let instant = Instant(year: 1_990, month: 1, day: 1) + .minutes(61 * 60 * Int64(number))
            let date = Date(timeIntervalSince1970: Double(instant.secondsSinceEpoch))
            return rules.offset(at: instant) != .seconds(Int64(zone.secondsFromGMT(for: date)))
        }
        #expect(wrong.isEmpty)
    }

    @Test(arguments: ["Nowhere/City", "", "PST", "GMT+3", "../etc/passwd"])
    func `an unknown zone is refused`(name: String) {
        #expect(throws: MeterDataError.unknownZone(name)) { try ZoneRules(database: name) }
    }
}
