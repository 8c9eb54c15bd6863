public import Measures

/// A value as a file gives it: the energy of an interval, or what a register showed at its start.
public struct ImportedValue: Hashable, Sendable {
    /// As the file names it; empty when it names none.
    public let meter: String
    public let start: Instant
    /// Zero for a register.
    public let duration: TimeSpan
    /// Wh
    public let value: Double
    public let line: Int

    public init(meter: String, start: Instant, duration: TimeSpan, value: Double, line: Int) {
        self.meter = meter
        self.start = start
        self.duration = duration
        self.value = value
        self.line = line
    }
}

/// A row, or a cell of one, that was not taken.
public struct RowProblem: Hashable, Codable, Sendable, CustomStringConvertible {
    /// Of the file, counted from 1.
    public let line: Int
    public let reason: String

    public init(line: Int, reason: String) {
        self.line = line
        self.reason = reason
    }

    public var description: String { "line \(line): \(reason)" }
}
