import Measures
import Yams

/// How the VENs of a fleet behave, from a file of settings.
struct FleetBehaviour: Hashable, Sendable {
    /// The share of events that a VEN says no to, 0 to 1.
    var optOut: Double
    /// People take up to this long for a decision.
    var decisionDelay: TimeSpan
    /// Clocks are wrong by up to this much, both ways.
    var clockError: TimeSpan
    /// Connections are cut once in this time on average; zero never.
    var disconnectEvery: TimeSpan
    /// The part of a load that can be shed, 0 to 1.
    var share: Double
    /// The part of what is asked for that really happens; 1 is all of it.
    var compliance: Double
    /// Whether the loads are those of simulated sites, or one flat number for each VEN.
    var isFlat: Bool

    static let keys = [
        SettingKey("optOut", standard: "0", "the share of events that a VEN says no to, 0 to 1"),
        SettingKey("decisionDelay", standard: "0", "people take up to this long to decide"),
        SettingKey("clockError", standard: "0", "clocks are wrong by up to this much, both ways"),
        SettingKey("disconnectEvery", standard: "0", "a connection is cut once in this time on average; 0 never"),
        SettingKey("share", standard: "0.3", "the part of a load that can be shed, 0 to 1"),
        SettingKey("compliance", standard: "1", "the part of what is asked for that really happens"),
        SettingKey("load", standard: "sites", "sites (simulated buildings and homes) or flat"),
    ]

    static let prefix = "CURTAIL_FLEET_"

    init(_ settings: LayeredSettings) throws {
        func reader(_ path: String) throws -> SettingReader {
            guard let value = settings[path] else {
                throw CommandFailure(
                    "The setting '\(path)' is missing.", hint: "add --set \(path)=VALUE", status: .usage)
            }
            return SettingReader(value, path: path)
        }
        func share(_ path: String, most: Double = 1) throws -> Double {
            try reader(path).value("0 to \(most.fixed(0))") { text in
                Double(text).flatMap { $0.isFinite && (0...most).contains($0) ? $0 : nil }
            }
        }
        func span(_ path: String) throws -> TimeSpan {
            try reader(path).value("a span such as 30s, or 0") { SpanArgument(argument: $0)?.span }
        }
        optOut = try share("optOut")
        decisionDelay = try span("decisionDelay")
        clockError = try span("clockError")
        disconnectEvery = try span("disconnectEvery")
        self.share = try share("share")
        compliance = try share("compliance", most: 2)
        isFlat = try reader("load").value("sites or flat") { ["sites": false, "flat": true][$0] }
    }
}
