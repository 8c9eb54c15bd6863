import Measures
import OpenADR

/// FNV-1a over 64 bits, the same on every machine and in every run.
struct ContentDigest {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    private mutating func add(byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }

    mutating func add(_ text: String) {
        for byte in text.utf8 { add(byte: byte) }
        add(byte: 0xff)
    }

    private mutating func add(_ number: UInt64) {
        for shift in stride(from: 0, to: 64, by: 8) { add(byte: UInt8(truncatingIfNeeded: number >> UInt64(shift))) }
    }

    private mutating func add(_ number: Int64?) {
        add(byte: number == nil ? 0 : 1)
        if let number { add(UInt64(bitPattern: number)) }
    }

    private mutating func add(_ number: Double?) {
        add(byte: number == nil ? 0 : 1)
        if let number { add(number.bitPattern) }
    }

    /// Reports are the one message that is long: field by field this takes a fiftieth of the time that its description
    /// would.
    mutating func add(_ message: UpdateReport) {
        add(message.requestID.rawValue)
        add(message.venID?.rawValue ?? "")
        for report in message.reports {
            add(report.requestID.rawValue)
            add(report.specifierID.rawValue)
            add(report.name?.rawValue ?? "")
            add(report.start?.secondsSinceEpoch)
            add(report.duration?.seconds)
            add(report.createdDateTime.secondsSinceEpoch)
            for interval in report.intervals {
                add(interval.start?.secondsSinceEpoch)
                add(interval.duration?.seconds)
                add(interval.uid.map { Int64($0) })
                for payload in interval.payloads { add(payload) }
                for feed in interval.greenButton { add(feed) }
            }
        }
    }

    /// By what of it is used: the energy, and whose it is.
    private mutating func add(_ feed: GreenButtonFeed) {
        add(feed.id)
        for series in feed.series {
            add(series.address)
            add(series.name)
            for value in series.values {
                add(value.reading.start.secondsSinceEpoch)
                add(value.reading.duration.seconds)
                add(value.reading.energy?.value)
            }
        }
    }

    private mutating func add(_ payload: ReportPayload) {
        add(payload.rID.rawValue)
        add(payload.confidence.map { Int64($0) })
        add(payload.accuracy)
        add(payload.quality?.rawValue ?? "")
        switch payload.value {
        case .float(let number): add(number)
        case .resourceStatus(let status): add(String(reflecting: status))
        }
    }
}
