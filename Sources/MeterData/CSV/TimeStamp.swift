import Measures

/// What a cell says about time: a local day and time, and how far from UTC if it says so.
struct TimeStamp {
    let day: CivilDay
    /// Since midnight, as the local clock shows it.
    let time: TimeSpan
    /// Nil for a local time without a zone.
    let offset: TimeSpan?

    /// Reads `YYYY-MM-DD[T| ]hh:mm[:ss[.digits]][Z|+hh:mm|-hh:mm|+hhmm|-hhmm]` with a year from 1900 to 2200.
    init?(_ cell: ArraySlice<UInt8>) {
        let base = cell.startIndex
        guard cell.count >= 16, let day = Cell.day(cell[base..<(base + 10)]),
            cell[base + 10] == UInt8(ascii: "T") || cell[base + 10] == UInt8(ascii: " "),
            cell[base + 13] == UInt8(ascii: ":"), let hour = Cell.integer(cell[(base + 11)..<(base + 13)]),
            let minute = Cell.integer(cell[(base + 14)..<(base + 16)]), hour < 24, minute < 60
        else { return nil }
        var rest = cell[(base + 16)...]
        guard let second = Self.seconds(&rest), let zone = Self.zone(Cell.trimmed(rest)) else { return nil }
        self.day = day
        time = .seconds(Int64(hour * 3_600 + minute * 60 + second))
        offset = zone.offset
    }

    init(day: CivilDay, time: TimeSpan, offset: TimeSpan? = nil) {
        self.day = day
        self.time = time
        self.offset = offset
    }

    /// Takes `[:ss[.digits]]` from the front; a fraction is cut off.
    static func seconds(_ rest: inout ArraySlice<UInt8>) -> Int? {
        guard rest.first == UInt8(ascii: ":") else { return 0 }
        let digits = rest.dropFirst().prefix(2)
        guard digits.count == 2, let second = Cell.integer(digits), second < 60 else { return nil }
        rest = rest.dropFirst(3)
        guard rest.first == UInt8(ascii: ".") else { return second }
        let fraction = rest.dropFirst().prefix { Cell.digit($0) != nil }
        guard !fraction.isEmpty else { return nil }
        rest = rest.dropFirst(1 + fraction.count)
        return second
    }

    /// Nothing, `Z`, or an offset of at most 15 hours.
    static func zone(_ rest: ArraySlice<UInt8>) -> (offset: TimeSpan?, Void)? {
        guard let sign = rest.first else { return (nil, ()) }
        if sign == UInt8(ascii: "Z") { return rest.count == 1 ? (.zero, ()) : nil }
        let digits = rest.dropFirst().filter { $0 != UInt8(ascii: ":") }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), digits.count == 4,
            rest.count == 5 || (rest.count == 6 && rest[rest.startIndex + 3] == UInt8(ascii: ":")),
            let hours = Cell.integer(digits[0..<2]), let minutes = Cell.integer(digits[2..<4]), hours <= 15,
            minutes < 60
        else { return nil }
        let span = TimeSpan.seconds(Int64(hours * 3_600 + minutes * 60))
        return (sign == UInt8(ascii: "-") ? -span : span, ())
    }

    /// The local clock read as if it showed UTC.
    var wall: Instant { Instant(secondsSinceEpoch: Int64(day.daysSinceEpoch) * 86_400) + time }
}

extension TimeStamp: CustomStringConvertible {
    var description: String { "\(wall)".dropLast() + (offset.map { ZoneRules(fixedOffset: $0).identifier } ?? "") }
}

extension ZoneRules {
    /// When the local clock shows the time: of two moments, the second when the first is not after `previous`; nil in
    /// the hour that is skipped in spring.
    func instant(_ stamp: TimeStamp, after previous: Instant?) -> Instant? {
        guard let first = instant(stamp.day, at: stamp.time) else { return nil }
        guard let previous, first <= previous else { return first }
        let second = stamp.wall - offset(at: first + .hours(3))
        return second > previous && local(second) == (stamp.day, stamp.time) ? second : first
    }
}
