public import Measures
internal import OpenADR

/// Meter values as a utility hands them to its customer: Green Button, the ESPI feed of NAESB REQ.21.
public struct GreenButtonFile: Sendable {
    /// The values of one meter reading.
    public struct Series: Sendable {
        /// The title of its entry or usage point; may be empty.
        public let name: String
        /// Whether the values show a register; else the energy of each interval.
        public let isRegister: Bool
        /// In order of time. Energy is negative where it flowed to the grid (`flowDirection` 19).
        public let readings: [IntervalReading]
    }

    /// Why the file cannot be used.
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        case unreadable(DecodingFailure)
        /// It has no `IntervalBlock` of energy or power.
        case empty

        public var description: String {
            switch self {
            case .unreadable(let failure): "The file is no usable XML: \(failure)."
            case .empty: "The file holds no interval of energy."
            }
        }
    }

    public let series: [Series]

    /// The most bytes of a file; a year of 15-minute values has about 8 MB.
    public static let largest = 64 << 20

    /// Whether bytes look like XML at all.
    public static func isLikely(_ bytes: some Collection<UInt8>) -> Bool {
        let start = bytes.prefix(512).drop { [0xEF, 0xBB, 0xBF, 0x20, 0x0A, 0x0D, 0x09].contains($0) }
        return start.first == UInt8(ascii: "<")
    }

    /// Reads a feed.
    public init(_ bytes: [UInt8]) throws(Failure) {
        var limits = AdmissionLimits()
        limits.size = Self.largest
        limits.elements = 4_000_000
        let feed: GreenButtonFeed
        do throws(DecodingFailure) {
            feed = try Self.feed(Self.withoutStylesheet(bytes), limits)
        } catch {
            throw .unreadable(error)
        }
        series = feed.series.map { series in
            Series(name: series.name, isRegister: series.isRegister, readings: series.values.map(\.reading))
        }
        if series.isEmpty { throw .empty }
    }

    private static func feed(_ bytes: [UInt8], _ limits: AdmissionLimits) throws(DecodingFailure) -> GreenButtonFeed {
        try bytes.withUnsafeBufferPointer { (buffer) throws(DecodingFailure) in
            try Admission.check(buffer, limits: limits)
            let document = Document(owning: try Document.parse(buffer))
            return document.root.map(GreenButtonFeed.init)
                ?? GreenButtonFeed(id: "", title: "", updated: nil, entries: [])
        }
    }

    /// Files for people name a style sheet after the declaration: blank, as no processing instruction is admitted.
    private static func withoutStylesheet(_ bytes: [UInt8]) -> [UInt8] {
        let mark = Array("<?xml-stylesheet".utf8)
        let head = bytes.prefix(4_096)
        guard let start = head.indices.first(where: { head[$0...].starts(with: mark) }),
            let end = head[start...].firstIndex(of: UInt8(ascii: ">"))
        else { return bytes }
        var clean = bytes
        for index in start...end where clean[index] != UInt8(ascii: "\n") { clean[index] = UInt8(ascii: " ") }
        return clean
    }
}
