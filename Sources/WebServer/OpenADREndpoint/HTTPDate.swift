import Measures
import Synchronization

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7).
enum HTTPDate {
    private static let latest = Mutex<(instant: Instant, text: String)?>(nil)

    /// Made once for each second: thousands of answers share it.
    static func text(_ instant: Instant) -> String {
        latest.withLock { latest in
            if let latest, latest.instant == instant { return latest.text }
            let text = make(instant)
            latest = (instant, text)
            return text
        }
    }

    private static func make(_ instant: Instant) -> String {
        let midnight = instant.floored(to: .days(1))
        let day = CivilDay(daysSinceEpoch: Int(midnight.secondsSinceEpoch / 86_400))
        let (year, month, number) = day.components
        let seconds = Int((instant - midnight).seconds)
        let time = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map(padded).joined(separator: ":")
        return "\(weekdays[day.weekday - 1]), \(padded(number)) \(months[month - 1]) \(year) \(time) GMT"
    }

    private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
