import Measures

/// Reads times as the world writes them, once the order of day, month and year is known.
struct FlexibleTime {
    let order: ImportPlan.DateOrder

    /// A day and a time of day: `2025-03-30T02:15:00+01:00`, `30.03.2025 02:15`, `3/30/2025 2:15 PM`, `202503300215`,
    /// `1743297300`. 24:00 is the end of the day.
    func stamp(_ cell: ArraySlice<UInt8>) -> TimeStamp? {
        switch order {
        case .epochSeconds: return Self.epoch(cell, divisor: 1)
        case .epochMilliseconds: return Self.epoch(cell, divisor: 1_000)
        case .yearMonthDay:
            // The most frequent form, without a detour.
            if let stamp = TimeStamp(cell) { return stamp }
        case .dayMonthYear, .monthDayYear: break
        }
        if cell.count == 12 || cell.count == 14, order == .yearMonthDay, cell.allSatisfy({ Cell.digit($0) != nil }) {
            return compact(cell)
        }
        guard let gap = cell.firstIndex(where: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "T") }) else {
            return nil
        }
        guard let day = day(cell[..<gap]), let time = Self.time(Cell.trimmed(cell[(gap + 1)...])) else { return nil }
        return TimeStamp(day: day + time.days, time: time.time, offset: time.offset)
    }

    /// `2025-03-30`, `30.3.2025`, `3/30/25`, `20250330`
    func day(_ cell: ArraySlice<UInt8>) -> CivilDay? {
        if cell.count == 8, order == .yearMonthDay, let digits = Cell.integer(cell) {
            return Self.civil(digits / 10_000, digits / 100 % 100, digits % 100)
        }
        let separators = Set("-/.".utf8)
        let parts = cell.split(maxSplits: 3, omittingEmptySubsequences: false) { separators.contains($0) }
        guard parts.count == 3, let one = Cell.integer(parts[0]), let two = Cell.integer(parts[1]),
            let three = Cell.integer(parts[2])
        else { return nil }
        switch order {
        case .yearMonthDay: return parts[0].count == 4 ? Self.civil(one, two, three) : nil
        case .dayMonthYear: return Self.year(parts[2], three).flatMap { Self.civil($0, two, one) }
        case .monthDayYear: return Self.year(parts[2], three).flatMap { Self.civil($0, one, two) }
        case .epochSeconds, .epochMilliseconds: return nil
        }
    }

    /// `2:15`, `02:15:00.5`, `2:15 PM`, `24:00`, each with `Z` or an offset, too.
    static func time(_ cell: ArraySlice<UInt8>) -> (time: TimeSpan, days: Int, offset: TimeSpan?)? {
        guard let colon = cell.firstIndex(of: UInt8(ascii: ":")), let hour = Cell.integer(cell[..<colon]),
            cell[..<colon].count <= 2
        else { return nil }
        let minuteDigits = cell[(colon + 1)...].prefix(2)
        guard minuteDigits.count == 2, let minute = Cell.integer(minuteDigits), minute < 60 else { return nil }
        var rest = minuteDigits.endIndex == cell.endIndex ? [] : cell[minuteDigits.endIndex...]
        guard let second = TimeStamp.seconds(&rest) else { return nil }
        rest = Cell.trimmed(rest)
        var hours = hour
        if rest.count >= 2, let half = Self.halfOfDay(rest) {
            guard (1...12).contains(hour) else { return nil }
            hours = hour % 12 + half
            rest = Cell.trimmed(rest.dropFirst(2))
        }
        guard hours < 24 || (hours == 24 && minute == 0 && second == 0), let zone = TimeStamp.zone(rest) else {
            return nil
        }
        return (.seconds(Int64(hours % 24 * 3_600 + minute * 60 + second)), hours / 24, zone.offset)
    }

    private static func halfOfDay(_ rest: ArraySlice<UInt8>) -> Int? {
        switch String(decoding: rest.prefix(2), as: UTF8.self).lowercased() {
        case "am": 0
        case "pm": 12
        default: nil
        }
    }

    private func compact(_ cell: ArraySlice<UInt8>) -> TimeStamp? {
        let base = cell.startIndex
        guard let day = day(cell[base..<(base + 8)]), let clock = Cell.integer(cell[(base + 8)...]) else { return nil }
        let seconds = cell.count == 14 ? clock % 100 : 0
        let minutes = cell.count == 14 ? clock / 100 : clock
        guard minutes / 100 < 24, minutes % 100 < 60, seconds < 60 else { return nil }
        return TimeStamp(day: day, time: .seconds(Int64(minutes / 100 * 3_600 + minutes % 100 * 60 + seconds)))
    }

    private static func epoch(_ cell: ArraySlice<UInt8>, divisor: Int64) -> TimeStamp? {
        guard (9...13).contains(cell.count), let number = Int64(String(decoding: cell, as: UTF8.self)), number > 0,
            number / divisor < 7_258_118_400
        else { return nil }
        let seconds = number / divisor
        return TimeStamp(
            day: CivilDay(daysSinceEpoch: Int(seconds / 86_400)), time: .seconds(seconds % 86_400), offset: .zero)
    }

    /// Two digits are this century.
    private static func year(_ digits: ArraySlice<UInt8>, _ number: Int) -> Int? {
        switch digits.count {
        case 4: number
        case 2: 2_000 + number
        default: nil
        }
    }

    private static func civil(_ year: Int, _ month: Int, _ day: Int) -> CivilDay? {
        guard (1_900...2_200).contains(year), (1...12).contains(month),
            (1...CivilDay.length(ofMonth: month, year: year)).contains(day)
        else { return nil }
        return CivilDay(year: year, month: month, day: day)
    }
}
