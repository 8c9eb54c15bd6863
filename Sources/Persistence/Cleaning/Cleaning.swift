public import DemandResponse
public import Measures
public import MeterData

/// The number of a cleaning, and the version of the series that it makes.
public struct CleaningID: Hashable, Comparable, Codable, Sendable {
    public let rawValue: Int64

    public init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    public static func < (left: CleaningID, right: CleaningID) -> Bool { left.rawValue < right.rawValue }

    /// How the audit trail names it.
    var subject: String { "cleaning/\(rawValue)" }
}

/// What was once changed about a series (table `cleanings`).
public struct Cleaning: Hashable, Sendable {
    public let id: CleaningID
    public let meter: MeterID
    public let window: TimeWindow
    public let actor: Actor
    public let reason: String
    /// Nil for an edit by hand.
    public let rules: CleaningRules?
    public let madeAt: Instant
    /// Nil while it counts.
    public let undoneAt: Instant?
    /// How many intervals.
    public let edits: Int
}

/// A reading as the cleaned series has it.
public struct CleanedReading: Hashable, Sendable {
    public let window: TimeWindow
    /// Nil where nothing is believed.
    public let energy: WattHours?
    public let shed: WattHours?
    /// What the source says of the raw reading; `estimated` where there is none.
    public let quality: ReadingStore.Quality
    /// What was changed; nil for a reading as it came.
    public let edit: CleaningKind?
}

/// Why a cleaning was not made or not undone.
public enum CleaningRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownMeter(MeterID)
    case unknownCleaning(CleaningID)
    case alreadyUndone(CleaningID)
    /// An edit by hand of an interval that the meter does not have.
    case noInterval(Instant)
    case noReason

    public var description: String {
        switch self {
        case .unknownMeter(let meter): "There is no meter \(meter.rawValue)."
        case .unknownCleaning(let cleaning): "There is no cleaning \(cleaning.rawValue)."
        case .alreadyUndone(let cleaning): "Cleaning \(cleaning.rawValue) is undone already."
        case .noInterval(let start): "The meter has no interval that begins at \(start)."
        case .noReason: "A change of readings needs a reason."
        }
    }
}
