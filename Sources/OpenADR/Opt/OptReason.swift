/// `ei:optReason`: why a VEN opts in or out.
public struct OptReason: RawRepresentable, Hashable, Codable, Sendable {
    public let rawValue: String

    /// Nil unless the word is the standard's or begins with `x-`.
    public init?(rawValue: String) {
        guard isExtension(rawValue) || Self.standard.contains(where: { $0.rawValue == rawValue }) else { return nil }
        self.rawValue = rawValue
    }

    private init(_ word: String) { rawValue = word }

    public static let economic = OptReason("economic")
    public static let emergency = OptReason("emergency")
    public static let mustRun = OptReason("mustRun")
    public static let notParticipating = OptReason("notParticipating")
    public static let outageRunStatus = OptReason("outageRunStatus")
    public static let overrideStatus = OptReason("overrideStatus")
    public static let participating = OptReason("participating")
    public static let schedule = OptReason("x-schedule")

    /// The standard's own words.
    public static let standard: [OptReason] = [
        .economic, .emergency, .mustRun, .notParticipating, .outageRunStatus, .overrideStatus, .participating,
        .schedule,
    ]
}
