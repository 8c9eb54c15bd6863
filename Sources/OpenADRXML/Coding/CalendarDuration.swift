internal import Measures

/// A duration as the profile's schema writes it: `[+-]P[nY][nM][nD][T][nH][nM][nS]` or `nW`.
///
/// ```
/// P1Y2M 3DT4H5M6S
/// └─┬─┘ └───┬───┘
/// months  seconds
/// ```
struct CalendarDuration: Hashable {
    var months: Int64 = 0
    var seconds: Int64 = 0

    /// Nil for another form, and for numbers too large to reckon with.
    init?(_ text: String) {
        var rest = text.utf8[...]
        var sign: Int64 = 1
        if rest.first == UInt8(ascii: "-") { sign = -1 }
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        if rest.last == UInt8(ascii: "W") {
            guard let weeks = Self.number(rest.dropLast()) else { return nil }
            seconds = weeks * 7 * 86_400
            return
        }
        guard rest.first == UInt8(ascii: "P") else { return nil }
        rest = rest.dropFirst()
        let parts = Self.parts(rest)
        guard let parts else { return nil }
        for (unit, number) in parts {
            switch unit {
            case .year: months += sign * number * 12
            case .month: months += sign * number
            case .day: seconds += sign * number * 86_400
            case .hour: seconds += sign * number * 3_600
            case .minute: seconds += sign * number * 60
            case .second: seconds += sign * number
            }
        }
    }

    private enum Unit: Int { case year, month, day, hour, minute, second }

    /// `T` parts months from minutes; the schema lets it go missing where the units tell, and then `M` after `D` or `H`
    /// is minutes.
    private static func parts(_ text: Substring.UTF8View) -> [(Unit, Int64)]? {
        var parts: [(Unit, Int64)] = []
        var digits: [UInt8] = []
        var afterT = false
        for byte in text {
            if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
                digits.append(byte)
                continue
            }
            if byte == UInt8(ascii: "T") {
                guard digits.isEmpty, !afterT else { return nil }
                afterT = true
                continue
            }
            let time = afterT || parts.contains { $0.0.rawValue >= Unit.day.rawValue }
            let unit: Unit
            switch byte {
            case UInt8(ascii: "Y"): unit = .year
            case UInt8(ascii: "M"): unit = time || parts.contains { $0.0 == .month } ? .minute : .month
            case UInt8(ascii: "D"): unit = .day
            case UInt8(ascii: "H"): unit = .hour
            case UInt8(ascii: "S"): unit = .second
            default: return nil
            }
            guard let number = number(digits[...]), parts.last.map({ $0.0.rawValue < unit.rawValue }) ?? true,
                !afterT || unit.rawValue >= Unit.hour.rawValue
            else { return nil }
            parts.append((unit, number))
            digits = []
        }
        return digits.isEmpty ? parts : nil
    }

    /// At most nine digits, so that no sum overflows.
    private static func number(_ digits: some Collection<UInt8>) -> Int64? {
        guard (1...9).contains(digits.count),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }

    /// A hundred years: nothing in demand response lasts longer, and sums of instants stay far from overflow.
    private static let longest: Int64 = 100 * 366 * 86_400

    /// Months end on the last day of a shorter month. Without an anchor a month has 30 days and a year 365.
    /// Nil beyond a hundred years.
    func span(from anchor: Instant?) -> TimeSpan? {
        guard abs(months) <= 1_200, abs(seconds) <= Self.longest else { return nil }
        var total = seconds
        if months != 0 {
            if let anchor {
                total += (Self.moved(anchor, months: months) - anchor).seconds
            } else {
                total += (months / 12 * 365 + months % 12 * 30) * 86_400
            }
        }
        return abs(total) <= Self.longest ? TimeSpan(seconds: total) : nil
    }

    private static func moved(_ anchor: Instant, months: Int64) -> Instant {
        let midnight = anchor.floored(to: .days(1))
        let (year, month, day) = CivilDay(daysSinceEpoch: Int(midnight.secondsSinceEpoch / 86_400)).components
        let count = year * 12 + month - 1 + Int(months)
        let newYear = count >= 0 ? count / 12 : (count - 11) / 12
        let newMonth = count - newYear * 12 + 1
        let newDay = min(day, CivilDay.length(ofMonth: newMonth, year: newYear))
        return Instant(year: newYear, month: newMonth, day: newDay) + (anchor - midnight)
    }
}

extension TimeSpan {
    /// The form that every reader of the profile takes: days, hours, minutes and seconds, `PT0S` for zero.
    var xml: String {
        guard seconds != 0 else { return "PT0S" }
        let magnitude = seconds.magnitude
        let parts: [(UInt64, String)] = [
            (magnitude / 3_600 % 24, "H"), (magnitude / 60 % 60, "M"), (magnitude % 60, "S"),
        ]
        let days = magnitude / 86_400
        let time = parts.filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined()
        return "\(seconds < 0 ? "-" : "")P\(days > 0 ? "\(days)D" : "")\(time.isEmpty ? "" : "T\(time)")"
    }
}
