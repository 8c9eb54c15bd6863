import Foundation
import Measures
import OpenADR
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

    // MARK: In messages

    private func sample(_ name: String) throws -> [UInt8] {
        let folder = URL(filePath: schemaFolder).deletingLastPathComponent().appending(path: "Fuzzing/Corpus")
        return [UInt8](try Data(contentsOf: folder.appending(path: "greenbutton-\(name).xml")))
    }

    @Test(arguments: ["usage", "offer", "everything"])
    func `a message with Green Button survives the wire, valid by the schema`(name: String) throws {
        let codec = try makeCodec()
        let message = try codec.decode(sample(name))
        let written = codec.encode(message)
        #expect(codec.accepted(written, name) == message)
        #expect(codec.encode(message) == written)
    }

    @Test func `a report of Green Button brings the energy of its intervals`() throws {
        guard case .updateReport(let message) = try makeCodec().decode(sample("usage")) else {
            Issue.record("another message")
            return
        }
        let report = try #require(message.reports.first)
        #expect(report.name == .historyGreenButton)
        let feed = try #require(report.intervals.first?.greenButton.first)
        #expect(report.intervals.first?.payloads.isEmpty == true && feed.entries.count == 4)
        let series = try #require(feed.series.first)
        #expect(feed.series.count == 1 && series.name == "Main meter" && !series.isRegister && !series.isReverse)
        #expect(series.values.map(\.reading.energy) == [250, 300, 275, 0].map { WattHours($0) })
        #expect(series.values.first?.reading.start == Instant(year: 2026, month: 1, day: 15))
        #expect(series.values.allSatisfy { $0.reading.duration == .minutes(15) })
    }

    @Test func `every resource that is read says what the document says`() throws {
        guard case .updateReport(let message) = try makeCodec().decode(sample("everything")),
            let feed = message.reports.first?.intervals.first?.greenButton.first
        else {
            Issue.record("another message")
            return
        }
        let resources = feed.entries.flatMap(\.resources)
        #expect(resources.count == 7)
        for resource in resources {
            switch resource {
            case .usagePoint(let point):
                #expect(point.roleFlags == "0001" && point.serviceCategory == 0 && point.status == 1)
                #expect(
                    point.deliveryPoint == DeliveryPoint(name: "site", tariffProfile: "T1", customerAgreement: "A1"))
            case .meterReading: break
            case .readingType(let type):
                #expect(type.unit == .wattHours && type.accumulation == .deltaData && type.flow == .forward)
                #expect(type.phase == 128 && type.currency == 978 && type.measuringPeriod == 2 && type.kind == 12)
            case .intervalBlock(let block):
                #expect(block.interval == ESPIInterval(duration: 3_600, start: 1_768_435_200))
                #expect(
                    block.readings == [
                        BlockReading(
                            cost: 12, qualities: [ReadingQuality(rawValue: 17)],
                            period: ESPIInterval(duration: 3_600, start: 1_768_435_200), value: 500)
                    ])
            case .usageSummary(let summary):
                #expect(summary.quantities.count == 9 && summary.statusTime == 1_768_435_200 && summary.currency == 840)
                #expect(summary.additionalCosts == [CostLine(amount: 1, rounding: 0, time: 1_768_435_200, note: "fee")])
            case .qualitySummary(let summary):
                #expect(summary.quantities.count == 13 && summary.interval.duration == 3_600)
            case .localTime(let time):
                #expect(time.daylightEnd == "B40E2000" && time.zoneOffset == 3_600)
            }
        }
    }
}
