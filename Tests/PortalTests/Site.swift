import Accounts
import Crypto
import DemandResponse
import Foundation
import MariaDB
import Measures
import OpenADR
import Persistence
import Testing
import VirtualTopNode

@testable import Portal

/// A meter with everything that hangs on it: readings, a VEN, an event, a reward.
struct Site: Sendable {
    let meter: MeterID
    let meterName: String
    let ven: String
    let event: String
    let reward: Int64

    /// - Parameter entity: whose meter it is: an organization, or a resident.
    init(_ place: Place, entity: Int64?) async throws {
        let name = "site-\(UUID().uuidString.prefix(8).lowercased())"
        let now = place.clock.now()
        meterName = name
        let pool = place.pool
        let id = try await MeterStore(pool).create(
            MeterDescription(name: name, zone: "Europe/Berlin", step: .minutes(15)), by: Actor("test"))
        meter = id
        if let entity {
            _ = try await pool.execute(
                "INSERT INTO meter_map (meter_id, entity_id) VALUES (?, ?)", [.integer(id.rawValue), .integer(entity)])
        }
        let start = now - .days(2)
        let readings = (0..<192).map { index in
            IntervalReading(
                start: start + TimeSpan.minutes(15 * Int64(index)), duration: .minutes(15),
                energy: WattHours(1_000 + 10 * Double(index % 96)))
        }
        _ = try await ReadingStore(pool).write(readings, of: id, recordedAt: now)
        ven = "\(name)-ven"
        let topNode = place.portal.parts.topNode
        let digest = try #require(CertificateDigest(bytes: Array(SHA256.hash(data: Array(name.utf8)))))
        try await topNode.admit(VENID(ven), name: name, certificate: digest, pollFrequency: .seconds(10))
        try await ReportMeterStore(pool).connect("meter", of: VENID(ven), to: id)
        event = "\(name)-event"
        let terms = try #require(
            EventTerms(
                marketContext: MarketContext("http://test.example/programme"), start: now + .hours(2),
                steps: [.hours(1)]))
        let signal = try #require(ProgrammedSignal(.loadDispatchDelta, values: [-1_000]))
        try await topNode.issue(
            EventID(event), terms: terms, participants: [ParticipantPlan(venID: VENID(ven), signals: [signal])],
            now: now)
        reward = try await Self.book(pool, event: event, meter: id, at: now)
    }

    private static func book(_ pool: MariaDBPool, event: String, meter: MeterID, at now: Instant) async throws -> Int64
    {
        let programs = ProgramStore(pool)
        let program = try await programs.establish("Test programme", marketContext: "http://test.example/programme")
        _ = try await pool.execute(
            """
            INSERT IGNORE INTO program_terms (program_id, version, valid_from, baseline_rules, price_micros, currency,
                highest_performance, least_measured_share)
            VALUES (?, '1', '2020-01-01', '[]', 250000, 'EUR', 1.2, 0.5)
            """, [.integer(program.rawValue)])
        let price = Money(minorUnits: 125, currency: .eur)
        let window = TimeWindow(start: now - .hours(2), duration: .minutes(15))
        // A reward needs a prediction and a reading of its interval (`invariants.sql`); the readings end now.
        _ = try await pool.execute(
            """
            INSERT INTO drp_periods (meter_id, event, start_time, end_time, prediction_value) VALUES (?, ?, ?, ?, 2000)
            """,
            [
                .integer(meter.rawValue), .text(event),
                .timestamp(secondsSinceEpoch: window.start.secondsSinceEpoch),
                .timestamp(secondsSinceEpoch: window.end.secondsSinceEpoch),
            ])
        let entry = try LedgerEntry(
            key: LedgerKey(program: program, event: ProgramEventID(event), meter: meter, formulaVersion: "1"),
            revision: 0,
            state: .provisional,
            postings: [
                Posting(account: .programRewards(program), amount: price),
                Posting(account: .participant(meter), amount: -price),
            ],
            audit: LedgerAudit(
                ruleID: "test", ruleVersion: "1", parameters: "{}",
                daysUsed: [CivilDay(year: 2026, month: 6, day: 29)], adjustmentBeforeClamp: 1.1, adjustmentApplied: 1.1,
                intervals: [SettledInterval(window: window, baseline: 2_000, actual: 1_500)], paidEnergy: 500),
            recordedAt: now)
        _ = try await LedgerStore(pool, sha256: { Array(SHA256.hash(data: $0)) }).append([entry])
        return try await pool.query(
            "SELECT transaction_id FROM ledger_transactions WHERE event = ?", [.text(event)]
        ).first?.integer("transaction_id") ?? 0
    }
}
