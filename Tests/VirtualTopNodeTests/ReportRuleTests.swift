import Measures
import OpenADR
import Testing
import TopNodeTesting
import VirtualTopNode

/// EiReport beyond plain telemetry: status, history, metadata on demand, cancelling, and what a report must not be.
@Suite struct ReportRuleTests {
    private static let start = Counter.start

    private static func point(
        _ id: RID, unit: ItemBase? = .energy(.real), resources: [ResourceID] = [], onChange: Bool = false,
        subject: [DeviceClass] = []
    ) -> ReportDescription {
        ReportDescription(
            rID: id, subject: Target(endDeviceAssets: subject), dataSource: Target(resourceIDs: resources),
            reportType: unit == nil ? .resourceStatus : .usage, itemBase: unit,
            readingType: unit == nil ? .notApplicable : .directRead,
            samplingRate: SamplingRate(minPeriod: .minutes(15), maxPeriod: .hours(1), onChange: onChange))
    }

    private static func offer(_ id: ReportSpecifierID, _ name: ReportName, _ points: ReportDescription...)
        -> MetadataReport
    {
        MetadataReport(specifierID: id, name: name, duration: .days(30), descriptions: points, createdDateTime: start)
    }

    /// A VEN that offers these, and what it was asked for in the answer.
    private static func offering(
        _ offers: MetadataReport..., now: Instant = start,
        configuration: TopNodeConfiguration = TopNodeConfiguration()
    ) async throws -> (counter: Counter, requests: [ReportRequest]) {
        let counter = try await Counter.registered(configuration)
        let answer = try await counter.send(
            .registerReport(RegisterReport(requestID: "m", reports: offers, venID: "ven-1")), now: now)
        guard case .registeredReport(let message) = answer else { throw Unexpected(answer: answer) }
        return (counter, message.requests)
    }

    private static func update(
        _ request: ReportRequestID, _ specifier: ReportSpecifierID, _ intervals: [ReportInterval],
        name: ReportName? = .telemetryUsage, id: RequestID = "", start: Instant? = start
    ) -> Payload {
        .updateReport(
            UpdateReport(
                requestID: id,
                reports: [
                    DataReport(
                        requestID: request, specifierID: specifier, name: name, start: start, intervals: intervals,
                        createdDateTime: Self.start)
                ], venID: "ven-1"))
    }

    private static func interval(
        _ minute: Int64?, _ minutes: Int64? = 15, uid: Int? = nil, rID: RID = "a",
        _ value: ReportPayload.Value = .float(1)
    ) -> ReportInterval {
        ReportInterval(
            start: minute.map { start + .minutes($0) }, duration: minutes.map { .minutes($0) }, uid: uid,
            payloads: [ReportPayload(rID: rID, value: value)])
    }

    @Test func `rules 300 and 304: data that was offered but not asked for is 452`() async throws {
        let (counter, _) = try await Self.offering(
            Self.offer("s", .metadataTelemetryUsage, Self.point("a"), Self.point("b")))
        let request = try await counter.vtn.requestReport(
            "s", of: "ven-1", dataPoints: ["a"], granularity: .minutes(15), backDuration: .minutes(15),
            start: Self.start, now: Self.start)
        #expect(try await counter.code(Self.update(request, "s", [Self.interval(0)])) == 200)
        #expect(try await counter.code(Self.update(request, "s", [Self.interval(15, rID: "b")])) == 452)
        #expect(await counter.store.rows.measurements.count == 1)
    }

    @Test func `rules 302, 307 and 343: several sources are one aggregate, none is the whole VEN`() async throws {
        let (counter, _) = try await Self.offering(
            Self.offer(
                "s", .metadataTelemetryUsage, Self.point("one", resources: ["hvac"]),
                Self.point("sum", resources: ["hvac", "line"], subject: [.evse]), Self.point("all")))
        let points = try #require(await counter.store.rows.offers.values.first?.dataPoints)
        #expect(points.map(\.resource) == ["hvac", nil, nil])
        #expect(points.map(\.aggregate) == [[], ["hvac", "line"], []])
        #expect(points.map(\.deviceClasses) == [[], [.evse], []])
    }

    @Test func `rules 314, 315, 316 and 342: starts, durations and uids for all intervals or for none`() async throws {
        let (counter, requests) = try await Self.offering(Self.offer("s", .metadataTelemetryUsage, Self.point("a")))
        let id = try #require(requests.first?.requestID)
        let cases: [(Int, [ReportInterval])] = [
            (459, [Self.interval(0), Self.interval(nil)]), (459, [Self.interval(0), Self.interval(15, nil)]),
            (459, [Self.interval(nil), Self.interval(nil)]),
            (459, [Self.interval(nil, nil, uid: 0), Self.interval(nil, nil, uid: 1)]),
            (450, [Self.interval(nil, uid: 1), Self.interval(nil, uid: 0)]),
            (450, [Self.interval(nil, uid: 1), Self.interval(nil, uid: 2)]),
        ]
        for (code, intervals) in cases {
            #expect(try await counter.code(Self.update(id, "s", intervals)) == code, "\(intervals)")
        }
        #expect(await counter.store.rows.measurements.isEmpty)
        #expect(
            try await counter.code(Self.update(id, "s", [Self.interval(nil, uid: 0), Self.interval(nil, uid: 1)]))
                == 200)
        #expect(try await counter.code(Self.update(id, "s", [Self.interval(30), Self.interval(45)])) == 200)
        #expect(await counter.store.rows.measurements.count == 4)
        // An energy without its span stands for the sampling step, and is not quite to be relied on.
        #expect(try await counter.code(Self.update(id, "s", [Self.interval(60, nil)])) == 200)
        let last = try #require(await counter.store.rows.measurements.values.first { $0.quality == .estimated })
        #expect(last.duration == .minutes(15))
    }

    @Test func `rule 313: data under the name of metadata is 459, without a start of any kind too`() async throws {
        let (counter, requests) = try await Self.offering(Self.offer("s", .metadataTelemetryUsage, Self.point("a")))
        let id = try #require(requests.first?.requestID)
        #expect(
            try await counter.code(Self.update(id, "s", [Self.interval(0)], name: .metadataTelemetryUsage)) == 459)
        #expect(try await counter.code(Self.update(id, "s", [Self.interval(nil)], start: nil)) == 459)
    }

    @Test func `rule 319: accuracy is kept in the unit of the value`() async throws {
        let (counter, requests) = try await Self.offering(
            Self.offer("s", .metadataTelemetryUsage, Self.point("a", unit: .energy(.real, scale: .kilo))))
        let id = try #require(requests.first?.requestID)
        var interval = Self.interval(0, 15, .float(2))
        interval.payloads[0].accuracy = 0.25
        interval.payloads[0].confidence = 90
        #expect(try await counter.code(Self.update(id, "s", [interval])) == 200)
        let one = try #require(await counter.store.rows.measurements.values.first)
        #expect(one.value == .energy(WattHours(2_000)))
        #expect(one.accuracy == 250)
        #expect(one.confidence == 90)
    }

    @Test func `rules 317 and 334: status is asked for on change, and kept with the state of load control`()
        async throws
    {
        let (counter, requests) = try await Self.offering(
            Self.offer("s", .metadataTelemetryStatus, Self.point("a", unit: nil, onChange: true)))
        let request = try #require(requests.first)
        #expect(request.specifier.granularity == .zero)
        #expect(request.specifier.reportBackDuration == .minutes(5))
        let status = ResourceStatus(
            isOnline: true, isManuallyOverridden: true,
            loadControl: LoadControlState(capacity: LoadControlValue(minimum: 0, maximum: 1, current: 0.5)))
        let intervals = [0, 3].map { Self.interval($0, nil, .resourceStatus(status)) }
        #expect(try await counter.code(Self.update(request.requestID, "s", intervals, name: .telemetryStatus)) == 200)
        let values = await counter.store.rows.measurements.values.map(\.value)
        #expect(
            values
                == Array(
                    repeating: .status(
                        isOnline: true, isManuallyOverridden: true, loadControl: status.loadControl), count: 2))
        // Without change reports it is asked for every five minutes, as far as the offer allows.
        let (_, plain) = try await Self.offering(Self.offer("s", .metadataTelemetryStatus, Self.point("a", unit: nil)))
        #expect(plain.first?.specifier.granularity == .minutes(15))
    }

    @Test func `rules 328 and 335: what is wanted no more is cancelled in the answer, and again when it goes on`()
        async throws
    {
        let (counter, requests) = try await Self.offering(Self.offer("s", .metadataTelemetryUsage, Self.point("a")))
        let id = try #require(requests.first?.requestID)
        _ = try await counter.send(.createdReport(CreatedReport(response: EiResponse(), pending: [id], venID: "ven-1")))
        try await counter.vtn.cancelReport(id, of: "ven-1", now: Self.start)
        func cancelled(_ minute: Int64, id request: RequestID) async throws -> CancelReport? {
            let answer = try await counter.send(Self.update(id, "s", [Self.interval(minute)], id: request))
            guard case .updatedReport(let message) = answer else { throw Unexpected(answer: answer) }
            #expect(message.response.code == .success)
            return message.cancel
        }
        let first = try await cancelled(0, id: "u-1")
        #expect(first?.reportRequestIDs == [id] && first?.reportToFollow == false)
        // The same message again gets the same answer.
        #expect(try await cancelled(0, id: "u-1") == first)
        #expect(try await counter.poll().elementName == "oadrResponse")
        #expect(try await cancelled(15, id: "u-2") == nil)
        guard case .cancelReport(let again) = try await counter.poll() else {
            Issue.record("not cancelled again")
            return
        }
        #expect(again.reportRequestIDs == [id])
        let done = CanceledReport(response: EiResponse(requestID: again.requestID), venID: "ven-1")
        #expect(try await counter.code(.canceledReport(done)) == 200)
        #expect(try await counter.code(Self.update(id, "s", [Self.interval(30)])) == 452)
        #expect(await counter.store.rows.measurements.count == 2)
    }

    @Test func `rule 345: after a cancellation with reportToFollow exactly one more report is taken`() async throws {
        let (counter, requests) = try await Self.offering(Self.offer("s", .metadataTelemetryUsage, Self.point("a")))
        let id = try #require(requests.first?.requestID)
        try await counter.vtn.cancelReport(id, of: "ven-1", reportToFollow: true, now: Self.start)
        // It must not be cancelled in an answer, where no further report could be asked for.
        guard case .updatedReport(let updated) = try await counter.send(Self.update(id, "s", [Self.interval(0)])),
            case .cancelReport(let cancel) = try await counter.poll()
        else {
            Issue.record("not cancelled")
            return
        }
        #expect(updated.cancel == nil)
        #expect(cancel.reportToFollow)
        let done = CanceledReport(response: EiResponse(), venID: "ven-1")
        #expect(try await counter.code(.canceledReport(done)) == 200)
        #expect(try await counter.code(Self.update(id, "s", [Self.interval(15)])) == 200)
        #expect(try await counter.code(Self.update(id, "s", [Self.interval(30)])) == 452)
    }

    @Test func `rules 308, 311, 321 and 327: metadata is asked for with rID 0, and its answer names the request`()
        async throws
    {
        let (counter, _) = try await Self.offering(Self.offer("s", .metadataTelemetryUsage, Self.point("a")))
        let once = try await counter.vtn.requestMetadata(of: "ven-1", now: Self.start)
        guard case .createReport(let ask) = try await counter.poll() else {
            Issue.record("not asked")
            return
        }
        #expect(ask.requests.map(\.requestID) == [once])
        let specifier = try #require(ask.requests.first?.specifier)
        #expect(specifier.specifierID == .metadata && specifier.interval == nil)
        #expect(specifier.payloads == [SpecifierPayload(rID: "0")])
        #expect(specifier.granularity == .zero && specifier.reportBackDuration == .zero)
        #expect(
            try await counter.code(
                .createdReport(CreatedReport(response: EiResponse(requestID: ask.requestID), venID: "ven-1"))) == 200)
        func answer(_ id: ReportRequestID, _ request: RequestID) async throws -> Int? {
            try await counter.code(
                .registerReport(
                    RegisterReport(
                        requestID: request, reports: [Self.offer("t", .metadataTelemetryUsage, Self.point("b"))],
                        venID: "ven-1", reportRequestID: id)))
        }
        #expect(try await answer("other", "m-1") == 452)
        #expect(try await answer(once, "m-2") == 200)
        #expect(await counter.store.rows.offers.values.map(\.specifierID) == ["t"])
        #expect(try await answer(once, "m-3") == 452)
        // One that comes again and again outlives the metadata that it brings (rule 306).
        let often = try await counter.vtn.requestMetadata(of: "ven-1", every: .days(1), now: Self.start)
        _ = try await counter.poll()
        for request: RequestID in ["m-4", "m-5"] { #expect(try await answer(often, request) == 200) }
    }

    @Test func `rules 314, 325, 340 and 341: history is asked for piece by piece, within what is kept`() async throws {
        let (counter, _) = try await Self.offering(
            Self.offer("h", .metadataHistoryUsage, Self.point("a"), Self.point("b")),
            configuration: TopNodeConfiguration(longestHistory: 200))
        let day = TimeWindow(start: Self.start - .days(3), duration: .days(2))
        let ids = try await counter.vtn.requestHistory("h", of: "ven-1", window: day, now: Self.start)
        // 192 steps of two data points: a hundred steps fit.
        #expect(ids.count == 2)
        var asked: [RequestedInterval] = []
        for _ in ids {
            guard case .createReport(let message) = try await counter.poll() else { break }
            asked += message.requests.compactMap(\.specifier.interval)
            #expect(message.requests.allSatisfy { $0.specifier.granularity == .zero })
            #expect(message.requests.allSatisfy { $0.specifier.reportBackDuration == .zero })
        }
        asked.sort { $0.start < $1.start }
        #expect(asked.map(\.start) == [day.start, day.start + .hours(25)])
        #expect(asked.map(\.duration) == [.hours(25), .hours(23)])
        for window in [
            TimeWindow(start: Self.start - .days(31), duration: .days(1)),
            TimeWindow(start: Self.start - .hours(1), duration: .hours(2)),
        ] {
            await #expect(throws: OperatorError.notOffered("h", "ven-1")) {
                try await counter.vtn.requestHistory("h", of: "ven-1", window: window, now: Self.start)
            }
        }
        let data = Self.interval(-3 * 24 * 60)
        #expect(
            try await counter.code(Self.update(ids[0], "h", [data], name: .historyUsage, start: data.start)) == 200)
        #expect(
            try await counter.code(Self.update(ids[0], "h", [data], name: .historyUsage, start: data.start)) == 452)
    }

    @Test func `an x- report is offered, asked for and taken like any other`() async throws {
        let name = try #require(ReportName(rawValue: "x-voltage"))
        let rule = TelemetryRule(name: name, granularity: .minutes(15), backDuration: .minutes(15))
        let offered = try #require(ReportName(rawValue: "x-voltage"))
        let (counter, requests) = try await Self.offering(
            Self.offer("v", offered, Self.point("a", unit: .voltage())),
            configuration: TopNodeConfiguration(telemetry: rule))
        let id = try #require(requests.first?.requestID)
        #expect(try await counter.code(Self.update(id, "v", [Self.interval(0, 15, .float(231.5))], name: name)) == 200)
        #expect(await counter.store.rows.measurements.values.map(\.value) == [.number(231.5)])
    }

    @Test func `holes in telemetry are asked for as history, once each, and no more when they are filled`() async throws
    {
        let (counter, requests) = try await Self.offering(
            Self.offer("t", .metadataTelemetryUsage, Self.point("a")),
            Self.offer("h", .metadataHistoryUsage, Self.point("a")))
        let id = try #require(requests.first?.requestID)
        let steps = [0, 15, 45, 60, 75, 90, 105].map { Self.interval($0) }
        #expect(try await counter.code(Self.update(id, "t", steps)) == 200)
        // Two hours and a half are over; the last half hour may still be on its way.
        let now = Self.start + .minutes(150)
        let missing = try await counter.vtn.requestMissing(of: "ven-1", now: now)
        #expect(missing.map(\.start) == [Self.start + .minutes(30)])
        #expect(missing.map(\.duration) == [.minutes(15)])
        #expect(missing.map(\.dataPoints) == [["a"]])
        #expect(try await counter.vtn.requestMissing(of: "ven-1", now: now).isEmpty)
        let history = try #require(missing.first?.requestID)
        guard case .createReport(let message) = try await counter.poll(now: now) else {
            Issue.record("not asked")
            return
        }
        #expect(message.requests.map(\.requestID) == [history])
        let created = CreatedReport(response: EiResponse(), pending: [id], venID: "ven-1")
        #expect(try await counter.code(.createdReport(created), now: now) == 200)
        let filled = Self.interval(30)
        #expect(
            try await counter.code(
                Self.update(history, "h", [filled], name: .historyUsage, start: filled.start), now: now) == 200)
        #expect(try await counter.vtn.requestMissing(of: "ven-1", now: now).isEmpty)
        // Half an hour later two more steps are due, and one hole.
        let later = try await counter.vtn.requestMissing(of: "ven-1", now: now + .minutes(30))
        #expect(later.map(\.start) == [Self.start + .minutes(120)])
        #expect(later.map(\.duration) == [.minutes(30)])
    }

    @Test func `a hole that nobody can fill is believed after three requests`() async throws {
        let (counter, requests) = try await Self.offering(
            Self.offer("t", .metadataTelemetryUsage, Self.point("a")),
            Self.offer("h", .metadataHistoryUsage, Self.point("a")))
        _ = try #require(requests.first)
        let now = Self.start + .minutes(45)
        var asked = 0
        for _ in 0..<6 {
            for request in try await counter.vtn.requestMissing(of: "ven-1", now: now) {
                asked += 1
                let placeholder = ReportInterval(
                    start: request.start, duration: .minutes(15),
                    payloads: [ReportPayload(rID: "a", value: .float(0), quality: .noValue)])
                #expect(
                    try await counter.code(
                        Self.update(
                            request.requestID, "h", [placeholder], name: .historyUsage, start: request.start), now: now)
                        == 200)
            }
        }
        #expect(asked == 3)
    }
}
