/// A point in time: whole seconds since 1970-01-01T00:00:00Z, without leap seconds.
public struct Instant: Hashable, Comparable, Codable, Sendable {
    public var secondsSinceEpoch: Int64

    public init(secondsSinceEpoch: Int64) {
        self.secondsSinceEpoch = secondsSinceEpoch
    }

    /// The start of a minute of the proleptic Gregorian calendar in UTC; fields outside their range carry over.
    public init(
        year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0
    ) {
        let days = CivilDay(year: year, month: month, day: day).daysSinceEpoch
        secondsSinceEpoch = Int64(days) * 86_400 + Int64(hour) * 3_600 + Int64(minute) * 60 + Int64(second)
    }

    public static func < (left: Instant, right: Instant) -> Bool { left.secondsSinceEpoch < right.secondsSinceEpoch }

    public static func + (instant: Instant, span: TimeSpan) -> Instant {
        Instant(secondsSinceEpoch: instant.secondsSinceEpoch + span.seconds)
    }

    public static func - (instant: Instant, span: TimeSpan) -> Instant {
        Instant(secondsSinceEpoch: instant.secondsSinceEpoch - span.seconds)
    }

    public static func - (left: Instant, right: Instant) -> TimeSpan {
        TimeSpan(seconds: left.secondsSinceEpoch - right.secondsSinceEpoch)
    }

    /// The latest multiple of `step` since the epoch that is not after this instant.
    public func floored(to step: TimeSpan) -> Instant {
        let remainder = secondsSinceEpoch % step.seconds
        return Instant(secondsSinceEpoch: secondsSinceEpoch - (remainder < 0 ? remainder + step.seconds : remainder))
    }
}

/// `YYYY-MM-DDThh:mm:ssZ`, the only form that OpenADR 2.0b lets a sender use (rule 1).
extension Instant: CustomStringConvertible {
    public var description: String {
        let remainder = Int(secondsSinceEpoch % 86_400)
        let day = secondsSinceEpoch / 86_400 - (remainder < 0 ? 1 : 0)
        let rest = remainder < 0 ? remainder + 86_400 : remainder
        let civil = CivilDay(daysSinceEpoch: Int(day))
        return "\(civil)T\(twoDigits(rest / 3_600)):\(twoDigits(rest / 60 % 60)):\(twoDigits(rest % 60))Z"
    }
}

extension Instant {
    /// Reads `YYYY-MM-DDThh:mm:ss[.digits]Z`; a fraction is cut off (rule 1). Anything else is nil.
    public init?(utc text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[bytes.count - 1] == UInt8(ascii: "Z") else { return nil }
        if bytes.count > 20 {
            let fraction = bytes[20..<(bytes.count - 1)]
            guard bytes[19] == UInt8(ascii: "."), !fraction.isEmpty, fraction.allSatisfy(isDigit) else { return nil }
        }
        let separators: [(Int, Character)] = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")]
        guard separators.allSatisfy({ bytes[$0.0] == $0.1.asciiValue }) else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            bytes[range].reduce(Optional(0)) { sum, byte in
                isDigit(byte) ? sum.map { $0 * 10 + Int(byte - UInt8(ascii: "0")) } : nil
            }
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            (1...12).contains(month), (1...CivilDay.length(ofMonth: month, year: year)).contains(day),
            hour < 24, minute < 60, second < 60
        else { return nil }
        self.init(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    }
}

private func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
}

func twoDigits(_ number: Int) -> String {
    number < 10 ? "0\(number)" : "\(number)"
}
