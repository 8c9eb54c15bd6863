import DemandResponse
import MariaDB
import Measures

/// The readings of a meter that begin on one day in UTC, as the cache keeps them: 25 bytes each.
///
/// ```
/// start   seconds of the day   UInt32  \
/// length  seconds              UInt32   |
/// energy  Wh                   Double   |  little-endian
/// shed    Wh, NaN for none     Double   |
/// quality 0 good, 1 flagged    UInt8   /
/// ```
enum DayReadings {
    struct Reading {
        let start: Instant
        let duration: TimeSpan
        let energy: Double
        /// Nil without a prediction.
        let shed: Double?
        let isGood: Bool
    }

    private static let size = 25

    static func key(_ meter: MeterID, _ day: CivilDay) -> String { "\(meter.rawValue)/\(day)" }

    static func append(_ row: MariaDBRow, to bytes: inout [UInt8]) throws {
        let start = try row.instant("start_time")
        let duration = try row.instant("end_time") - start
        append(UInt32(truncatingIfNeeded: (start - start.floored(to: .days(1))).seconds), &bytes)
        append(UInt32(truncatingIfNeeded: duration.seconds), &bytes)
        append(try row.double("meter_value").bitPattern, &bytes)
        append((try row.optionalDouble("delta_value") ?? .nan).bitPattern, &bytes)
        bytes.append(try row.text("quality") == ReadingStore.Quality.good.rawValue ? 0 : 1)
    }

    /// Nil for bytes that this program did not write.
    static func readings(_ bytes: [UInt8], on day: CivilDay) -> [Reading]? {
        guard bytes.count % size == 0 else { return nil }
        let midnight = Instant(secondsSinceEpoch: Int64(day.daysSinceEpoch) * 86_400)
        return bytes.withUnsafeBytes { raw in
            (0..<(bytes.count / size)).map { index in
                let base = index * size
                let shed = Double(bitPattern: load(raw, base + 16))
                let seconds: UInt32 = load(raw, base)
                let length: UInt32 = load(raw, base + 4)
                return Reading(
                    start: midnight + .seconds(Int64(seconds)), duration: .seconds(Int64(length)),
                    energy: Double(bitPattern: load(raw, base + 8)), shed: shed.isNaN ? nil : shed,
                    isGood: raw[base + 24] == 0)
            }
        }
    }

    private static func append(_ number: some FixedWidthInteger, _ bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    private static func load<Number: FixedWidthInteger & BitwiseCopyable>(_ raw: UnsafeRawBufferPointer, _ offset: Int)
        -> Number
    {
        Number(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: Number.self))
    }
}
