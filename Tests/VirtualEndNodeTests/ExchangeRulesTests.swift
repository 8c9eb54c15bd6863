import Measures
import OpenADR
import Testing
import VirtualEndNode

/// Registration, polling and reports, rule by rule.
@Suite struct ExchangeRulesTests {
    private static let start = Solo.start

    private static func refused(_ payload: Payload, _ code: ResponseCode) -> Payload {
        let response = EiResponse(code: code, requestID: payload.requestID ?? .empty)
        if case .createPartyRegistration = payload {
            return .createdPartyRegistration(CreatedPartyRegistration(response: response, vtnID: "VTN_1"))
        }
        return .response(Response(response: response))
    }

    @Test func `rules 301, 309, 405 and 508: query, create, metadata, events, each with the venID`() {
        var solo = Solo()
        let messages = solo.settle()
        #expect(
            messages.map(\.elementName) == [
                "oadrQueryRegistration", "oadrCreatePartyRegistration", "oadrRegisterReport", "oadrRequestEvent",
            ])
        #expect(messages.dropFirst(2).allSatisfy { $0.venID == "ven-1" })
        #expect(solo.sent == .poll(Poll(venID: "ven-1")))
        guard case .createPartyRegistration(let create) = messages[1] else { return }
        #expect(create.registrationID == nil)
        #expect(create.transport == .httpPull)
        #expect(Set(messages.compactMap(\.requestID)).count == 4)
    }

    @Test func `rules 305, 307, 311, 312 and 333: the metadata`() throws {
        var solo = Solo()
        guard
            case .registerReport(let message)? = solo.settle().first(where: { $0.elementName == "oadrRegisterReport" })
        else { throw Missing() }
        let report = try #require(message.reports.first)
        #expect(message.reportRequestID == nil)
        #expect(report.name == .metadataTelemetryUsage)
        let description = try #require(report.descriptions.first)
        let rate = try #require(description.samplingRate)
        #expect(try #require(report.duration) >= rate.maxPeriod)
        #expect(description.reportType == .usage)
        #expect(description.itemBase == .energy(.real))
        #expect(description.subject.isEmpty)
    }

    @Test func `rule 500: after any message but oadrResponse the VEN replies, then polls at once`() {
        var solo = Solo.polling()
        solo.answer(.registerReport(RegisterReport(requestID: "x", venID: "ven-1")))
        #expect(solo.settle().map(\.elementName) == ["oadrRegisteredReport"])
        #expect(solo.sent?.elementName == "oadrPoll")
        #expect(solo.now == Self.start)
        solo.rest()
        guard case .wait(let until) = solo.action else {
            Issue.record("no pause")
            return
        }
        // Ten seconds, at most a tenth more.
        #expect((10...11).contains((until - Self.start).seconds))
        #expect(solo.wake().isEmpty)
        #expect(solo.sent?.elementName == "oadrPoll")
    }

    @Test func `a VTN that never says it is done is not polled without end`() {
        var solo = Solo.polling()
        for _ in 0..<500 {
            guard solo.sent?.elementName == "oadrPoll" else { break }
            solo.answer(.registerReport(RegisterReport(requestID: "x", venID: "ven-1")))
            solo.settle()
        }
        guard case .wait = solo.action else {
            Issue.record("still polling")
            return
        }
    }

    @Test func `rule 517: 463 registers anew, a bounded number of times, with pauses`() {
        var solo = Solo.polling()
        var created = 0
        for _ in 0..<50 {
            switch solo.action {
            case .exchange(let payload, _):
                if case .createPartyRegistration(let message) = payload {
                    created += 1
                    #expect(message.registrationID == nil)
                }
                solo.answer(Self.refused(payload, .notRegistered))
            case .wait(let until):
                solo.now = until
                solo.feed(.woke)
            default:
                break
            }
        }
        #expect(solo.action == .stop(.notAdmitted(.notRegistered)))
        #expect(created == 3)
        #expect(solo.now > Self.start)
    }

    @Test func `a VEN that is forgotten once comes back with metadata and its events`() {
        var solo = Solo.polling()
        _ = solo.take([.testing()])
        solo.answer(Self.refused(.poll(Poll(venID: "ven-1")), .notRegistered))
        let messages = solo.settle()
        #expect(
            messages.map(\.elementName) == ["oadrCreatePartyRegistration", "oadrRegisterReport", "oadrRequestEvent"])
    }

    @Test func `rule 61: a VTN that answers the question for events with oadrResponse has none`() {
        var solo = Solo.polling()
        _ = solo.take([.testing()])
        #expect(solo.timeline.layers.map(\.eventID) == ["e"])
        // The VTN lost everything, and what it has no words for is an empty list.
        solo.answer(Self.refused(.poll(Poll(venID: "ven-1")), .notRegistered))
        while let payload = solo.sent, payload.elementName != "oadrRequestEvent" {
            solo.answer(Solo.plainAnswer(to: payload))
        }
        solo.answer(.response(Response(response: EiResponse())))
        solo.settle()
        #expect(solo.timeline.layers.isEmpty)
    }

    @Test func `452 for its own venID stops the VEN instead of looping`() {
        var solo = Solo.polling()
        solo.answer(Self.refused(.poll(Poll(venID: "ven-1")), .invalidID))
        #expect(solo.action == .stop(.identityMismatch))
        var fresh = Solo()
        fresh.answer(Solo.plainAnswer(to: fresh.sent ?? .poll(Poll(venID: ""))))
        fresh.answer(Self.refused(fresh.sent ?? .poll(Poll(venID: "")), .invalidID))
        #expect(fresh.action == .stop(.identityMismatch))
    }

    @Test func `rules 402 and 405: a wish to register again is answered, then followed with the ids and nothing else`()
    {
        var solo = Solo.polling()
        solo.answer(.requestReregistration(RequestReregistration(venID: "ven-1")))
        let messages = solo.settle()
        #expect(messages.map(\.elementName) == ["oadrResponse", "oadrCreatePartyRegistration"])
        guard case .createPartyRegistration(let create)? = messages.last else { return }
        #expect(create.registrationID == "reg-1")
        #expect(create.venID == "ven-1")
    }

    @Test func `a wrong registrationID on renewal leads to a new registration`() {
        var solo = Solo.polling()
        solo.answer(.requestReregistration(RequestReregistration(venID: "ven-1")))
        solo.answer(.response(Response(response: EiResponse())))
        guard case .createPartyRegistration? = solo.sent else {
            Issue.record("no renewal")
            return
        }
        solo.answer(Self.refused(.createPartyRegistration(CreatePartyRegistration(requestID: "x")), .invalidID))
        guard case .createPartyRegistration(let create)? = solo.sent else {
            Issue.record("no registration")
            return
        }
        #expect(create.registrationID == nil)
    }

    @Test func `rules 401 and 407: a cancelled registration is confirmed, forgotten, and renewed after a while`() {
        var solo = Solo.polling()
        _ = solo.take([.testing()])
        let cancel = CancelPartyRegistration(requestID: "x", registrationID: "reg-1", venID: "ven-1")
        solo.answer(.cancelPartyRegistration(cancel))
        let messages = solo.settle()
        guard case .canceledPartyRegistration(let answer)? = messages.first else {
            Issue.record("no confirmation")
            return
        }
        #expect(answer.response == EiResponse(requestID: "x"))
        #expect(answer.venID == "ven-1")
        #expect(solo.ven.registration == nil)
        #expect(solo.timeline == Timeline())
        #expect(solo.action == .wait(until: Self.start + .minutes(5)))
        #expect(solo.wake().first?.elementName == "oadrCreatePartyRegistration")
    }

    @Test func `rule 400: the cancellation of another registration is 452`() {
        var solo = Solo.polling()
        solo.answer(
            .cancelPartyRegistration(
                CancelPartyRegistration(requestID: "x", registrationID: "other", venID: "ven-1")))
        #expect(solo.settle().first?.response?.code == .invalidID)
        #expect(solo.ven.registration != nil)
    }

    private static func request(
        _ id: ReportRequestID = "rr", specifier: ReportSpecifierID = "usage", rID: RID = "site",
        granularity: TimeSpan = .minutes(1), back: TimeSpan = .minutes(5), duration: TimeSpan = .zero
    ) -> ReportRequest {
        ReportRequest(
            requestID: id,
            specifier: ReportSpecifier(
                specifierID: specifier, granularity: granularity, reportBackDuration: back,
                interval: RequestedInterval(start: start, duration: duration),
                payloads: [SpecifierPayload(rID: rID)]))
    }

    private static func ask(_ solo: inout Solo, _ requests: ReportRequest...) -> CreatedReport? {
        solo.answer(.createReport(CreateReport(requestID: "c", requests: requests, venID: "ven-1")))
        return solo.settle().compactMap { if case .createdReport(let message) = $0 { message } else { nil } }.first
    }

    @Test func `rules 304, 317, 329 and 340: what cannot be reported is refused, the list is complete`() {
        var solo = Solo.polling()
        let faults: [(ReportRequest, ResponseCode)] = [
            (Self.request(specifier: "other"), .invalidID), (Self.request(rID: "other"), .invalidID),
            (Self.request(granularity: .seconds(1)), .invalidData),
            (Self.request(granularity: .minutes(9)), .invalidData), (Self.request(back: .hours(9)), .invalidData),
            (Self.request(granularity: .zero), .reportNotSupported),
        ]
        for (request, code) in faults {
            let answer = Self.ask(&solo, request)
            #expect(
                answer?.response == EiResponse(code: code, description: answer?.response.description, requestID: "c"))
            #expect(answer?.pending == [])
        }
        #expect(Self.ask(&solo, Self.request("a"))?.pending == ["a"])
        #expect(Self.ask(&solo, Self.request("b"), Self.request("bad", rID: "x"))?.pending == ["a", "b"])
    }

    @Test func `rules 313, 314, 315 and 346: telemetry comes on time, without gap or overlap`() {
        var solo = Solo.polling()
        _ = Self.ask(&solo, Self.request())
        solo.rest()
        var reports: [DataReport] = []
        while solo.now < Self.start + .minutes(31) {
            for message in solo.wake() {
                guard case .updateReport(let update) = message else { continue }
                reports += update.reports
            }
            if solo.sent?.elementName == "oadrPoll" { solo.rest() }
        }
        #expect(reports.count == 6)
        #expect(reports.allSatisfy { $0.name == .telemetryUsage && $0.requestID == "rr" })
        #expect(reports.map(\.start) == (0..<6).map { Self.start + .minutes(5 * $0) })
        let intervals = reports.flatMap(\.intervals)
        #expect(intervals.compactMap(\.start) == (0..<30).map { Self.start + .minutes($0) })
        #expect(intervals.allSatisfy { $0.duration == .minutes(1) && $0.payloads.count == 1 })
    }

    @Test func `what an outage held back is sent in pieces, nothing twice`() {
        var solo = Solo.polling()
        _ = Self.ask(&solo, Self.request(back: .minutes(1)))
        solo.rest()
        // Nothing gets through for five hours.
        solo.now = Self.start + .seconds(10)
        solo.feed(.woke)
        solo.now = Self.start + .hours(5)
        solo.feed(.failed)
        let intervals = solo.wake().flatMap { message -> [ReportInterval] in
            if case .updateReport(let update) = message { update.reports.flatMap(\.intervals) } else { [] }
        }
        _ = solo
        #expect(intervals.isEmpty)
        solo.rest()
        var starts: [Instant] = []
        var longest = 0
        for message in solo.settle() {
            guard case .updateReport(let update) = message else { continue }
            longest = max(longest, update.reports.flatMap(\.intervals).count)
            starts += update.reports.flatMap(\.intervals).compactMap(\.start)
        }
        #expect(starts == (0..<300).map { Self.start + .minutes($0) })
        #expect(longest == 96)
    }

    @Test func `rules 324 and 337: one report at once when it is asked for once`() throws {
        var solo = Solo.polling()
        solo.now = Self.start + .seconds(150)
        solo.answer(
            .createReport(
                CreateReport(
                    requestID: "c", requests: [Self.request(granularity: .zero, back: .zero)], venID: "ven-1")))
        let messages = solo.settle()
        #expect(messages.map(\.elementName) == ["oadrCreatedReport", "oadrUpdateReport"])
        guard case .createdReport(let created)? = messages.first, case .updateReport(let update)? = messages.last else {
            throw Missing()
        }
        #expect(created.pending == [])
        #expect(update.reports.first?.intervals.map(\.start) == [Self.start + .minutes(1)])
    }

    @Test func `rule 318: without a reading there is a placeholder of bad quality`() throws {
        var solo = Solo.polling()
        solo.answer(
            .createReport(
                CreateReport(
                    requestID: "c", requests: [Self.request(granularity: .zero, back: .zero)], venID: "ven-1")))
        solo.answer(.response(Response(response: EiResponse())))
        guard case .read = solo.action else { throw Missing() }
        solo.feed(.readings([:]))
        guard case .updateReport(let update)? = solo.sent else { throw Missing() }
        let payload = try #require(update.reports.first?.intervals.first?.payloads.first)
        #expect(payload.quality?.isUsable == false)
    }

    @Test func `rules 327 and 311: metadata on request names the request outside`() throws {
        var solo = Solo.polling()
        solo.answer(
            .createReport(
                CreateReport(
                    requestID: "c", requests: [Self.request("meta", specifier: .metadata, rID: "0")],
                    venID: "ven-1")))
        let messages = solo.settle()
        guard case .registerReport(let message)? = messages.last else { throw Missing() }
        #expect(message.reportRequestID == "meta")
        #expect(messages.first?.elementName == "oadrCreatedReport")
    }

    @Test func `rules 336 and 345: a cancelled report ends, with a last one if wanted; an unknown id is an error`() {
        var solo = Solo.polling()
        _ = Self.ask(&solo, Self.request("a"), Self.request("b"))
        solo.now = Self.start + .minutes(3)
        solo.answer(
            .cancelReport(
                CancelReport(requestID: "x", reportRequestIDs: ["a"], reportToFollow: true, venID: "ven-1")))
        let messages = solo.settle()
        #expect(messages.map(\.elementName) == ["oadrCanceledReport", "oadrUpdateReport"])
        guard case .canceledReport(let canceled)? = messages.first, case .updateReport(let last)? = messages.last else {
            return
        }
        #expect(canceled.pending == ["b"])
        #expect(last.reports.first?.intervals.count == 3)
        solo.answer(.cancelReport(CancelReport(requestID: "y", reportRequestIDs: ["a"], venID: "ven-1")))
        #expect(solo.settle().first?.response?.code == .invalidID)
    }

    @Test func `a report that the VTN does not know any more is dropped`() {
        var solo = Solo.polling()
        _ = Self.ask(&solo, Self.request())
        solo.now = Self.start + .minutes(5)
        solo.rest()
        guard case .read(let queries) = solo.action else {
            Issue.record("no report")
            return
        }
        solo.feed(.readings(Solo.readings(queries)))
        solo.answer(.updatedReport(UpdatedReport(response: EiResponse(code: .invalidID))))
        solo.settle()
        solo.rest()
        #expect(solo.wake().isEmpty)
    }

    /// A VEN with a report that is on its way.
    private static func reporting() throws -> Solo {
        var solo = Solo.polling()
        _ = Self.ask(&solo, Self.request())
        solo.now = Self.start + .minutes(5)
        solo.rest()
        guard case .read(let queries) = solo.action else { throw Missing() }
        solo.feed(.readings(Solo.readings(queries)))
        return solo
    }

    @Test func `a report is not repeated without a pause when its answer is not the standard's`() throws {
        var solo = try Self.reporting()
        solo.answer(.response(Response(response: EiResponse())))
        guard case .wait(let until) = solo.action else { throw Missing() }
        #expect(until > solo.now)
    }

    @Test func `a report over which the VTN breaks down comes later, and holds up nothing else`() throws {
        var solo = try Self.reporting()
        guard case .updateReport(let first)? = solo.sent else { throw Missing() }
        let starts = first.reports.flatMap(\.intervals).map(\.start)
        solo.feed(.broken)
        guard case .wait(let until) = solo.action else { throw Missing() }
        #expect(until == solo.now + .seconds(10))
        solo.now = until
        solo.feed(.woke)
        guard case .read(let queries) = solo.action else { throw Missing() }
        solo.feed(.readings(Solo.readings(queries)))
        guard case .updateReport(let second)? = solo.sent else { throw Missing() }
        #expect(second.reports.flatMap(\.intervals).map(\.start) == starts)
        // A longer pause now, in which it polls.
        solo.feed(.broken)
        var (third, polls): ([Payload], Int) = ([], 0)
        while third.isEmpty, polls < 5 {
            if case .exchange(.poll, _) = solo.action {
                polls += 1
                solo.rest()
            }
            third += solo.wake()
        }
        #expect(polls == 2)
        let again = third.flatMap { message -> [DataReport] in
            if case .updateReport(let update) = message { update.reports } else { [] }
        }
        #expect(again.flatMap(\.intervals).map(\.start) == starts)
        // Back on its times.
        if case .exchange(.poll, _) = solo.action { solo.rest() }
        solo.now = Self.start + .minutes(10)
        solo.feed(.woke)
        guard case .read(let later) = solo.action else { throw Missing() }
        #expect(later.first?.window.duration == .minutes(5))
    }

    @Test func `a VTN that has forgotten the VEN says so in any answer, and gets a registration a minute`() throws {
        var solo = try Self.reporting()
        let forgotten = Payload.requestReregistration(RequestReregistration(venID: "ven-1"))
        solo.answer(forgotten)
        #expect(solo.sent?.elementName == "oadrCreatePartyRegistration")
        #expect(
            solo.settle().map(\.elementName) == [
                "oadrCreatePartyRegistration", "oadrRegisterReport", "oadrRequestEvent",
            ])
        _ = Self.ask(&solo, Self.request())
        solo.now = solo.now + .seconds(10)
        solo.rest()
        solo.now = solo.now + .minutes(5)
        solo.feed(.woke)
        guard case .read(let queries) = solo.action else { throw Missing() }
        solo.feed(.readings(Solo.readings(queries)))
        solo.answer(forgotten)
        #expect(solo.sent?.elementName == "oadrCreatePartyRegistration")
        solo.answer(Solo.plainAnswer(to: try #require(solo.sent)))
        solo.answer(forgotten)
        guard case .wait(let until) = solo.action else { throw Missing() }
        #expect(until == solo.now + .minutes(1))
    }
}

struct Missing: Error {}
