/// What the files do not say themselves.
public struct LoadOptions: Sendable {
    /// The IANA zone of a file by its name, where the assumption below is wrong.
    public var zoneOfFile: [String: String] = [:]
    /// The zone of local times without an offset.
    public var localZone = "America/Los_Angeles"
    /// The zone of files that count hours by their end, as ISO New England publishes them.
    public var hourEndingZone = "America/New_York"
    /// The share of rows that may be unreadable before the file is refused; zero refuses at the first.
    public var toleratedBadRows = 0.0
    /// The share of steps that may be missing before the series is refused.
    public var toleratedMissing = 0.9
    /// The largest file, in bytes.
    public var fileBytes = 64 << 20
    public var csv = CSVLimits()

    public init() {}
}
