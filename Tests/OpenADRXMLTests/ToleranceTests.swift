import Measures
import OpenADR
import OpenADRXML
import Testing

/// The quirks of devices in the field, one by one: refused strictly, read leniently, each with a warning.
@Suite struct ToleranceTests {
    let codec: OpenADRCodec

    init() throws { codec = try makeCodec() }

    private static let start = Instant(year: 2026, month: 1, day: 15, hour: 16)

    private static let report = DataReport(
        requestID: "rr", specifierID: "s", name: .telemetryUsage, start: start,
        intervals: [
            ReportInterval(
                start: start, duration: .minutes(15),
                payloads: [ReportPayload(rID: "a", value: .float(1.5), quality: .goodNonSpecific)])
        ], createdDateTime: start)

    private static let messages: [String: Payload] = [
        "poll": .poll(Poll(venID: "VEN_1")),
        "update": .updateReport(UpdateReport(requestID: "u", reports: [report], venID: "VEN_1")),
        "register": .registerReport(
            RegisterReport(
                requestID: "m",
                reports: [
                    MetadataReport(
                        specifierID: "s", name: .metadataTelemetryUsage, duration: .hours(2),
                        descriptions: [
                            ReportDescription(
                                rID: "a", reportType: .usage, itemBase: .energy(.real, scale: .kilo),
                                readingType: .directRead,
                                samplingRate: SamplingRate(minPeriod: .minutes(1), maxPeriod: .hours(1)))
                        ], createdDateTime: start)
                ], venID: "VEN_1")),
        "party": .createPartyRegistration(
            CreatePartyRegistration(
                requestID: "p", profile: .twoPointZeroB, transport: .httpPull, isReportOnly: false,
                usesXMLSignature: true, venName: "x")),
        "opt": .createOpt(
            CreateOpt(
                optID: "o", optType: .optOut, reason: .economic, venID: "VEN_1", createdDateTime: start,
                requestID: "q",
                scope: .schedule([TimeWindow(start: start, duration: .hours(1))], marketContext: nil))),
        "created": .createdEvent(
            CreatedEvent(
                eventResponses: [
                    EventResponse(
                        requestID: "d", event: QualifiedEventID(eventID: "e", modificationNumber: 1), optType: .optIn)
                ], venID: "VEN_1")),
        "request": .requestEvent(RequestEvent(requestID: "r", venID: "VEN_1")),
    ]

    /// What a device does to a good message, and a word of the warning that comes of it.
    struct Quirk: CustomTestStringConvertible, Sendable {
        let name: String
        let message: String
        let from: String
        let to: String
        let warning: String
        var testDescription: String { name }

        init(_ name: String, _ message: String, _ from: String, _ to: String, _ warning: String) {
            (self.name, self.message, self.from, self.to, self.warning) = (name, message, from, to, warning)
        }
    }

    static let quirks: [Quirk] = [
        Quirk("9.1.1 schemaVersion unqualified", "poll", "ei:schemaVersion", "schemaVersion", "schemaVersion"),
        Quirk(
            "9.1.1 Id unqualified", "poll", "<oadr:oadrSignedObject>", #"<oadr:oadrSignedObject Id="signedObject">"#,
            "Id"
        ),
        Quirk(
            "9.1.6 the venID before the reports", "update", "<oadr:oadrReport>",
            "<ei:venID>VEN_1</ei:venID><oadr:oadrReport>",
            "order"),
        Quirk("9.1.7 no requestID", "update", "<pyld:requestID>u</pyld:requestID>", "", "no requestID"),
        Quirk("9.1.7 no requestID in an opt", "opt", "<pyld:requestID>q</pyld:requestID>", "", "no requestID"),
        Quirk("9.1.6 no venID in a poll", "poll", "<ei:venID>VEN_1</ei:venID>", "", "no venID"),
        Quirk("9.1.6 no venID in a question", "request", "<ei:venID>VEN_1</ei:venID>", "", "no venID"),
        Quirk(
            "9.1.9 kWh", "register", "<power:itemUnits>Wh</power:itemUnits><scale:siScaleCode>k<",
            "<power:itemUnits>kWh</power:itemUnits><scale:siScaleCode>none<", "kWh"),
        Quirk("9.1.9 wh", "register", ">Wh<", ">wh<", "wh"),
        Quirk(
            "9.1.8 a bare duration", "register", "<xcal:duration><xcal:duration>PT2H</xcal:duration></xcal:duration>",
            "<xcal:duration>PT2H</xcal:duration>", "without an element around it"),
        Quirk(
            "9.1.8 a bare start", "update", "<xcal:date-time>2026-01-15T16:00:00Z</xcal:date-time></xcal:dtstart><strm",
            "2026-01-15T16:00:00Z</xcal:dtstart><strm", "without an element around it"),
        Quirk(
            "9.3.35 an offset", "update", "<ei:createdDateTime>2026-01-15T16:00:00Z",
            "<ei:createdDateTime>2026-01-15T17:30:00+01:30",
            "2026-01-15T16:00:00Z"),
        Quirk(
            "9.3.35 no Z", "opt", "<ei:createdDateTime>2026-01-15T16:00:00Z", "<ei:createdDateTime>2026-01-15T16:00:00",
            "2026-01-15T16:00:00Z"),
        Quirk("10.3 a fraction of a second", "update", ">PT15M<", ">PT15M0.5S<", "PT15M0S"),
        Quirk("10.3 a letter without a number", "update", ">PT15M<", ">PT15MS<", "PT15M"),
        Quirk("a boolean of Python", "party", "<oadr:oadrReportOnly>false", "<oadr:oadrReportOnly>False", "False"),
        Quirk("9.4.43 a word in another case", "register", ">Direct Read<", ">direct read<", "Direct Read"),
        Quirk("a word in another case", "opt", ">optOut<", ">OptOut<", "optOut"),
        Quirk("a transport in another case", "party", ">simpleHttp<", ">simpleHTTP<", "simpleHttp"),
        Quirk(
            "a quality in another case", "update", ">Quality Good - Non Specific<", ">quality good - non specific<",
            "Quality Good"),
        Quirk(
            "the optType before the event", "created", "<ei:qualifiedEventID>",
            "<ei:optType>optIn</ei:optType><ei:qualifiedEventID>",
            "order"),
    ]

    @Test(arguments: quirks)
    func `is refused strictly and read leniently, with a warning`(quirk: Quirk) throws {
        let message = try #require(Self.messages[quirk.message])
        var text = String(decoding: codec.encode(message), as: UTF8.self)
        let range = try #require(text.firstRange(of: quirk.from), "\(text)")
        text.replaceSubrange(range, with: quirk.to)
        // What was put in front is taken away behind.
        if quirk.warning == "order" {
            let element = quirk.to.dropLast(quirk.from.count)
            let last = try #require(text.ranges(of: element).last)
            text.removeSubrange(last)
            #expect(text.contains(element))
        }
        let bytes = Array(text.utf8)
        #expect(throws: DecodingFailure.self, "\(quirk.name)") { try codec.decode(bytes) }
        let strict = try? codec.receive(bytes, leniently: false)
        if let strict, case .sound = strict.message { Issue.record("taken strictly") }
        let lenient = try codec.receive(bytes, leniently: true)
        #expect(
            lenient.warnings.count == 1 && lenient.warnings.allSatisfy { $0.contains(quirk.warning) },
            "\(lenient.warnings)")
        guard case .sound(let read) = lenient.message else {
            Issue.record("\(lenient.message)")
            return
        }
        // Only the id that is missing may be another one.
        if quirk.warning.hasPrefix("no ") {
            #expect(read.elementName == message.elementName)
            #expect(read.venID == (quirk.warning == "no venID" ? nil : message.venID))
        } else {
            #expect(read == message)
        }
    }

    @Test func `words of nobody's list become words of one's own, where that is allowed`() throws {
        let text = String(decoding: codec.encode(try #require(Self.messages["register"])), as: UTF8.self)
            .replacing(">usage<", with: ">flicker<")
        #expect(throws: DecodingFailure.self) { try codec.decode(Array(text.utf8)) }
        let lenient = try codec.receive(Array(text.utf8), leniently: true)
        guard case .sound(.registerReport(let message)) = lenient.message else {
            Issue.record("\(lenient)")
            return
        }
        #expect(message.reports.first?.descriptions.first?.reportType.rawValue == "x-flicker")
        #expect(lenient.warnings.count == 1)
    }

    @Test func `a good message is read the same, without a warning`() throws {
        for message in Samples.all {
            let bytes = codec.encode(message)
            let lenient = try codec.receive(bytes, leniently: true)
            #expect(lenient.message == .sound(message) && lenient.warnings.isEmpty)
        }
    }

    @Test(arguments: [
        "<ei:venID>VEN_1</ei:venID>", "<oadr:oadrPoll", "2.0b",
    ])
    func `what cannot be set right is refused for what was wrong first`(part: String) throws {
        let text = String(decoding: codec.encode(.poll(Poll(venID: "VEN_1"))), as: UTF8.self)
            .replacing(part, with: part == "2.0b" ? "9" : "<ei:nothing/>\(part)")
        func failure(_ leniently: Bool) -> DecodingFailure? {
            do throws(DecodingFailure) {
                _ = try codec.receive(Array(text.utf8), leniently: leniently)
                return nil
            } catch {
                return error
            }
        }
        #expect(failure(true) != nil && failure(true) == failure(false))
    }

    @Test func `a thousand deviations are a few lines`() throws {
        let interval = ReportInterval(
            start: Self.start, duration: .minutes(15), payloads: [ReportPayload(rID: "a", value: .float(1))])
        var report = Self.report
        report.intervals = Array(repeating: interval, count: 500)
        let text = String(
            decoding: codec.encode(.updateReport(UpdateReport(requestID: "u", reports: [report]))), as: UTF8.self
        ).replacing("16:00:00Z", with: "17:00:00+01:00")
        let lenient = try codec.receive(Array(text.utf8), leniently: true)
        #expect(
            lenient.warnings.count == 21 && lenient.warnings.last == "and 482 more", "\(lenient.warnings.suffix(2))")
        guard case .sound(.updateReport(let message)) = lenient.message else {
            Issue.record("not read")
            return
        }
        #expect(message.reports == [report])
    }
}
