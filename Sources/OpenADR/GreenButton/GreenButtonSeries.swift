public import Measures

/// The energy of one meter reading of a feed.
public struct GreenButtonSeries: Hashable, Sendable {
    /// One value and how good it is.
    public struct Value: Hashable, Sendable {
        public let reading: IntervalReading
        public let quality: ReadingQuality?

        public init(reading: IntervalReading, quality: ReadingQuality?) {
            self.reading = reading
            self.quality = quality
        }
    }

    /// Of the meter reading; empty when the blocks name none.
    public let address: String
    /// The title of its entry; may be empty.
    public let name: String
    /// Whether the values show a register; else the energy of each interval.
    public let isRegister: Bool
    /// The energy flows to the grid, and is negative.
    public let isReverse: Bool
    /// In order of time, none with the start of another.
    public let values: [Value]
}

extension GreenButtonFeed {
    /// The energy in this feed, by address: blocks put together by their meter reading. Powers become the energy of their
    /// interval; what is neither, such as gas, is left out. The last of two values of one time counts.
    public var series: [GreenButtonSeries] {
        var types: [String: MeterReadingType] = [:]
        var readings: [String: GreenButtonEntry] = [:]
        for entry in entries {
            for resource in entry.resources {
                switch resource {
                case .readingType(let type): types[entry.address] = type
                case .meterReading: readings[entry.address] = entry
                default: break
                }
            }
        }
        let addresses = readings.keys.sorted()
        var found: [String: (type: MeterReadingType, values: [Int64: GreenButtonSeries.Value])] = [:]
        for entry in entries {
            for case .intervalBlock(let block) in entry.resources {
                let up = entry.parent ?? ""
                let key = addresses.first { up == $0 || up.hasPrefix($0 + "/") } ?? ""
                let named = readings[key]?.related.first { types[$0] != nil }
                guard let type = named.flatMap({ types[$0] }) ?? (types.count == 1 ? types.values.first : nil)
                else { continue }
                for reading in block.readings {
                    guard let value = type.value(of: reading) else { continue }
                    found[key, default: (type, [:])].values[value.reading.start.secondsSinceEpoch] = value
                }
            }
        }
        return found.sorted { $0.key < $1.key }.map { address, series in
            GreenButtonSeries(
                address: address, name: readings[address]?.title ?? "",
                isRegister: series.type.accumulation?.isRegister ?? false, isReverse: series.type.flow == .reverse,
                values: series.values.values.sorted { $0.reading.start < $1.reading.start })
        }
    }
}

extension MeterReadingType {
    /// The energy of a reading; nil for what is none, or has no sane time.
    fileprivate func value(of reading: BlockReading) -> GreenButtonSeries.Value? {
        guard unit == .wattHours || unit == .watts, let number = reading.value, let start = reading.period?.start,
            (0..<7_258_118_400).contains(start)
        else { return nil }
        let seconds = reading.period?.duration ?? 0
        guard (0...31 * 86_400).contains(seconds), seconds > 0 || accumulation?.isRegister == true else { return nil }
        let power = Int(powerOfTen ?? 0)
        guard (-30...30).contains(power) else { return nil }
        let scale = (0..<abs(power)).reduce(1.0) { value, _ in power > 0 ? value * 10 : value / 10 }
        var energy = Double(number) * scale * (flow == .reverse ? -1 : 1)
        if unit == .watts { energy *= Double(seconds) / 3_600 }
        return GreenButtonSeries.Value(
            reading: IntervalReading(
                start: Instant(secondsSinceEpoch: start), duration: .seconds(seconds), energy: WattHours(energy)),
            quality: reading.qualities.first ?? defaultQuality)
    }
}
