import Measures
import OpenADR
import Testing
import TopNodeTesting
import VirtualTopNode

/// HISTORY_GREENBUTTON from its offer to measurements.
@Suite struct GreenButtonReportTests {
    private static let start = Counter.start

    private static func type(_ address: String, flow: FlowDirection = .forward) -> GreenButtonEntry {
        GreenButtonEntry(
            id: address, address: address,
            resources: [
                .readingType(
                    MeterReadingType(
                        accumulation: .deltaData, commodity: 1, flow: flow, powerOfTen: 3, unit: .wattHours))
            ])
    }

    /// A meter reading with hourly values in kWh.
    private static func reading(
        _ address: String, type: String, title: String, _ values: [Int64], quality: ReadingQuality? = nil
    ) -> [GreenButtonEntry] {
        let readings = values.enumerated().map { hour, value in
            BlockReading(
                qualities: quality.map { [$0] } ?? [],
                period: ESPIInterval(duration: 3_600, start: start.secondsSinceEpoch + Int64(hour) * 3_600),
                value: value)
        }
        return [
            GreenButtonEntry(id: address, address: address, related: [type], title: title, resources: [.meterReading]),
            GreenButtonEntry(
                id: "\(address)-b", address: "\(address)/IntervalBlock/1", parent: address,
                resources: [.intervalBlock(IntervalBlock(readings: readings))]),
        ]
    }

    private static func feed(_ entries: [GreenButtonEntry]) -> GreenButtonFeed {
        GreenButtonFeed(id: "urn:f", title: "f", updated: start, entries: entries)
    }

    /// A VEN that offers these data points and was asked for a day of them.
    private static func asked(_ rIDs: [RID] = ["main"]) async throws -> (counter: Counter, request: ReportRequestID) {
        let counter = try await Counter.registered()
        let offer = MetadataReport(
            specifierID: "gb", name: .metadataHistoryGreenButton, duration: .days(365),
            descriptions: rIDs.map {
                ReportDescription(
                    rID: $0, dataSource: Target(resourceIDs: ["hvac"]), reportType: .usage,
                    itemBase: .greenButton(feed([type("t")])), readingType: .directRead)
            }, createdDateTime: start)
        _ = try await counter.send(.registerReport(RegisterReport(requestID: "m", reports: [offer], venID: "ven-1")))
        let requests = try await counter.vtn.requestHistory(
            "gb", of: "ven-1", window: TimeWindow(start: start - .days(1), duration: .days(1)), now: start)
        return (counter, try #require(requests.first))
    }

    private static func update(_ request: ReportRequestID, _ feeds: GreenButtonFeed...) -> Payload {
        .updateReport(
            UpdateReport(
                requestID: "",
                reports: [
                    DataReport(
                        requestID: request, specifierID: "gb", name: .historyGreenButton, start: start,
                        intervals: [
                            ReportInterval(start: start, duration: .hours(2), payloads: [], greenButton: feeds)
                        ], createdDateTime: start)
                ], venID: "ven-1"))
    }

    private func energies(_ counter: Counter, _ rID: RID = "main") async -> [Double] {
        await counter.store.rows.measurements.values.filter { $0.rID == rID }.sorted { $0.start < $1.start }.map {
            if case .energy(let energy) = $0.value { energy.value } else { .nan }
        }
    }

    @Test func `rule 316: Green Button says itself when what was, and its energy is kept in Wh`() async throws {
        let (counter, request) = try await Self.asked()
        let feed = Self.feed([Self.type("t")] + Self.reading("m", type: "t", title: "anything", [2, 3]))
        #expect(try await counter.code(Self.update(request, feed)) == 200)
        #expect(await energies(counter) == [2_000, 3_000])
        let measurement = try #require(await counter.store.rows.measurements.values.first)
        #expect(measurement.duration == .hours(1) && measurement.resource == "hvac" && measurement.quality == .ok)
    }

    @Test func `what flowed to the grid is taken off, and doubts are kept`() async throws {
        let (counter, request) = try await Self.asked()
        let feed = Self.feed(
            [Self.type("t"), Self.type("r", flow: .reverse)] + Self.reading("in", type: "t", title: "", [2, 3])
                + Self.reading("out", type: "r", title: "", [5, 1], quality: .questionable))
        #expect(try await counter.code(Self.update(request, feed)) == 200)
        #expect(await energies(counter) == [-3_000, 2_000])
        #expect(await counter.store.rows.measurements.values.allSatisfy { $0.quality == .bad })
    }

    @Test func `of several data points each gets the reading with its name`() async throws {
        let (counter, request) = try await Self.asked(["main", "solar"])
        let feed = Self.feed(
            [Self.type("t")] + Self.reading("x/1", type: "t", title: "main", [2])
                + Self.reading("x/solar", type: "t", title: "", [9]))
        #expect(try await counter.code(Self.update(request, feed)) == 200)
        #expect(await energies(counter) == [2_000])
        #expect(await energies(counter, "solar") == [9_000])
    }

    @Test func `a feed without energy is 454, one that is nobody's 452; nothing is left behind`() async throws {
        let (counter, request) = try await Self.asked()
        #expect(try await counter.code(Self.update(request, Self.feed([Self.type("t")]))) == 454)
        let two = Self.feed(
            [Self.type("t")] + Self.reading("x/1", type: "t", title: "", [2])
                + Self.reading("x/2", type: "t", title: "", [9]))
        #expect(try await counter.code(Self.update(request, two)) == 452)
        let huge = Self.feed([Self.type("t")] + Self.reading("m", type: "t", title: "", [.max]))
        #expect(try await counter.code(Self.update(request, huge)) == 454)
        #expect(await counter.store.rows.measurements.isEmpty)
    }
}
