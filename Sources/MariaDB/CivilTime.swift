internal import CMariaDB

/// UTC date and time for DATETIME columns, proleptic Gregorian.
enum CivilTime {
    /// The range of DATETIME that the server documents: years 1000 to 9999.
    static let range: ClosedRange<Int64> = -30_610_224_000...253_402_300_799

    static func encode(_ secondsSinceEpoch: Int64) throws(MariaDBError) -> MYSQL_TIME {
        guard range.contains(secondsSinceEpoch) else {
            throw .unexpectedData("A timestamp is outside the years 1000 to 9999.")
        }
        let day = floorDivision(secondsSinceEpoch, 86_400)
        let second = UInt32(secondsSinceEpoch - day * 86_400)
        let date = date(ofDay: day)
        var time = MYSQL_TIME()
        time.year = date.year
        time.month = date.month
        time.day = date.day
        time.hour = second / 3600
        time.minute = second / 60 % 60
        time.second = second % 60
        time.time_type = MYSQL_TIMESTAMP_DATETIME
        return time
    }

    static func decode(_ time: MYSQL_TIME) throws(MariaDBError) -> Int64 {
        // Zero dates ("0000-00-00") exist only in databases that were not written under a strict sql_mode.
        guard (1...12).contains(time.month), (1...31).contains(time.day) else {
            throw .unexpectedData("A DATETIME is a zero date.")
        }
        let day = dayNumber(year: Int64(time.year), month: Int64(time.month), day: Int64(time.day))
        return day * 86_400 + Int64(time.hour) * 3600 + Int64(time.minute) * 60 + Int64(time.second)
    }

    /// Days since 1970-01-01. Years run from March to February here, so that the leap day is the last one.
    private static func dayNumber(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = floorDivision(year, 400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func date(ofDay day: Int64) -> (year: UInt32, month: UInt32, day: UInt32) {
        let shifted = day + 719_468
        let era = floorDivision(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (UInt32(year), UInt32(month), UInt32(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1))
    }

    private static func floorDivision(_ dividend: Int64, _ divisor: Int64) -> Int64 {
        let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
