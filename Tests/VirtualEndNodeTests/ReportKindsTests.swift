import Measures
import OpenADR
import Testing
import VirtualEndNode

/// HISTORY_USAGE, TELEMETRY_STATUS and reports on change, as a VEN makes them.
@Suite struct ReportKindsTests {
    private static let start = Solo.start
    private static let points = [TelemetryOffer.Point(rID: "site")]
    private static let usage = TelemetryOffer(
        specifierID: "usage", points: points, minPeriod: .minutes(1), capacity: .hours(8), onChange: true)
    private static let status = TelemetryOffer(
        specifierID: "status", kind: .status, points: points, minPeriod: .minutes(1), capacity: .hours(8),
        onChange: true)
    private static let history = TelemetryOffer(
        specifierID: "history", kind: .history, points: points, minPeriod: .minutes(1), capacity: .days(7))

    private static func polling() -> Solo { Solo.polling(reports: [usage, status, history]) }

    private static func request(
        _ specifier: ReportSpecifierID, granularity: TimeSpan = .zero, back: TimeSpan = .zero,
        from: Instant = start, for duration: TimeSpan = .zero
    ) -> ReportRequest {
        ReportRequest(
            requestID: "rr",
            specifier: ReportSpecifier(
                specifierID: specifier, granularity: granularity, reportBackDuration: back,
                interval: RequestedInterval(start: from, duration: duration), payloads: [SpecifierPayload(rID: "site")])
        )
    }

    /// Hands the request to the VEN; what it says until it polls again.
    private static func ask(_ solo: inout Solo, _ request: ReportRequest) -> [Payload] {
        solo.answer(.createReport(CreateReport(requestID: "c", requests: [request], venID: "ven-1")))
        return solo.settle()
    }

    private static func reports(_ messages: [Payload]) -> [DataReport] {
        messages.flatMap { message -> [DataReport] in
            if case .updateReport(let update) = message { update.reports } else { [] }
        }
    }

    /// Wakes the VEN again and again until a time; the reports that it sent.
    private static func run(_ solo: inout Solo, until end: Instant) -> [DataReport] {
        var sent: [DataReport] = []
        for _ in 0..<1_000 where solo.now < end {
            if case .exchange(.poll, _) = solo.action { solo.rest() }
            sent += Self.reports(solo.wake())
        }
        return sent
    }

    @Test func `rules 307, 331 and 333: each kind is offered under its name, with its unit`() throws {
        var solo = Solo(reports: [Self.usage, Self.status, Self.history])
        let messages = solo.settle()
        let offered = messages.flatMap { message -> [MetadataReport] in
            if case .registerReport(let message) = message { message.reports } else { [] }
        }
        #expect(
            offered.map(\.name) == [.metadataTelemetryUsage, .metadataTelemetryStatus, .metadataHistoryUsage])
        #expect(offered.flatMap(\.descriptions).map(\.reportType) == [.usage, .resourceStatus, .usage])
        #expect(offered[1].descriptions[0].itemBase == nil)
        #expect(offered[1].descriptions[0].readingType == .notApplicable)
        #expect(offered[1].descriptions[0].samplingRate?.onChange == true)
    }

    @Test func `rule 341: history is one report of the time that was asked for, oldest first`() throws {
        var solo = Self.polling()
        solo.now = Self.start + .hours(5)
        let sent = Self.reports(
            Self.ask(&solo, Self.request("history", from: Self.start + .hours(1), for: .hours(3))))
        let report = try #require(sent.first)
        #expect(sent.count == 1 && report.name == .historyUsage)
        #expect(report.intervals.map(\.start) == (60..<240).map { Self.start + .minutes($0) })
        #expect(report.start == Self.start + .hours(1) && report.duration == .hours(3))
    }

    @Test func `a long history comes in longer steps, and ends now when it has no end`() throws {
        var solo = Self.polling()
        solo.now = Self.start + .days(6)
        let report = try #require(Self.reports(Self.ask(&solo, Self.request("history"))).first)
        #expect(report.intervals.count == 6 * 24 * 12)
        #expect(report.intervals.first?.duration == .minutes(5))
        #expect(report.intervals.last?.start == solo.now - .minutes(5))
    }

    @Test func `rule 340: history that is too old, or yet to come, is refused`() {
        for (from, duration) in [
            (Self.start - .days(9), TimeSpan.hours(1)), (Self.start + .hours(9), TimeSpan.hours(1)),
        ] {
            var solo = Self.polling()
            solo.now = Self.start + .hours(1)
            let span = from < Self.start ? TimeSpan.days(9) : duration
            let messages = Self.ask(&solo, Self.request("history", from: from, for: span))
            #expect(messages.first?.response?.code == .invalidData)
            #expect(Self.reports(messages).isEmpty)
        }
    }

    @Test func `rule 324: a status is reported at once when it is asked for once`() throws {
        var solo = Self.polling()
        let report = try #require(Self.reports(Self.ask(&solo, Self.request("status"))).first)
        #expect(report.name == .telemetryStatus)
        let payload = try #require(report.intervals.first?.payloads.first)
        #expect(payload.value == .resourceStatus(ResourceStatus(isOnline: true, isManuallyOverridden: false)))
        #expect(report.intervals.first?.duration == nil)
    }

    @Test func `rules 317 and 334: on change, every report has the changes, or one old value that says so`() {
        var solo = Self.polling()
        _ = Self.ask(&solo, Self.request("status", back: .minutes(5)))
        let first = Self.run(&solo, until: Self.start + .minutes(5))
        #expect(first.flatMap(\.intervals).map(\.start) == [Self.start])
        #expect(first.flatMap(\.intervals).flatMap(\.payloads).map(\.quality) == [.goodNonSpecific])
        let quiet = Self.run(&solo, until: Self.start + .minutes(10))
        #expect(quiet.flatMap(\.intervals).flatMap(\.payloads).map(\.quality) == [.previousValueUsed])
        _ = Self.run(&solo, until: Self.start + .minutes(12))
        solo.status.isOnline = false
        let changed = Self.run(&solo, until: Self.start + .minutes(15))
        #expect(changed.count == 1 && changed.first?.intervals.count == 1)
        #expect(
            changed.first?.intervals.first?.payloads.first?.value
                == .resourceStatus(ResourceStatus(isOnline: false, isManuallyOverridden: false)))
    }

    @Test func `rule 325: a periodic status has a sight for each sampling step`() {
        var solo = Self.polling()
        _ = Self.ask(&solo, Self.request("status", granularity: .minutes(1), back: .minutes(5)))
        let sent = Self.run(&solo, until: Self.start + .minutes(10))
        #expect(sent.count == 2)
        #expect(sent.last?.intervals.count == 5)
    }

    @Test func `a status says that people at the site said no to the event that runs`() throws {
        var solo = Self.polling()
        _ = solo.take([.testing()])
        solo.now = Self.start + .minutes(70)
        _ = try solo.ven.perform(.opt("e", .optOut, .economic), now: solo.now)
        let report = try #require(Self.reports(Self.ask(&solo, Self.request("status"))).first)
        #expect(
            report.intervals.first?.payloads.first?.value
                == .resourceStatus(ResourceStatus(isOnline: true, isManuallyOverridden: true)))
    }

    @Test func `rule 317: usage on change leaves out what stays as it was`() {
        var solo = Self.polling()
        _ = Self.ask(&solo, Self.request("usage", back: .minutes(5)))
        let first = Self.run(&solo, until: Self.start + .minutes(5))
        // The same energy in every minute: the first one is news, the last one says that nothing changed.
        #expect(first.flatMap(\.intervals).map(\.start) == [Self.start, Self.start + .minutes(4)])
        #expect(
            first.flatMap(\.intervals).flatMap(\.payloads).map(\.quality) == [.goodNonSpecific, .previousValueUsed])
        let second = Self.run(&solo, until: Self.start + .minutes(10))
        #expect(second.flatMap(\.intervals).map(\.start) == [Self.start + .minutes(9)])
    }

    @Test func `what is not offered on change is refused`() {
        var solo = Solo.polling()
        #expect(
            Self.ask(
                &solo,
                ReportRequest(
                    requestID: "rr",
                    specifier: ReportSpecifier(
                        specifierID: "usage", granularity: .zero, reportBackDuration: .minutes(5),
                        interval: RequestedInterval(start: Self.start), payloads: [SpecifierPayload(rID: "site")]))
            )
            .first?.response?.code == .reportNotSupported)
    }
}
