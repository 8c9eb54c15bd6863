/// A length of time in whole seconds; may be negative.
///
/// OpenADR 2.0b truncates fractions of a second (rule 1), so a whole second is the finest step of the platform.
public struct TimeSpan: Hashable, Comparable, Codable, Sendable {
    public var seconds: Int64

    public init(seconds: Int64) {
        self.seconds = seconds
    }

    public static let zero = TimeSpan(seconds: 0)

    public static func seconds(_ count: Int64) -> TimeSpan { TimeSpan(seconds: count) }
    public static func minutes(_ count: Int64) -> TimeSpan { TimeSpan(seconds: count * 60) }
    public static func hours(_ count: Int64) -> TimeSpan { TimeSpan(seconds: count * 3_600) }
    public static func days(_ count: Int64) -> TimeSpan { TimeSpan(seconds: count * 86_400) }

    /// The length in hours, as energy and price formulas need it.
    public var hours: Double { Double(seconds) / 3_600 }

    public static func < (left: TimeSpan, right: TimeSpan) -> Bool { left.seconds < right.seconds }
    public static func + (left: TimeSpan, right: TimeSpan) -> TimeSpan {
        TimeSpan(seconds: left.seconds + right.seconds)
    }

    public static func - (left: TimeSpan, right: TimeSpan) -> TimeSpan {
        TimeSpan(seconds: left.seconds - right.seconds)
    }

    public static func * (left: TimeSpan, right: Int64) -> TimeSpan { TimeSpan(seconds: left.seconds * right) }
    public static prefix func - (span: TimeSpan) -> TimeSpan { TimeSpan(seconds: -span.seconds) }
}
