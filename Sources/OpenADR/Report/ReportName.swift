/// `ei:reportName`. Metadata carries the name with the prefix `METADATA_`, data without it (rules 313 and 331).
public struct ReportName: RawRepresentable, Hashable, Codable, Sendable {
    public let rawValue: String

    /// Nil unless the word is the standard's or begins with `x-`.
    public init?(rawValue: String) {
        guard isExtension(rawValue) || Self.standard.contains(where: { $0.rawValue == rawValue }) else { return nil }
        self.rawValue = rawValue
    }

    private init(_ word: String) { rawValue = word }

    public static let historyUsage = ReportName("HISTORY_USAGE")
    public static let historyGreenButton = ReportName("HISTORY_GREENBUTTON")
    public static let telemetryUsage = ReportName("TELEMETRY_USAGE")
    public static let telemetryStatus = ReportName("TELEMETRY_STATUS")
    public static let metadataHistoryUsage = ReportName("METADATA_HISTORY_USAGE")
    public static let metadataHistoryGreenButton = ReportName("METADATA_HISTORY_GREENBUTTON")
    public static let metadataTelemetryUsage = ReportName("METADATA_TELEMETRY_USAGE")
    public static let metadataTelemetryStatus = ReportName("METADATA_TELEMETRY_STATUS")

    /// The standard's own words.
    public static let standard: [ReportName] = [
        .historyUsage, .historyGreenButton, .telemetryUsage, .telemetryStatus, .metadataHistoryUsage,
        .metadataHistoryGreenButton, .metadataTelemetryUsage, .metadataTelemetryStatus,
    ]
}

extension ReportName {
    private static let metadataPrefix = "METADATA_"

    /// The name of the report that this metadata offers; nil for a name that is no metadata's.
    public var offered: ReportName? {
        guard rawValue.hasPrefix(Self.metadataPrefix) else { return nil }
        return ReportName(rawValue: String(rawValue.dropFirst(Self.metadataPrefix.count)))
    }
}
