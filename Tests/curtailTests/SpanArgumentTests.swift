import Testing

@testable import curtail

@Suite struct SpanArgumentTests {
    @Test(arguments: [
        ("90s", "1m30s"), ("10m", "10m"), ("1h30m", "1h30m"), ("90m", "1h30m"), ("2d", "2d"), ("0", "0"),
        ("0s", "0"), ("1d1h1m1s", "1d1h1m1s"), ("3650d", "3650d"),
    ])
    func `a span reads as people write it`(text: String, normal: String) {
        #expect(SpanArgument(argument: text)?.description == normal)
    }

    @Test(arguments: [
        "", " ", "10", "m", "-5m", "+5m", "1.5h", "5 m", "5M", "5m5m", "5s5m", "m5", "1h30", "3651d", "99999999999d",
        "٣m", "1h\u{0}",
    ])
    func `anything else is no span`(text: String) {
        #expect(SpanArgument(argument: text) == nil)
    }
}
