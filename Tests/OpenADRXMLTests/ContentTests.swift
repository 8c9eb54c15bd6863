import Foundation
import Measures
import OpenADR
import OpenADRXML
import Testing

/// Messages of ours with one thing in them replaced, and the code that the answer gets.
private enum Nonsense {
    static let event = Payload.distributeEvent(
        DistributeEvent(response: Samples.ok, requestID: "d-1", vtnID: "VTN_1", events: [Samples.event(Samples.simple)])
    )
    static let report = Payload.updateReport(
        UpdateReport(requestID: "u-1", reports: [Samples.data], venID: "VEN_1"))
    static let schedule = Samples.opts[0]
    static let push = Payload.createPartyRegistration(
        CreatePartyRegistration(requestID: "1", venID: "VEN_1", transport: .httpPush(address: "https://v")))

    static let table: [(payload: Payload, old: String, new: String, code: ResponseCode)] = [
        (event, "evt-1", String(repeating: "e", count: 129), .invalidData),
        (report, "<ei:value>1234.5</ei:value>", "<ei:value>-INF</ei:value>", .invalidData),
        (report, "<ei:accuracy>0.5", "<ei:accuracy>NaN", .invalidData),
        (report, "<ei:value>1234.5</ei:value>", "<ei:value>1.1e12</ei:value>", .invalidData),
        (report, "2026-01-15T16:00:00Z", "1999-12-31T23:59:59Z", .invalidData),
        (report, "2026-01-15T16:00:00Z", "2100-01-01T00:00:00Z", .invalidData),
        (report, "PT15M", "P367D", .invalidData),
        (schedule, "<ei:optID>o", "<ei:optID>o\u{202E}", .invalidData),
        (schedule, "<ei:optID>o", "<ei:optID>o&#10;2", .invalidData),
        (schedule, "<ei:optID>o", "<ei:optID>o&#x85;", .invalidData),
        (report, "PT15M", "-PT15M", .invalidData),
        (
            report, "<oadr:oadrReportPayload>",
            "<ei:signalPayload><ei:payloadFloat><ei:value>1</ei:value></ei:payloadFloat></ei:signalPayload><oadr:oadrReportPayload>",
            .complianceError
        ),
        (
            schedule, "<pyld:requestID>1</pyld:requestID>",
            "<pyld:requestID>1</pyld:requestID><ei:qualifiedEventID><ei:eventID>e</ei:eventID><ei:modificationNumber>0</ei:modificationNumber></ei:qualifiedEventID>",
            .complianceError
        ),
        (push, "https://v", "", .complianceError),
    ]
}

/// One thing wrong in one event.
private let eventNonsense: [(old: String, new: String, code: ResponseCode)] = [
    ("<ei:value>1.0</ei:value>", "<ei:value>NaN</ei:value>", .invalidData),
    ("<ei:value>1.0</ei:value>", "<ei:value>INF</ei:value>", .invalidData),
    ("<ei:value>0.0</ei:value>", "<ei:value>1e999</ei:value>", .invalidData),
    ("2026-01-15T16:00:00Z", "2026-01-15T16:00:00", .invalidData),
    ("2026-01-15T16:00:00Z", "2026-01-15T24:00:00Z", .invalidData),
    ("PT1H", "-PT1H", .invalidData),
    ("PT1H", "P101Y", .invalidData),
    ("PT1H", "PT99999999999S", .invalidData),
    ("<xcal:text>0", "<xcal:text>first", .outOfSequence),
    ("<xcal:duration><xcal:duration>PT30M</xcal:duration></xcal:duration>", "", .complianceError),
]

/// What passes the schema and still is wrong, or is tolerated.
@Suite struct ContentTests {
    let codec: OpenADRCodec

    init() throws { codec = try makeCodec() }

    /// The message as we write it, with `old` replaced once.
    func changed(_ payload: Payload, _ old: String, _ new: String) -> [UInt8] {
        let text = String(decoding: codec.encode(payload), as: UTF8.self)
        guard let range = text.firstRange(of: old) else {
            Issue.record("\(old) is not in \(text)")
            return []
        }
        return Array(text.replacingCharacters(of: range, with: new).utf8)
    }

    func failure(_ payload: Payload, _ old: String, _ new: String) -> FaultyMessage? {
        do {
            _ = try codec.decode(changed(payload, old, new))
            Issue.record("\(new) was taken for \(old)")
        } catch .content(let failure, let line) {
            #expect(line > 0)
            return failure
        } catch {
            Issue.record("\(new): \(error)")
        }
        return nil
    }

    @Test(arguments: Nonsense.table)
    func `nonsense gets a response code`(
        payload: Payload, old: String, new: String, code: ResponseCode
    ) throws {
        let failure = try #require(self.failure(payload, old, new))
        #expect(failure.code == code)
        #expect(failure.elementName == payload.elementName)
        #expect(failure.requestID == payload.requestID)
        #expect(failure.venID == payload.venID)
        #expect(!failure.reason.isEmpty)
    }

    @Test(arguments: eventNonsense)
    func `rule 19: one event that makes no sense fails alone`(old: String, new: String, code: ResponseCode) throws {
        guard case .distributeEvent(let message) = try codec.decode(changed(Nonsense.event, old, new)) else {
            Issue.record("not decoded")
            return
        }
        #expect(message.events.isEmpty)
        let faulty = try #require(message.faultyEvents.first)
        #expect(message.faultyEvents.count == 1)
        #expect(faulty.event == QualifiedEventID(eventID: "evt-1", modificationNumber: 0) && faulty.code == code)
        #expect(faulty.responseRequired == .always && !faulty.reason.isEmpty)
    }

    @Test func `rule 19: the events beside it are taken, in their order`() throws {
        let names: [EventID] = ["a", "b", "c"]
        let events = names.map { name in
            var event = Samples.event(Samples.simple)
            event.descriptor.eventID = name
            return event
        }
        let payload = Payload.distributeEvent(
            DistributeEvent(response: Samples.ok, requestID: "d-1", vtnID: "VTN_1", events: events))
        let parts = String(decoding: codec.encode(payload), as: UTF8.self).components(separatedBy: "<oadr:oadrEvent>")
        let spoiled = [
            parts[0], parts[1], parts[2].replacingOccurrences(of: "PT1H", with: "-PT1H"), parts[3],
        ].joined(separator: "<oadr:oadrEvent>")
        guard case .distributeEvent(let message) = try codec.decode(Array(spoiled.utf8)) else {
            Issue.record("not decoded")
            return
        }
        #expect(message.events.map(\.id) == ["a", "c"])
        #expect(message.faultyEvents.map(\.event.eventID) == ["b"])
    }

    @Test func `a refused message says which opt or registration it spoke of`() throws {
        let opt = try #require(
            failure(
                Nonsense.schedule, "<pyld:requestID>1</pyld:requestID>", "<pyld:requestID>\(tooLong)</pyld:requestID>"))
        #expect(opt.subject != nil && opt.requestID == nil)
        let cancel = Payload.cancelPartyRegistration(
            CancelPartyRegistration(requestID: "1", registrationID: "reg-1", venID: "VEN_1"))
        let registration = try #require(failure(cancel, "VEN_1", tooLong))
        #expect(registration.subject == "reg-1" && registration.venID == nil && registration.requestID == "1")
    }

    private var tooLong: String { String(repeating: "x", count: 129) }

    func event(_ old: String, _ new: String) throws -> Event {
        guard case .distributeEvent(let message) = try codec.decode(changed(Nonsense.event, old, new)) else {
            throw DecodingFailure.unknownMessage(name: "")
        }
        return try #require(message.events.first)
    }

    @Test func `what peers do is understood`() throws {
        let start = "<xcal:dtstart><xcal:date-time>2026-01-15T16:00:00Z</xcal:date-time></xcal:dtstart>"
        let signal = try event("<ei:interval>", "<ei:interval>\(start)").signals[0]
        #expect(signal == Samples.simple, "an interval's start is passed over")
        #expect(
            try event("2026-01-15T16:00:00Z", "2026-01-15T16:00:00.123456Z").descriptor.createdDateTime == Samples.start
        )
        #expect(
            try event("<ei:x-eiNotification><xcal:duration>PT0S</xcal:duration></ei:x-eiNotification>", "").activePeriod
                == ActivePeriod(start: Samples.start, duration: .hours(1)))
        #expect(try event("<ei:testEvent>false", "<ei:testEvent>FALSE").descriptor.isTest)
        #expect(try !event("<ei:testEvent>false", "<ei:testEvent>").descriptor.isTest)
        #expect(try event(">SIMPLE<", "> simple\n<").signals[0].name == .simple)
        #expect(try event("PT1H", "P1M").activePeriod.end == Instant(year: 2026, month: 2, day: 15, hour: 16))
    }

    @Test func `an empty optional element is an absent one`() throws {
        let answer = Payload.response(Response(response: Samples.ok, venID: "VEN_1"))
        #expect(
            try codec.decode(changed(answer, ">VEN_1<", "><")) == .response(Response(response: Samples.ok)))
    }

    @Test func `a pull needs no address, and what stands there does not matter`() throws {
        let bytes = changed(
            .createPartyRegistration(CreatePartyRegistration(requestID: "1")), "<oadr:oadrReportOnly>",
            "<oadr:oadrTransportAddress>None</oadr:oadrTransportAddress><oadr:oadrReportOnly>")
        #expect(try codec.decode(bytes) == .createPartyRegistration(CreatePartyRegistration(requestID: "1")))
    }
}

extension String {
    fileprivate func replacingCharacters(of range: Range<String.Index>, with text: String) -> String {
        var copy = self
        copy.replaceSubrange(range, with: text)
        return copy
    }
}
