/// `ei:reportType`: what a data point tells.
public struct ReportType: RawRepresentable, Hashable, Codable, Sendable {
    public let rawValue: String

    /// Nil unless the word is the standard's or begins with `x-`.
    public init?(rawValue: String) {
        guard isExtension(rawValue) || Self.standard.contains(where: { $0.rawValue == rawValue }) else { return nil }
        self.rawValue = rawValue
    }

    private init(_ word: String) { rawValue = word }

    public static let reading = ReportType("reading")
    public static let usage = ReportType("usage")
    public static let demand = ReportType("demand")
    public static let setPoint = ReportType("setPoint")
    public static let deltaUsage = ReportType("deltaUsage")
    public static let deltaSetPoint = ReportType("deltaSetPoint")
    public static let deltaDemand = ReportType("deltaDemand")
    public static let baseline = ReportType("baseline")
    public static let deviation = ReportType("deviation")
    public static let avgUsage = ReportType("avgUsage")
    public static let avgDemand = ReportType("avgDemand")
    public static let operatingState = ReportType("operatingState")
    public static let upRegulationCapacityAvailable = ReportType("upRegulationCapacityAvailable")
    public static let downRegulationCapacityAvailable = ReportType("downRegulationCapacityAvailable")
    public static let regulationSetpoint = ReportType("regulationSetpoint")
    public static let storedEnergy = ReportType("storedEnergy")
    public static let targetEnergyStorage = ReportType("targetEnergyStorage")
    public static let availableEnergyStorage = ReportType("availableEnergyStorage")
    public static let price = ReportType("price")
    public static let level = ReportType("level")
    public static let powerFactor = ReportType("powerFactor")
    public static let percentUsage = ReportType("percentUsage")
    public static let percentDemand = ReportType("percentDemand")
    public static let resourceStatus = ReportType("x-resourceStatus")

    /// The standard's own words.
    public static let standard: [ReportType] = [
        .reading, .usage, .demand, .setPoint, .deltaUsage, .deltaSetPoint, .deltaDemand, .baseline, .deviation,
        .avgUsage, .avgDemand, .operatingState, .upRegulationCapacityAvailable, .downRegulationCapacityAvailable,
        .regulationSetpoint, .storedEnergy, .targetEnergyStorage, .availableEnergyStorage, .price, .level,
        .powerFactor, .percentUsage, .percentDemand, .resourceStatus,
    ]
}
