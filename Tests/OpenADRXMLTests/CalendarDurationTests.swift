import Measures
import Testing

@testable import OpenADRXML

@Suite struct CalendarDurationTests {
    @Test(arguments: [
        ("PT0S", 0), ("P", 0), ("PT", 0), ("PT0M", 0), ("P0D", 0), ("PT15M", 900), ("PT1H30M5S", 5_405),
        ("P1D", 86_400), ("P5D3H", 442_800), ("P1DT2H", 93_600), ("5W", 3_024_000), ("-PT5M", -300), ("+PT5M", 300),
        ("P3H4M", 11_040), ("P1M2M", 2_592_120), ("PT90M", 5_400), ("P1Y", 31_536_000), ("P1Y2M", 36_720_000),
    ])
    func `the schema's forms are read`(text: String, seconds: Int64) {
        #expect(CalendarDuration(text)?.span(from: nil) == .seconds(seconds))
    }

    @Test(arguments: ["", "W", "P1W", "PT0.5S", "1H", "PT1", "PS", "PT1H1H", "PT1D", "P1S1H", "PTT1H", "PT1234567890S"])
    func `other forms are not`(text: String) {
        #expect(CalendarDuration(text)?.span(from: nil) == nil)
    }

    @Test func `months end on the last day of a shorter one`() {
        let january = Instant(year: 2028, month: 1, day: 31, hour: 12)
        func end(_ text: String) -> Instant? { CalendarDuration(text)?.span(from: january).map { january + $0 } }
        #expect(end("P1M") == Instant(year: 2028, month: 2, day: 29, hour: 12))
        #expect(end("P13M") == Instant(year: 2029, month: 2, day: 28, hour: 12))
        #expect(end("-P1M") == Instant(year: 2027, month: 12, day: 31, hour: 12))
        #expect(end("P1M1DT1S") == Instant(year: 2028, month: 3, day: 1, hour: 12, second: 1))
    }

    @Test func `spans are written in a form that reads back`() {
        for (span, text) in [
            (TimeSpan.zero, "PT0S"), (.minutes(15), "PT15M"), (.days(1), "P1D"), (.seconds(93_661), "P1DT2H1M1S"),
            (.minutes(-5), "-PT5M"), (.hours(24) + .seconds(1), "P1DT1S"),
        ] {
            #expect(span.xml == text)
            #expect(CalendarDuration(text)?.span(from: nil) == span)
        }
    }

    @Test func `decimals have no exponent`() {
        for (number, text) in [
            (50.0, "50.0"), (1e-9, "0.000000001"), (-1.25e-7, "-0.000000125"), (1.25e20, "125000000000000000000"),
            (1e16, "10000000000000000"), (.nan, "0"), (.infinity, "0"),
        ] {
            #expect(number.xmlDecimal == text)
        }
    }
}
