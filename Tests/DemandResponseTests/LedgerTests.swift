import DemandResponse
import Measures
import Testing

@Suite struct LedgerTests {
    /// FNV-1a, enough to see any change.
    static let hash: Ledger.Hash = { bytes in
        var sum: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: sum >> UInt64($0)) }
    }

    private static func sites() throws -> [SiteSettlement] {
        try [
            SettlementTests.site(1, actual: [Double?](repeating: 10, count: 8)),
            SettlementTests.site(2, actual: [Double?](repeating: 15, count: 8)),
        ].map { try SettlementTests.terms().settle($0) }
    }

    static func entry(
        _ index: Int, _ state: LedgerState, revision: Int = 0, at second: Int64 = 0
    ) throws -> LedgerEntry {
        let sites = try sites()
        let event = try SettlementTests.terms().complete(ProgramEventID("event 1"), sites.map { SiteOutcome($0) })
        return try LedgerEntry(
            event.sites[index], of: event, audit: LedgerAudit(sites[index], rule: .caiso10of10Unadjusted), state: state,
            revision: revision, recordedAt: Instant(secondsSinceEpoch: second))
    }

    @Test func `a settlement is booked in double entry`() throws {
        let entry = try Self.entry(0, .final)
        #expect(entry.postings.map(\.amount) == [.cents(2_000), .cents(-2_000)])
        #expect(entry.reward == .cents(2_000))
        #expect(entry.key.formulaVersion == "2026-1")
        #expect(entry.audit.daysUsed.count == 10)
        #expect(entry.audit.intervals.count == 8)
        var ledger = Ledger(hash: Self.hash)
        try ledger.append(entry)
        try ledger.append(Self.entry(1, .final))
        #expect(ledger.balance(.programRewards(ProgramID(7)), .usd) == .cents(3_000))
        #expect(ledger.balance(.participant(MeterID(1)), .usd) == .cents(-2_000))
        #expect(ledger.balance(.participant(MeterID(1)), .eur) == Money(minorUnits: 0, currency: .eur))
    }

    @Test func `postings that do not sum to zero are no entry`() throws {
        let entry = try Self.entry(0, .final)
        func make(_ postings: [Posting]) throws -> LedgerEntry {
            try LedgerEntry(
                key: entry.key, revision: 0, state: .final, postings: postings, audit: entry.audit,
                recordedAt: entry.recordedAt)
        }
        let account = LedgerAccount.participant(MeterID(1))
        #expect(throws: LedgerEntryError.noPostings) { try make([]) }
        #expect(throws: LedgerEntryError.unbalanced(5)) { try make([Posting(account: account, amount: .cents(5))]) }
        #expect(throws: LedgerEntryError.differentCurrencies) {
            try make([
                Posting(account: account, amount: .cents(5)),
                Posting(account: account, amount: Money(minorUnits: -5, currency: .eur)),
            ])
        }
    }

    @Test func `an event is not booked twice, and corrections follow the final entry`() throws {
        var ledger = Ledger(hash: Self.hash)
        try ledger.append(Self.entry(0, .provisional))
        let key = try Self.entry(0, .final).key
        #expect(throws: LedgerError.wrongRevision(key, expected: 1)) {
            try ledger.append(Self.entry(0, .provisional))
        }
        #expect(throws: LedgerError.wrongState(key, from: .provisional, to: .corrected)) {
            try ledger.append(Self.entry(0, .corrected, revision: 1))
        }
        try ledger.append(Self.entry(0, .final, revision: 1))
        #expect(throws: LedgerError.wrongState(key, from: .final, to: .final)) {
            try ledger.append(Self.entry(0, .final, revision: 2))
        }
        try ledger.append(Self.entry(0, .corrected, revision: 2))
        #expect(ledger.entries.map(\.entry.state) == [.provisional, .final, .corrected])
    }

    @Test func `the chain shows where it was touched`() throws {
        var ledger = Ledger(hash: Self.hash)
        for revision in 0..<5 {
            try ledger.append(Self.entry(0, revision == 0 ? .final : .corrected, revision: revision))
        }
        #expect(Ledger.firstBroken(ledger.entries, hash: Self.hash) == nil)
        #expect(Ledger.firstBroken(Array(ledger.entries.dropFirst()), hash: Self.hash) == 0)
        var touched = ledger.entries
        let later = try Self.entry(0, .corrected, revision: 2, at: 1)
        touched[2] = ChainedEntry(entry: later, previousHash: touched[2].previousHash, hash: touched[2].hash)
        #expect(Ledger.firstBroken(touched, hash: Self.hash) == 2)
        touched = ledger.entries
        touched.swapAt(1, 3)
        #expect(Ledger.firstBroken(touched, hash: Self.hash) == 1)
    }

    @Test func `canonical bytes are equal for equal entries only`() throws {
        let entry = try Self.entry(0, .final)
        #expect(try Self.entry(0, .final).canonicalBytes == entry.canonicalBytes)
        let others = try [
            Self.entry(1, .final), Self.entry(0, .provisional), Self.entry(0, .final, revision: 1),
            Self.entry(0, .final, at: 1),
        ]
        #expect(Set(others.map(\.canonicalBytes) + [entry.canonicalBytes]).count == 5)
    }
}
