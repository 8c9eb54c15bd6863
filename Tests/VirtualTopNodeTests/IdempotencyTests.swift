import Measures
import OpenADR
import Synchronization
import Testing
import TopNodeTesting
import VirtualTopNode

/// The same message twice has one effect and one answer; what cannot be kept is refused; locks are taken in one order.
@Suite struct IdempotencyTests {
    private static let start = Counter.start

    /// A counter at which every kind of message makes sense.
    private static func busy() async throws -> (counter: Counter, request: ReportRequestID, id: RegistrationID) {
        let counter = try await Counter.registered()
        let answer = try await counter.send(.registerReport(ReportTests.metadata("first")))
        guard case .registeredReport(let message) = answer, let request = message.requests.first?.requestID,
            let id = await counter.store.rows.vens["ven-1"]?.registration.registrationID
        else { throw Unexpected(answer: answer) }
        try await counter.issue("e")
        _ = try await counter.requestEvent()
        return (counter, request, id)
    }

    private static func opt(_ request: RequestID, event: Bool = false) -> Payload {
        .createOpt(
            CreateOpt(
                optID: "o", optType: .optOut, reason: .economic, venID: "ven-1", createdDateTime: start,
                requestID: request,
                scope: event
                    ? .event(QualifiedEventID(eventID: "e"))
                    : .schedule([TimeWindow(start: start, duration: .hours(1))])))
    }

    private static func changes(
        _ id: RequestID, _ report: ReportRequestID, _ registration: RegistrationID
    ) -> [Payload] {
        var data = ReportTests.data(report, values: [1, 2])
        if case .updateReport(var message) = data {
            message.requestID = id
            data = .updateReport(message)
        }
        let metadata = ReportSpecifier(
            specifierID: .metadata, granularity: .zero, reportBackDuration: .zero,
            payloads: [SpecifierPayload(rID: "0")])
        return [
            data, opt(id), opt(id, event: true), .cancelOpt(CancelOpt(requestID: id, optID: "o", venID: "ven-1")),
            .createReport(
                CreateReport(
                    requestID: id, requests: [ReportRequest(requestID: "mine", specifier: metadata)], venID: "ven-1")),
            .createdEvent(
                CreatedEvent(
                    eventResponses: [
                        EventResponse(requestID: "d", event: QualifiedEventID(eventID: "e"), optType: .optIn)
                    ], venID: "ven-1")),
            .createdReport(CreatedReport(response: EiResponse(), pending: [report], venID: "ven-1")),
            .registerReport(ReportTests.metadata(id)),
            .createPartyRegistration(
                CreatePartyRegistration(requestID: id, registrationID: registration, venID: "ven-1", venName: "x")),
            .cancelPartyRegistration(
                CancelPartyRegistration(requestID: id, registrationID: registration, venID: "ven-1")),
        ]
    }

    @Test(arguments: 0..<10) func `a message that comes twice has one effect and the same answer`(index: Int)
        async throws
    {
        let (counter, request, id) = try await Self.busy()
        if index == 3 { #expect(try await counter.code(Self.opt("before")) == 200) }
        let message = Self.changes("same", request, id)[index]
        let first = try await counter.send(message)
        #expect(first.response?.code == .success, "\(message.elementName)")
        let rows = await counter.store.rows
        for minute in 1...3 {
            let again = try await counter.send(message, now: Self.start + .minutes(Int64(minute)))
            #expect(again == first, "\(message.elementName)")
            #expect(await counter.store.rows == rows, "\(message.elementName)")
        }
    }

    @Test(arguments: [0, 1, 3, 4, 5, 7, 9])
    func `a message without an id is known by its content`(index: Int) async throws {
        let (counter, request, id) = try await Self.busy()
        if index == 3 { #expect(try await counter.code(Self.opt("before")) == 200) }
        let message = Self.changes("", request, id)[index]
        let first = try await counter.send(message)
        let rows = await counter.store.rows
        let again = try await counter.send(message)
        #expect(again == first, "\(message.elementName)")
        #expect(await counter.store.rows == rows, "\(message.elementName)")
        #expect(rows.answers.values.allSatisfy { !$0.key.requestID.isEmpty })
    }

    @Test func `the same requestID with other content is 454 and changes nothing; of another message it is another`()
        async throws
    {
        let (counter, request, _) = try await Self.busy()
        func data(_ values: [Double], _ quality: DataQuality? = nil) -> Payload {
            guard case .updateReport(var message) = ReportTests.data(request, values: values) else {
                preconditionFailure("data are an update")
            }
            message.requestID = "same"
            message.reports[0].intervals[0].payloads[0].quality = quality
            return .updateReport(message)
        }
        #expect(try await counter.code(data([1, 2])) == 200)
        let rows = await counter.store.rows
        for other in [data([1, 3]), data([1]), data([1, 2], .goodNonSpecific), data([2, 1])] {
            #expect(try await counter.code(other) == 454)
        }
        #expect(await counter.store.rows == rows)
        #expect(try await counter.code(Self.opt("same")) == 200)
    }

    @Test func `answers are forgotten in time, those to registrations are not`() async throws {
        let (counter, _, _) = try await Self.busy()
        #expect(try await counter.code(Self.opt("o"), now: Self.start + .days(1)) == 200)
        try await counter.vtn.forgetAnswers(before: Self.start + .hours(1))
        let left = await counter.store.rows.answers.keys.map(\.message).sorted()
        #expect(left == ["oadrCreateOpt", "oadrCreatePartyRegistration"])
    }

    @Test func `what is longer than stores keep is refused in the natural answer`() async throws {
        let (counter, _, _) = try await Self.busy()
        let before = await counter.store.rows
        let long = String(repeating: "é", count: 129)
        let reason = try #require(OptReason(rawValue: "x-" + long))
        let name = try #require(ReportName(rawValue: "x-" + long))
        func schedule(_ change: (inout CreateOpt) -> Void) -> Payload {
            var opt = CreateOpt(
                optID: "o", optType: .optOut, reason: .economic, venID: "ven-1", createdDateTime: Self.start,
                requestID: "", scope: .schedule([TimeWindow(start: Self.start, duration: .hours(1))]))
            change(&opt)
            return .createOpt(opt)
        }
        func metadata(_ change: (inout MetadataReport) -> Void) -> Payload {
            var message = ReportTests.metadata("long")
            change(&message.reports[0])
            return .registerReport(message)
        }
        let early = Instant(year: 1999, month: 12, day: 31)
        let cases: [Payload] = [
            schedule { $0.reason = reason }, schedule { $0.optID = OptID(long) },
            schedule { $0.requestID = RequestID(long) }, schedule { $0.deviceClasses = [DeviceClass(rawValue: long)] },
            schedule {
                $0.scope = .schedule(
                    [TimeWindow(start: Self.start, duration: .hours(1))], marketContext: MarketContext(long + long))
            },
            schedule { $0.createdDateTime = early },
            schedule { $0.scope = .schedule([TimeWindow(start: early, duration: .hours(1))]) },
            metadata { $0.name = name }, metadata { $0.specifierID = ReportSpecifierID(long) },
            metadata { $0.descriptions[0].rID = RID(long) },
            metadata { $0.descriptions[0].dataSource = Target(resourceIDs: [ResourceID(long)]) },
            metadata { $0.duration = .days(99_999_999) },
            .createPartyRegistration(
                CreatePartyRegistration(requestID: "n", venName: String(repeating: "n", count: 513))),
            .createPartyRegistration(
                CreatePartyRegistration(
                    requestID: "n", transport: .httpPush(address: "https://" + String(repeating: "h", count: 512)))),
        ]
        for payload in cases { #expect(try await counter.code(payload) == 454, "\(payload)") }
        #expect(await counter.store.rows == before)
    }

    @Test func `operators and VENs take their locks in one order: VENs by id, then the event`() async throws {
        let store = WatchedStore()
        let vtn = TopNode(store: store, configuration: TopNodeConfiguration(), environment: .counting())
        for (number, ven) in [(1, "ven-1"), (2, "ven-2"), (3, "ven-3")] as [(UInt8, VENID)] {
            try await vtn.admit(ven, name: "x", certificate: .numbered(number), pollFrequency: .seconds(10))
        }
        _ = try await vtn.handle(
            .createPartyRegistration(CreatePartyRegistration(requestID: "r")), at: .eiRegisterParty, from: .numbered(1),
            now: Self.start)
        store.forget()
        let plans: [ParticipantPlan] = ["ven-3", "ven-1"].map { Counter.level($0, [1]) }
        try await vtn.issue("e", terms: Counter.terms(), participants: plans, now: Self.start)
        #expect(store.locks == ["ven-1", "ven-3", "event e"])
        store.forget()
        try await vtn.modify(
            "e", participants: ["ven-2", "ven-1"].map { Counter.level($0, [2]) }, now: Self.start)
        #expect(store.locks == ["ven-1", "ven-2", "ven-3", "event e"])
        store.forget()
        let created = CreatedEvent(
            eventResponses: [
                EventResponse(
                    requestID: "d", event: QualifiedEventID(eventID: "e", modificationNumber: 1), optType: .optIn)
            ], venID: "ven-1")
        _ = try await vtn.handle(.createdEvent(created), at: .eiEvent, from: .numbered(1), now: Self.start)
        #expect(store.locks == ["certificate", "event e"])
        store.forget()
        try await vtn.cancel("e", now: Self.start)
        #expect(store.locks == ["ven-1", "ven-2", "ven-3", "event e"])
    }
}

/// The store of the tests, with a list of the rows that were locked.
private final class WatchedStore: TopNodeStore {
    private let base = MemoryTopNodeStore()
    private let taken = Mutex<[String]>([])

    var locks: [String] { taken.withLock(\.self) }
    func forget() { taken.withLock { $0 = [] } }

    func transaction<Answer: Sendable>(
        _ body: @Sendable (any TopNodeTransaction) async throws -> Answer
    ) async throws -> Answer {
        try await base.transaction { rows in
            guard let rows = rows as? MemoryTransaction else { return try await body(rows) }
            // A body may run more than once.
            forget()
            rows.onLock = { [self] lock in taken.withLock { $0.append(lock) } }
            return try await body(rows)
        }
    }
}
