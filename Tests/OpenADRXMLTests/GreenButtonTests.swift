import Measures
import OpenADRXML
import Testing

@Suite struct GreenButtonTests {
    private func feed(_ entries: String) -> [UInt8] {
        Array(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <?xml-stylesheet type="text/xsl" href="GreenButtonDataStyleSheet.xslt"?>
            <feed xmlns="http://www.w3.org/2005/Atom" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
              <title>Usage</title>
            \(entries)
            </feed>
            """.utf8)
    }

    private func type(_ id: String, uom: Int, multiplier: Int, flow: Int = 1, accumulation: Int = 4) -> String {
        """
        <entry><link rel="self" href="/ReadingType/\(id)"/><content><ReadingType xmlns="http://naesb.org/espi">
        <accumulationBehaviour>\(accumulation)</accumulationBehaviour><flowDirection>\(flow)</flowDirection>
        <powerOfTenMultiplier>\(multiplier)</powerOfTenMultiplier><uom>\(uom)</uom>
        </ReadingType></content></entry>
        """
    }

    private func reading(_ id: String, type: String, title: String) -> String {
        """
        <entry><link rel="self" href="/MeterReading/\(id)"/><link rel="related" href="/ReadingType/\(type)"/>
        <title>\(title)</title><content><MeterReading xmlns="http://naesb.org/espi"/></content></entry>
        """
    }

    private func block(_ reading: String, _ values: [(Int, Int)], seconds: Int = 900) -> String {
        let readings = values.map {
            "<espi:IntervalReading><espi:timePeriod><espi:duration>\(seconds)</espi:duration><espi:start>\($0.0)</espi:start></espi:timePeriod><espi:value>\($0.1)</espi:value></espi:IntervalReading>"
        }.joined()
        return """
            <entry><link rel="up" href="/MeterReading/\(reading)/IntervalBlock"/><content>
            <espi:IntervalBlock xmlns:espi="http://naesb.org/espi">\(readings)</espi:IntervalBlock></content></entry>
            """
    }

    @Test func `import and export, each with its own reading type, come in Wh and in order of time`() throws {
        let file = try GreenButtonFile(
            feed(
                type("in", uom: 72, multiplier: 0) + type("out", uom: 72, multiplier: -3, flow: 19)
                    + reading("1", type: "in", title: "Main") + reading("2", type: "out", title: "Solar")
                    + block("1", [(1_751_328_900, 120)]) + block("2", [(1_751_328_000, 5_000)])
                    + block("1", [(1_751_328_000, 100)])))
        #expect(file.series.map(\.name) == ["Main", "Solar"])
        #expect(file.series[0].readings.map(\.energy) == [WattHours(100), WattHours(120)])
        #expect(file.series[0].readings.first?.start == Instant(secondsSinceEpoch: 1_751_328_000))
        #expect(file.series[0].readings.first?.duration == .minutes(15))
        #expect(file.series[1].readings.map(\.energy) == [WattHours(-5)])
    }

    @Test func `power is an energy over its interval, and a bulk quantity is a register`() throws {
        let power = try GreenButtonFile(
            feed(type("p", uom: 38, multiplier: 3) + reading("1", type: "p", title: "") + block("1", [(0, 4)])))
        #expect(power.series.first?.readings.map(\.energy) == [WattHours(1_000)])
        let register = try GreenButtonFile(
            feed(
                type("r", uom: 72, multiplier: 0, accumulation: 1) + reading("1", type: "r", title: "")
                    + block("1", [(0, 4), (900, 7)], seconds: 0)))
        #expect(register.series.first?.isRegister == true)
    }

    @Test func `one reading type counts for blocks that name none`() throws {
        let file = try GreenButtonFile(feed(type("x", uom: 72, multiplier: 0) + block("", [(0, 1)])))
        #expect(file.series.count == 1)
    }

    @Test func `gas, nothing, no XML, entities and torn files are refused`() {
        let gas = feed(type("g", uom: 42, multiplier: 0) + reading("1", type: "g", title: "") + block("1", [(0, 1)]))
        #expect(throws: GreenButtonFile.Failure.empty) { try GreenButtonFile(gas) }
        #expect(throws: GreenButtonFile.Failure.empty) { try GreenButtonFile(feed("")) }
        for text in ["", "time,kwh\n", "<feed>", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>"] {
            #expect(throws: GreenButtonFile.Failure.self) { try GreenButtonFile(Array(text.utf8)) }
        }
        #expect(GreenButtonFile.isLikely(feed("")) && !GreenButtonFile.isLikely(Array("time,kwh".utf8)))
    }
}
