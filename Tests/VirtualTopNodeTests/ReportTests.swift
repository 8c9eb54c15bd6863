import Measures
import OpenADR
import Testing
import TopNodeTesting
import VirtualTopNode

@Suite struct ReportTests {
    static func metadata(
        _ requestID: RequestID = "m", itemBase: ItemBase = .energy(.real, scale: .kilo), rIDs: [RID] = ["a", "b"],
        minPeriod: TimeSpan = .minutes(1), capacity: TimeSpan = .hours(2)
    ) -> RegisterReport {
        RegisterReport(
            requestID: requestID,
            reports: [
                MetadataReport(
                    specifierID: "usage", name: .metadataTelemetryUsage, duration: capacity,
                    descriptions: rIDs.map {
                        ReportDescription(
                            rID: $0, dataSource: Target(resourceIDs: ["hvac"]), reportType: .usage,
                            itemBase: itemBase, readingType: .directRead,
                            samplingRate: SamplingRate(minPeriod: minPeriod, maxPeriod: .hours(1)))
                    }, createdDateTime: Counter.start)
            ], venID: "ven-1")
    }

    static func data(
        _ request: ReportRequestID, rID: RID = "a", values: [Double], start: Instant = Counter.start,
        created: Instant = Counter.start, specifier: ReportSpecifierID = "usage"
    ) -> Payload {
        let intervals = values.enumerated().map { index, value in
            ReportInterval(
                start: start + .minutes(Int64(index * 15)), duration: .minutes(15),
                payloads: [ReportPayload(rID: rID, value: .float(value))])
        }
        return .updateReport(
            UpdateReport(
                requestID: "",
                reports: [
                    DataReport(
                        requestID: request, specifierID: specifier, name: .telemetryUsage, start: start,
                        intervals: intervals, createdDateTime: created)
                ], venID: "ven-1"))
    }

    private static func offering() async throws -> (counter: Counter, request: ReportRequestID) {
        let counter = try await Counter.registered()
        let answer = try await counter.send(.registerReport(metadata()))
        guard case .registeredReport(let message) = answer, let request = message.requests.first else {
            throw Unexpected(answer: answer)
        }
        return (counter, request.requestID)
    }

    @Test func `rules 317, 325, 338 and 340: telemetry is asked for in the answer to metadata, within the offer`()
        async throws
    {
        let rule = TelemetryRule(granularity: .seconds(10), backDuration: .hours(9))
        let counter = try await Counter.registered(TopNodeConfiguration(telemetry: rule))
        let answer = try await counter.send(.registerReport(Self.metadata()))
        guard case .registeredReport(let message) = answer else { throw Unexpected(answer: answer) }
        let specifier = try #require(message.requests.first?.specifier)
        #expect(specifier.specifierID == "usage")
        #expect(specifier.granularity == .minutes(1))
        #expect(specifier.reportBackDuration == .hours(2))
        #expect(specifier.interval == RequestedInterval(start: Counter.start, duration: .zero))
        #expect(specifier.payloads.map(\.rID) == ["a", "b"])
        #expect(specifier.payloads.allSatisfy { $0.readingType == .notApplicable })
    }

    @Test func `rule 306: new metadata replaces the old and ends its requests; sent twice it does so once`()
        async throws
    {
        let (counter, first) = try await Self.offering()
        let rows = await counter.store.rows
        _ = try await counter.send(.registerReport(Self.metadata()))
        #expect(await counter.store.rows == rows)
        let answer = try await counter.send(.registerReport(Self.metadata("m-2", rIDs: ["c"])))
        guard case .registeredReport(let message) = answer else { throw Unexpected(answer: answer) }
        #expect(message.requests.first?.requestID != first)
        let after = await counter.store.rows
        #expect(after.offers.values.flatMap(\.dataPoints).map(\.rID) == ["c"])
        #expect(after.requests.values.filter { $0.state != .ended }.count == 1)
        #expect(try await counter.code(Self.data(first, values: [1])) == 452)
        #expect(await counter.store.rows.measurements.isEmpty)
    }

    @Test func `rule 308: an rID that occurs twice is 459`() async throws {
        let counter = try await Counter.registered()
        #expect(try await counter.code(.registerReport(Self.metadata(rIDs: ["a", "a"]))) == 459)
        #expect(await counter.store.rows.offers.isEmpty)
    }

    @Test func `readings become Wh, whatever their scale`() async throws {
        let (counter, request) = try await Self.offering()
        #expect(try await counter.code(Self.data(request, values: [1.5, 2])) == 200)
        let measurements = await counter.store.rows.measurements.values.sorted { $0.start < $1.start }
        #expect(measurements.map(\.value) == [.energy(WattHours(1_500)), .energy(WattHours(2_000))])
        #expect(measurements.map(\.duration) == [.minutes(15), .minutes(15)])
        #expect(measurements.map(\.resource) == ["hvac", "hvac"])
        #expect(await counter.store.rows.requests.values.map(\.state) == [.accepted])
    }

    @Test func `rule 346: a correction replaces, an older report does not, a repeated one changes nothing`()
        async throws
    {
        let (counter, request) = try await Self.offering()
        let now = Counter.start
        #expect(try await counter.code(Self.data(request, values: [1], created: now)) == 200)
        #expect(try await counter.code(Self.data(request, values: [2], created: now + .minutes(5))) == 200)
        #expect(try await counter.code(Self.data(request, values: [3], created: now + .minutes(1))) == 200)
        #expect(await counter.store.rows.measurements.values.map(\.value) == [.energy(WattHours(2_000))])
    }

    @Test func `rule 304: unknown reportRequestID, reportSpecifierID and rID are 452 and leave nothing`() async throws {
        let (counter, request) = try await Self.offering()
        #expect(try await counter.code(Self.data("other", values: [1])) == 452)
        #expect(try await counter.code(Self.data(request, values: [1], specifier: "other")) == 452)
        #expect(try await counter.code(Self.data(request, rID: "z", values: [1])) == 452)
        #expect(await counter.store.rows.measurements.isEmpty)
    }

    @Test(arguments: [Double.nan, .infinity, 1e13])
    func `a value that cannot be is 454 and leaves nothing of its report`(value: Double) async throws {
        let (counter, request) = try await Self.offering()
        #expect(try await counter.code(Self.data(request, values: [1, value])) == 454)
        #expect(await counter.store.rows.measurements.isEmpty)
    }

    @Test func `rule 314: intervals without a start follow one another`() async throws {
        let (counter, request) = try await Self.offering()
        let report = DataReport(
            requestID: request, specifierID: "usage", name: .telemetryUsage, start: Counter.start,
            intervals: (0..<3).map {
                ReportInterval(
                    start: nil, duration: .minutes(5), uid: $0,
                    payloads: [ReportPayload(rID: "a", value: .float(Double($0)))])
            }, createdDateTime: Counter.start)
        let message = Payload.updateReport(UpdateReport(requestID: "", reports: [report], venID: "ven-1"))
        #expect(try await counter.code(message) == 200)
        let starts = await counter.store.rows.measurements.values.map(\.start).sorted()
        #expect(starts == [0, 5, 10].map { Counter.start + .minutes($0) })
    }

    @Test func `rule 318: a placeholder is kept as bad or missing, never as a value to trust`() async throws {
        let (counter, request) = try await Self.offering()
        func send(_ quality: DataQuality, at minute: Int64) async throws {
            let report = DataReport(
                requestID: request, specifierID: "usage", name: .telemetryUsage, start: Counter.start,
                intervals: [
                    ReportInterval(
                        start: Counter.start + .minutes(minute), duration: .minutes(1),
                        payloads: [ReportPayload(rID: "a", value: .float(0), quality: quality)])
                ], createdDateTime: Counter.start)
            _ = try await counter.send(
                .updateReport(UpdateReport(requestID: "", reports: [report], venID: "ven-1")))
        }
        try await send(.badCommFailure, at: 0)
        try await send(.noValue, at: 1)
        try await send(.uncertainNonSpecific, at: 2)
        try await send(.goodNonSpecific, at: 3)
        let measurements = await counter.store.rows.measurements.values.sorted { $0.start < $1.start }
        #expect(measurements.map(\.quality) == [.bad, .missing, .estimated, .ok])
        #expect(measurements[1].value == .missing)
    }

    @Test func `rule 329: the VEN's list of pending reports accepts and refuses`() async throws {
        let (counter, request) = try await Self.offering()
        func created(_ code: ResponseCode, _ pending: [ReportRequestID]) -> Payload {
            .createdReport(CreatedReport(response: EiResponse(code: code), pending: pending, venID: "ven-1"))
        }
        #expect(try await counter.code(created(.success, ["unknown"])) == 452)
        #expect(try await counter.code(created(.success, [request])) == 200)
        #expect(await counter.store.rows.requests.values.map(\.state) == [.accepted])
        let second = try await counter.vtn.requestReport(
            "usage", of: "ven-1", granularity: .minutes(1), backDuration: .minutes(5), start: Counter.start,
            now: Counter.start)
        // An answer that crossed the request in the queue says nothing about it.
        #expect(try await counter.code(created(.success, [request])) == 200)
        #expect(try await counter.poll().elementName == "oadrCreateReport")
        #expect(try await counter.code(created(.invalidData, [request])) == 200)
        let states = await counter.store.rows.requests
        #expect(states[MemoryRows.RequestKey(ven: "ven-1", request: second)]?.state == .refused)
        #expect(await counter.store.rows.outbox.isEmpty)
    }

    @Test func `rule 336: a cancelled report ends when the VEN says so`() async throws {
        let (counter, request) = try await Self.offering()
        try await counter.vtn.cancelReport(request, of: "ven-1", now: Counter.start)
        #expect(try await counter.poll().elementName == "oadrCancelReport")
        let answer = Payload.canceledReport(CanceledReport(response: EiResponse(), venID: "ven-1"))
        #expect(try await counter.code(answer) == 200)
        #expect(try await counter.code(Self.data(request, values: [1])) == 452)
        #expect(try await counter.code(answer) == 200)
    }

    @Test func `rule 327: a VEN may ask for the VTN's metadata, and for nothing else`() async throws {
        let counter = try await Counter.registered()
        func ask(_ specifier: ReportSpecifierID) -> Payload {
            .createReport(
                CreateReport(
                    requestID: "q",
                    requests: [
                        ReportRequest(
                            requestID: "mine",
                            specifier: ReportSpecifier(
                                specifierID: specifier, granularity: .zero, reportBackDuration: .zero,
                                payloads: [SpecifierPayload(rID: "0")]))
                    ], venID: "ven-1"))
        }
        #expect(try await counter.code(ask("usage")) == 452)
        #expect(try await counter.code(ask(.metadata)) == 200)
        guard case .registerReport(let message) = try await counter.poll() else {
            Issue.record("no metadata")
            return
        }
        #expect(message.reportRequestID == "mine")
        #expect(message.reports.isEmpty)
    }
}
