import DemandResponse
import MariaDB
import Measures
import OpenADR
import Persistence
import Testing
import VirtualTopNode

/// A programme with a few hourly meters, each behind a VEN of its own, whose history is a constant load.
struct SettlementWorld {
    static let marketContext = "http://curtail.example/program"
    /// 17:00 UTC on a Wednesday.
    static let start = midsummer + .hours(17)
    static let step = TimeSpan.hours(1)

    let pool: MariaDBPool
    let program: ProgramID
    let meters: [MeterID]
    /// Several worlds share a database under different names.
    let name: String

    /// Each meter has 10 kWh an hour for `days` days before midsummer's day, and until `after` days later at 13:00.
    static func make(
        _ pool: MariaDBPool, meters count: Int, days: Int = 20, after: Int = 0, named name: String = ""
    ) async throws -> SettlementWorld {
        _ = try await AccountStore(pool).establishDistributor(named: "Grid")
        let program = try await ProgramStore(pool).establish("Peak", marketContext: marketContext)
        var meters: [MeterID] = []
        for index in 0..<count {
            let meter = try await MeterStore(pool).create(.init(name: "\(name)m\(index)", zone: "UTC", step: step))
            try await topNode(pool).admit(
                ven(index, name), name: "ven \(index)", certificate: certificate(index, name),
                pollFrequency: .seconds(10))
            try await ReportMeterStore(pool).connect("meter", of: ven(index, name), to: meter)
            _ = try await ReadingStore(pool).write(
                TimeWindow(start: midsummer - .days(Int64(days)), duration: .days(Int64(days + after)) + .hours(13))
                    .intervals(
                        every: step
                    ).map { IntervalReading(start: $0.start, duration: step, energy: WattHours(10_000)) },
                of: meter, recordedAt: midsummer - .days(1))
            meters.append(meter)
        }
        return SettlementWorld(pool: pool, program: program, meters: meters, name: name)
    }

    static func ven(_ index: Int, _ name: String = "") -> VENID { VENID("\(name)ven-\(index)") }

    private static func certificate(_ index: Int, _ name: String) throws -> CertificateDigest {
        try #require(CertificateDigest(bytes: testHash(Array("\(name) \(index)".utf8))))
    }

    static func topNode(_ pool: MariaDBPool) -> TopNode {
        TopNode(
            store: MariaDBTopNodeStore(pool), configuration: TopNodeConfiguration(),
            environment: TopNodeEnvironment(makeID: { "id" }))
    }

    static let environment = SettlementDesk.Environment(
        zone: { name in
            guard name == "UTC" else { throw TestFailure("no zone \(name)") }
            return .utc
        }, sha256: testHash, codeVersion: "test", width: 4)

    var desk: SettlementDesk { SettlementDesk(pool, Self.environment) }
    var ledger: LedgerStore { LedgerStore(pool, sha256: testHash) }

    @discardableResult
    func publish(
        _ version: String, price: Int64 = 1_000_000, at: Instant = midsummer - .days(30),
        _ options: SettlementOptions = .standard
    ) async throws -> ProgramTerms {
        let terms = try ProgramTerms(
            program: program, version: version, validFrom: at, baselineRules: [.caiso10of10Unadjusted],
            payment: .energy(.init(price: EnergyPrice(micros: price, currency: .usd), cap: 1.5)), options: options)
        try await ProgramStore(pool).publish(terms, at: at)
        return terms
    }

    /// Two hours, asking for 4 kW of each VEN.
    func call(
        _ id: String, start: Instant = start, calledAt: Instant? = nil, vens: Range<Int>? = nil,
        marketContext: String = marketContext
    ) async throws {
        let terms = try #require(
            EventTerms(marketContext: MarketContext(marketContext), start: start, steps: [.hours(2)]))
        let signal = try #require(ProgrammedSignal(.loadDispatchDelta, values: [-4_000]))
        try await Self.topNode(pool).issue(
            EventID(id), terms: terms,
            participants: (vens ?? 0..<meters.count).map {
                ParticipantPlan(venID: Self.ven($0, name), signals: [signal])
            },
            now: calledAt ?? start - .hours(5))
        _ = try await pool.execute(
            """
            UPDATE event_participations SET opt_type = 'optIn', opt_source = 'createdEvent', opt_decided_at = ?
            WHERE event_id = ?
            """,
            [.timestamp(secondsSinceEpoch: (calledAt ?? start - .hours(5)).secondsSinceEpoch), .text(id)])
    }

    /// What a meter counted in the hours of an event, in Wh.
    func measure(_ meter: Int, _ energies: [Double], from start: Instant = start, at: Instant) async throws {
        _ = try await ReadingStore(pool).write(
            energies.enumerated().map {
                IntervalReading(
                    start: start + Self.step * Int64($0.offset), duration: Self.step, energy: WattHours($0.element))
            }, of: meters[meter], recordedAt: at)
    }

    func optOut(_ ven: Int, _ event: String, at: Instant) async throws {
        _ = try await pool.execute(
            """
            UPDATE event_participations SET opt_type = 'optOut', opt_source = 'createdEvent', opt_decided_at = ?
            WHERE ven_id = ? AND event_id = ?
            """,
            [.timestamp(secondsSinceEpoch: at.secondsSinceEpoch), .text(Self.ven(ven, name).rawValue), .text(event)])
    }

    func settle(_ event: String, isFinal: Bool = false, at: Instant) async throws -> SettlementDesk.Booking {
        try await desk.settle(ProgramEventID(event), isFinal: isFinal, now: at)
    }

    /// Cents that a meter has.
    func earned(_ meter: Int) async throws -> Int64 {
        -(try await ledger.balance(.participant(meters[meter]), .usd)).minorUnits
    }
}
