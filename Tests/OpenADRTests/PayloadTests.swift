import Measures
import OpenADR
import Testing

@Suite struct PayloadTests {
    @Test func `each message knows its service and its parties`() {
        let poll = Payload.poll(Poll(venID: "VEN_1"))
        #expect(poll.elementName == "oadrPoll")
        #expect(poll.service?.path == "/OpenADR2/Simple/2.0b/OadrPoll")
        #expect(poll.venID == "VEN_1" && poll.requestID == nil && poll.response == nil)

        let answer = Payload.response(Response(response: EiResponse(requestID: "r"), venID: ""))
        #expect(answer.service == nil)
        #expect(answer.venID == nil, "an empty id is none")
        #expect(answer.requestID == "r")

        let events = Payload.distributeEvent(DistributeEvent(requestID: "d", vtnID: "VTN_1"))
        #expect(events.service == .eiEvent && events.requestID == "d" && events.response == nil)
        #expect(
            ServiceName.allCases.map(\.path)
                == ["EiRegisterParty", "EiEvent", "EiReport", "EiOpt", "OadrPoll"].map { "/OpenADR2/Simple/2.0b/\($0)" }
        )
    }

    @Test func `a response code has three digits`() {
        #expect(ResponseCode("200") == .success && ResponseCode.success.isSuccess)
        #expect(ResponseCode("007")?.description == "007")
        #expect(!ResponseCode.notRegistered.isSuccess)
        for text in ["20", "2000", "+20", "2a0", "", "٢٠٠"] { #expect(ResponseCode(text) == nil) }
        #expect(ResponseCode(rawValue: 1_000) == nil && ResponseCode(rawValue: -1) == nil)
    }

    @Test func `open lists take their own words and those that begin with x-`() {
        #expect(SignalName(rawValue: "LOAD_DISPATCH") == .loadDispatch)
        #expect(SignalName(rawValue: "simple") == .simple)
        #expect(SignalName(rawValue: "x-solar")?.rawValue == "x-solar")
        for text in ["", "x-", "x- solar", "X-solar", "SOLAR"] {
            #expect(SignalName(rawValue: text) == nil)
            #expect(ReportName(rawValue: text) == nil)
        }
        #expect(ReportType.standard.count == 24 && ReadingType.standard.count == 13)
        #expect(DataQuality.standard.count == 21 && OptReason.standard.count == 8)
        #expect(ReportName.metadataTelemetryUsage.offered == .telemetryUsage)
        #expect(ReportName.telemetryUsage.offered == nil)
        #expect(DataQuality.goodNonSpecific.isUsable && !DataQuality.badNotConnected.isUsable)
    }

    @Test func `an open-ended event has no end`() {
        let start = Instant(secondsSinceEpoch: 0)
        #expect(ActivePeriod(start: start, duration: .zero).end == nil)
        #expect(ActivePeriod(start: start, duration: .hours(1)).end == start + .hours(1))
    }

    @Test func `intervals are numbered from zero`() {
        let intervals = SignalInterval.numbered([(.minutes(5), 1), (.minutes(10), 2)])
        #expect(intervals.map(\.uid) == [0, 1])
        #expect(intervals.map(\.duration) == [.minutes(5), .minutes(10)])
    }

    @Test func `scales are powers of ten`() {
        #expect(SIScale.kilo.factor == 1_000 && SIScale.none.factor == 1 && SIScale.pico.factor == 1e-12)
        #expect(ItemBase.realPower(scale: .mega).scale == .mega && ItemBase.pulseCount(factor: 2).scale == .none)
        #expect(CurrencyCode(rawValue: "EUR") == .eur && CurrencyCode(rawValue: "eur") == nil)
    }
}
