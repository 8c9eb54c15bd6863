/// `ei:readingType`: how a value came about.
public struct ReadingType: RawRepresentable, Hashable, Codable, Sendable {
    public let rawValue: String

    /// Nil unless the word is the standard's or begins with `x-`.
    public init?(rawValue: String) {
        guard isExtension(rawValue) || Self.standard.contains(where: { $0.rawValue == rawValue }) else { return nil }
        self.rawValue = rawValue
    }

    private init(_ word: String) { rawValue = word }

    public static let directRead = ReadingType("Direct Read")
    public static let net = ReadingType("Net")
    public static let allocated = ReadingType("Allocated")
    public static let estimated = ReadingType("Estimated")
    public static let summed = ReadingType("Summed")
    public static let derived = ReadingType("Derived")
    public static let mean = ReadingType("Mean")
    public static let peak = ReadingType("Peak")
    public static let hybrid = ReadingType("Hybrid")
    public static let contract = ReadingType("Contract")
    public static let projected = ReadingType("Projected")
    public static let rms = ReadingType("x-RMS")
    public static let notApplicable = ReadingType("x-notApplicable")

    /// The standard's own words.
    public static let standard: [ReadingType] = [
        .directRead, .net, .allocated, .estimated, .summed, .derived, .mean, .peak, .hybrid, .contract, .projected,
        .rms, .notApplicable,
    ]
}
