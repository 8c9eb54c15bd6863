public import DemandResponse
public import Measures
public import MeterData

/// The number of an import.
public struct BatchID: Hashable, Comparable, Codable, Sendable {
    public let rawValue: Int64

    public init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    public static func < (left: BatchID, right: BatchID) -> Bool { left.rawValue < right.rawValue }

    /// How the audit trail names it.
    var subject: String { "batch/\(rawValue)" }
}

/// A file that was imported (table `import_batches`).
public struct ImportBatch: Hashable, Sendable {
    public enum State: String, Hashable, Codable, Sendable {
        /// Not finished, or interrupted: the same import again goes on with it.
        case running
        case done
        case undone
    }

    public let id: BatchID
    public let file: String
    public let actor: Actor
    public let state: State
    public let startedAt: Instant
    public let finishedAt: Instant?
    /// Values in the file.
    public let values: Int
    /// Rows or cells that were not taken.
    public let refused: Int
    /// The first of them.
    public let problems: [RowProblem]
}

/// What an import shall do, beside reading its file.
public struct ImportOrder: Sendable {
    /// What becomes of meters that the file names and nobody knows.
    public enum UnknownMeters: Hashable, Sendable {
        /// Their rows are problems.
        case refuse
        /// They are created at a place with that zone.
        case create(zone: String)
    }

    /// Without folder.
    public var file: String
    /// SHA-256 of the file.
    public var digest: [UInt8]
    public var actor: Actor
    /// The meter of a file that names none.
    public var meter: String?
    public var unknownMeters: UnknownMeters
    /// Only these may be written: rows of others are rows of meters that nobody knows. Nil: any.
    public var allowedMeters: Set<MeterID>?
    /// Everything is read and nothing is written.
    public var isDryRun: Bool
    /// All rows in one transaction, and none when one has a problem; at most `ImportStore.largestAtomic` values.
    public var isAtomic: Bool
    /// Imports a file again that was imported before.
    public var repeats: Bool

    public init(
        file: String, digest: [UInt8], actor: Actor, meter: String? = nil, unknownMeters: UnknownMeters = .refuse,
        isDryRun: Bool = false, isAtomic: Bool = false, repeats: Bool = false
    ) {
        self.file = file
        self.digest = digest
        self.actor = actor
        self.meter = meter
        self.unknownMeters = unknownMeters
        self.isDryRun = isDryRun
        self.isAtomic = isAtomic
        self.repeats = repeats
    }
}

/// What an import did, or would have done.
public struct ImportReport: Hashable, Sendable {
    /// Nil after a dry run, and when nothing was written.
    public var batch: BatchID?
    /// The same file was imported before, as `batch`; nothing was done.
    public var isRepetition = false
    public var rows = 0
    public var values = 0
    public var missing = 0
    public var refused = 0
    public var problems: [RowProblem] = []
    /// Names of the meters that have values, in order.
    public var meters: [String] = []
    public var createdMeters: [String] = []
    /// From the first value to the last.
    public var window: TimeWindow?
}

/// Why an import was not done.
public enum ImportRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file names no meter and none was given.
    case noMeter
    case unknownMeter(String)
    /// An atomic import has problems; nothing was written.
    case problems([RowProblem], count: Int)
    case tooLarge(limit: Int)
    case unknownBatch(BatchID)
    case alreadyUndone(BatchID)

    public var description: String {
        switch self {
        case .noMeter: "The file names no meter."
        case .unknownMeter(let name): "There is no meter '\(name)'."
        case .problems(let problems, let count):
            "\(count) row\(count == 1 ? "" : "s") cannot be taken, the first: \(problems.first?.description ?? "")."
        case .tooLarge(let limit): "The file has more than \(limit) values, which is the most at once."
        case .unknownBatch(let batch): "There is no import \(batch.rawValue)."
        case .alreadyUndone(let batch): "Import \(batch.rawValue) is undone already."
        }
    }
}
