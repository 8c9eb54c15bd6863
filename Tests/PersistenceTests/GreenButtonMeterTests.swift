import DemandResponse
import Measures
import OpenADR
import Persistence
import Synchronization
import Testing
import VirtualTopNode

/// HISTORY_GREENBUTTON all the way: from the VEN's offer to readings of a meter.
@Suite struct GreenButtonMeterTests {
    private static let start = midsummer
    /// The hours that are reported are over.
    private static let first = midsummer - .hours(3)
    private static let type = GreenButtonEntry(
        id: "t", address: "t",
        resources: [
            .readingType(
                MeterReadingType(
                    accumulation: .deltaData, commodity: 1, flow: .forward, powerOfTen: 3, unit: .wattHours))
        ])

    private static func feed(_ values: [Int64]) -> GreenButtonFeed {
        let readings = values.enumerated().map { hour, value in
            BlockReading(
                period: ESPIInterval(duration: 3_600, start: first.secondsSinceEpoch + Int64(hour) * 3_600),
                value: value)
        }
        return GreenButtonFeed(
            id: "urn:f", title: "f", updated: start,
            entries: [
                type,
                GreenButtonEntry(id: "m", address: "m", related: ["t"], title: "main", resources: [.meterReading]),
                GreenButtonEntry(
                    id: "b", address: "m/IntervalBlock/1", parent: "m",
                    resources: [.intervalBlock(IntervalBlock(readings: readings))]),
            ])
    }

    @Test func `hours of Green Button become a meter's readings, once, and a correction takes their place`()
        async throws
    {
        try await withDatabase("greenbutton") { pool in
            let ids = Mutex(0)
            let node = TopNode(
                store: MariaDBTopNodeStore(pool), configuration: TopNodeConfiguration(telemetry: nil, status: nil),
                environment: TopNodeEnvironment {
                    ids.withLock {
                        $0 += 1
                        return "id-\($0)"
                    }
                })
            let certificate = try #require(CertificateDigest(bytes: [UInt8](repeating: 7, count: 32)))
            func send(_ payload: Payload) async throws -> Payload {
                try await node.handle(
                    payload, at: payload.service ?? .oadrPoll, from: PeerIdentity(certificate: certificate),
                    now: Self.start)
            }
            try await node.admit(
                "VEN-1", name: "Site", certificate: certificate, pollFrequency: .seconds(10), resources: ["hvac"])
            _ = try await send(.createPartyRegistration(CreatePartyRegistration(requestID: "r1")))
            let offer = MetadataReport(
                specifierID: "gb", name: .metadataHistoryGreenButton, duration: .days(365),
                descriptions: [
                    ReportDescription(
                        rID: "main", reportType: .usage,
                        itemBase: .greenButton(
                            GreenButtonFeed(id: "urn:o", title: "o", updated: Self.start, entries: [Self.type])),
                        readingType: .directRead)
                ], createdDateTime: Self.start)
            _ = try await send(.registerReport(RegisterReport(requestID: "m", reports: [offer], venID: "VEN-1")))
            _ = try await AccountStore(pool).establishDistributor(named: "Grid")
            let meter = try await MeterStore(pool).create(.init(name: "main", zone: "UTC", step: .hours(1)))
            try await ReportMeterStore(pool).connect("main", of: "VEN-1", to: meter)
            // A request for history is over with its report: every report has one of its own.
            func update(_ feed: GreenButtonFeed, at moment: Instant) async throws -> Int? {
                let request = try #require(
                    try await node.requestHistory(
                        "gb", of: "VEN-1", window: TimeWindow(start: Self.start - .days(1), duration: .days(1)),
                        now: Self.start
                    ).first)
                let interval = ReportInterval(
                    start: Self.first, duration: .hours(3), payloads: [], greenButton: [feed])
                let report = DataReport(
                    requestID: request, specifierID: "gb", name: .historyGreenButton, start: Self.first,
                    intervals: [interval], createdDateTime: moment)
                let answer = try await send(
                    .updateReport(UpdateReport(requestID: "", reports: [report], venID: "VEN-1")))
                return answer.response?.code.rawValue
            }
            func readings() async throws -> [Double?] {
                try await ReadingStore(pool).readings(
                    of: meter, in: TimeWindow(start: Self.first, duration: .hours(4))
                ).map { $0.energy?.value }
            }
            for _ in 0..<2 {
                #expect(try await update(Self.feed([2, 3, 5]), at: Self.start) == 200)
                #expect(try await readings() == [2_000, 3_000, 5_000])
            }
            #expect(try await update(Self.feed([4]), at: Self.start + .hours(1)) == 200)
            #expect(try await readings() == [4_000, 3_000, 5_000])
            #expect(try await update(Self.feed([9, 9, 9]), at: Self.start - .hours(1)) == 200, "an older one")
            #expect(try await readings() == [4_000, 3_000, 5_000])
        }
    }
}
