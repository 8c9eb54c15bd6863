import Foundation
import Measures
import OpenADR
import OpenADRXML
import Testing

/// The rules that are about what stands on the wire, each on the bytes themselves.
@Suite struct WireRuleTests {
    let codec: OpenADRCodec

    init() throws { codec = try makeCodec() }

    private func text(_ payload: Payload) -> String { String(decoding: codec.encode(payload), as: UTF8.self) }

    private func replacing(_ old: String, with new: String, in payload: Payload) -> [UInt8] {
        let whole = text(payload)
        #expect(whole.contains(old), "\(old) is not in \(payload.elementName)")
        return Array(whole.replacingOccurrences(of: old, with: new).utf8)
    }

    private static let event = Payload.distributeEvent(
        DistributeEvent(requestID: "d", vtnID: "VTN_1", events: [Samples.event(Samples.simple)]))
    private static let full = Payload.distributeEvent(
        DistributeEvent(requestID: "d", vtnID: "VTN_1", events: [Samples.fullEvent]))
    private static let request = Payload.createReport(
        CreateReport(requestID: "c", requests: [Samples.request], venID: "VEN_1"))

    private func event(_ bytes: [UInt8]) throws -> Event {
        guard case .distributeEvent(let message) = try codec.decode(bytes) else { throw Other() }
        return try #require(message.events.first)
    }

    /// Whether the event, or the whole message, is not taken.
    private func isRefused(_ bytes: [UInt8]) -> Bool {
        guard case .distributeEvent(let message)? = try? codec.decode(bytes) else { return true }
        return message.events.isEmpty && !message.faultyEvents.isEmpty
    }

    private struct Other: Error {}

    @Test func `rule 1: times end in Z, fractions are cut off, an offset and a decimal duration are refused`() throws {
        for payload in Samples.all {
            for match in text(payload).matches(of: /\d{4}-\d\d-\d\dT[^<]*/) {
                #expect(match.output.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil, "\(match.output)")
            }
        }
        let time = "2026-01-15T16:00:00Z"
        let cut = try event(replacing(time, with: "2026-01-15T16:00:00.999999Z", in: Self.event))
        #expect(cut.activePeriod.start == Samples.start)
        for other in ["2026-01-15T16:00:00+00:00", "2026-01-15T16:00:00", "2026-01-15T16:00:00+0000"] {
            #expect(isRefused(replacing(time, with: other, in: Self.event)))
        }
        #expect(isRefused(replacing("PT30M", with: "PT30.5M", in: Self.event)))
    }

    @Test(arguments: [("false", false), ("", false), ("true", true), ("yes", true), ("no", true), ("False", true)])
    func `rule 6: any text but false is a test`(word: String, isTest: Bool) throws {
        let bytes = replacing("<ei:testEvent>false", with: "<ei:testEvent>\(word)", in: Self.event)
        #expect(try event(bytes).descriptor.isTest == isTest)
    }

    @Test func `rules 45 and 509: every message has ei:schemaVersion 2.0b and none a schemaLocation`() {
        for payload in Samples.all {
            let whole = text(payload)
            #expect(whole.contains("<oadr:\(payload.elementName) ei:schemaVersion=\"2.0b\""), "\(payload.elementName)")
            #expect(!whole.contains("schemaLocation"))
        }
    }

    @Test
    func `rules 2, 100, 101, 102 and 103: intervals of signals and baselines have a number, a duration, one value`()
        throws
    {
        let intervals = text(Self.full).matches(of: /<ei:interval>(.*?)<\/ei:interval>/).map { String($0.output.1) }
        #expect(intervals.count == 4)
        for interval in intervals {
            #expect(!interval.contains("dtstart"))
            #expect(interval.matches(of: /<ei:signalPayload><ei:payloadFloat><ei:value>/).count == 1)
            #expect(interval.contains("<xcal:duration><xcal:duration>PT"))
            #expect(interval.contains("<xcal:uid><xcal:text>"))
        }
        let second = "<ei:signalPayload><ei:payloadFloat><ei:value>9</ei:value></ei:payloadFloat></ei:signalPayload>"
        #expect(isRefused(replacing("</ei:interval>", with: "\(second)</ei:interval>", in: Self.event)))
    }

    @Test func `rules 31 and 105: the period says start, duration, tolerance, notification, ramp-up and recovery`()
        throws
    {
        #expect(text(Self.event).contains("<ei:x-eiNotification><xcal:duration>PT0S</xcal:duration>"))
        let period = try event(codec.encode(Self.full)).activePeriod
        #expect(period == Samples.fullEvent.activePeriod)
        #expect(period.startAfter == .minutes(5) && period.notification == .days(1))
        #expect(period.rampUp == .minutes(-15) && period.recovery == .minutes(10))
    }

    @Test func `rule 111: a signal's target is left out when there is none, and is written as device classes`() throws {
        let plain = try #require(text(Self.event).firstMatch(of: /<ei:eiEventSignal>(.*)<\/ei:eiEventSignal>/))
        #expect(!plain.output.1.contains("eiTarget"))
        let classes = try event(codec.encode(Self.full)).signals[1].target
        #expect(classes == Target(endDeviceAssets: [.storage]))
        #expect(
            text(Self.full).contains(
                "<ei:eiTarget><power:endDeviceAsset><power:mrid>Storage</power:mrid></power:endDeviceAsset></ei:eiTarget><ei:signalName>"
            ))
    }

    @Test func `rule 200: a schedule says when and how long, and nothing else`() throws {
        let schedule = text(Samples.opts[0])
        for word in ["tolerance", "x-eiNotification", "x-eiRampUp", "x-eiRecovery"] {
            #expect(!schedule.contains(word))
        }
        #expect(schedule.matches(of: /<xcal:available>/).count == 2)
    }

    @Test func `rules 206 and 210: an opt has a schedule or an event, and zero is open-ended`() throws {
        guard case .createOpt(let opt) = try codec.decode(codec.encode(Samples.opts[0])),
            case .schedule(let windows, _) = opt.scope
        else { throw Other() }
        #expect(windows.map(\.duration) == [.hours(4), .zero])
        let both = replacing(
            "<pyld:requestID>1</pyld:requestID>",
            with: "<pyld:requestID>1</pyld:requestID><ei:qualifiedEventID><ei:eventID>e</ei:eventID>"
                + "<ei:modificationNumber>0</ei:modificationNumber></ei:qualifiedEventID>", in: Samples.opts[0])
        #expect(throws: DecodingFailure.self) { try codec.decode(both) }
    }

    @Test func `rule 209: a device class is left out when there is none`() throws {
        #expect(!text(Samples.opts[0]).contains("oadrDeviceClass"))
        let narrowed = try #require(Samples.opts.first { text($0).contains("oadrDeviceClass") })
        guard case .createOpt(let opt) = try codec.decode(codec.encode(narrowed)) else { throw Other() }
        #expect(opt.deviceClasses == [.evse, .storage])
    }

    @Test func `rules 321 and 338: a request names no unit and nothing random, and its reading type is not applicable`()
        throws
    {
        let request = text(Self.request)
        #expect(request.matches(of: /<ei:readingType>x-notApplicable<\/ei:readingType>/).count == 2)
        for word in ["itemBase", "siScaleCode", "tolerance", "x-eiNotification", "x-eiRampUp", "x-eiRecovery"] {
            #expect(!request.contains(word))
        }
        // What peers send nevertheless is passed over.
        let energy =
            "</ei:rID><power:energyReal><power:itemDescription>RealEnergy</power:itemDescription>"
            + "<power:itemUnits>Wh</power:itemUnits><scale:siScaleCode>none</scale:siScaleCode></power:energyReal>"
        #expect(try codec.decode(replacing("</ei:rID>", with: energy, in: Self.request)) == Self.request)
    }

    @Test func `rules 305, 307 and 313: metadata has no start and no intervals, data has no description`() throws {
        for payload in Samples.reports {
            let whole = text(payload)
            switch payload {
            case .registerReport:
                #expect(!whole.contains("<strm:intervals>") && !whole.contains("<oadr:oadrReport><xcal:dtstart>"))
            case .updateReport(let message) where !message.reports.isEmpty:
                #expect(!whole.contains("oadrReportDescription"))
                #expect(whole.contains("<oadr:oadrReport><xcal:dtstart>"))
                #expect(whole.contains("<ei:reportName>TELEMETRY_USAGE</ei:reportName>"))
            default: break
            }
        }
    }

    @Test func `rules 330 and 339: an rID is any text, an eiReportID is ignored`() throws {
        let update = Payload.updateReport(UpdateReport(requestID: "u", reports: [Samples.data], venID: "VEN_1"))
        let named = replacing("<ei:rID>r1</ei:rID>", with: "<ei:rID>Zähler 7/ß #1</ei:rID>", in: update)
        guard case .updateReport(let message) = try codec.decode(named) else { throw Other() }
        #expect(message.reports.first?.intervals.first?.payloads.first?.rID == "Zähler 7/ß #1")
        let tagged = replacing(
            "</strm:intervals>", with: "</strm:intervals><ei:eiReportID>whatever</ei:eiReportID>", in: update)
        #expect(try codec.decode(tagged) == update)
        #expect(!text(update).contains("eiReportID"))
    }

    @Test(arguments: ["HEAT_PUMP", "simple-ish", "SIMPLE2", "a &amp; b"])
    func `rules 48 and 109: a signal name of somebody's own does not cost the other events`(name: String) throws {
        let two = Payload.distributeEvent(
            DistributeEvent(
                requestID: "d", vtnID: "VTN_1",
                events: [
                    Samples.event(Samples.simple),
                    Samples.event(
                        EventSignal(signalID: "s", name: .bidLoad, type: .level, intervals: Samples.simple.intervals)),
                ]))
        let bytes = replacing("BID_LOAD", with: name, in: two)
        guard case .distributeEvent(let message) = try codec.decode(bytes) else { throw Other() }
        #expect(
            message.events.map { $0.signals[0].name.rawValue } == ["SIMPLE", "x-\(name.replacing("&amp;", with: "&"))"])
        // The type is a closed list, and an empty name none.
        #expect(throws: DecodingFailure.self) { try codec.decode(replacing(">level<", with: ">sideways<", in: two)) }
        #expect(throws: DecodingFailure.self) { try codec.decode(replacing("BID_LOAD", with: " ", in: two)) }
    }

    @Test func `rule 42: event responses repeat the distribution's id below an empty outer one`() throws {
        let created = text(
            .createdEvent(
                CreatedEvent(
                    eventResponses: [
                        EventResponse(requestID: "d-7", event: QualifiedEventID(eventID: "e"), optType: .optIn)
                    ],
                    venID: "VEN_1")))
        #expect(created.contains("<ei:responseCode>200</ei:responseCode><pyld:requestID/></ei:eiResponse>"))
        #expect(created.contains("<pyld:requestID>d-7</pyld:requestID><ei:qualifiedEventID>"))
    }
}
