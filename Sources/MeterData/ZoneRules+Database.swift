import Foundation
public import Measures

extension ZoneRules {
    /// The clock of a place from 1990 to 2060, taken from the machine's time zone database.
    ///
    /// - Parameter identifier: a name of the IANA database, such as `America/New_York`.
    public init(database identifier: String) throws(MeterDataError) {
        // Foundation also answers to abbreviations ("PST") and offsets ("GMT+3"), which say nothing about summer time.
        let isPlace =
            identifier.contains("/") && identifier.allSatisfy { $0.isLetter || $0.isNumber || "/_+-".contains($0) }
        guard identifier == "UTC" || isPlace, let zone = TimeZone(identifier: identifier) else {
            throw .unknownZone(identifier)
        }
        let first = Instant(year: 1990, month: 1, day: 1)
        let last = Instant(year: 2060, month: 1, day: 1)
        var transitions: [Transition] = []
        var now = first.date
        while let next = zone.nextDaylightSavingTimeTransition(after: now), next > now, next < last.date {
            let at = Instant(secondsSinceEpoch: Int64(next.timeIntervalSince1970.rounded()))
            transitions.append(Transition(at: at, offset: .seconds(Int64(zone.secondsFromGMT(for: next)))))
            now = next
        }
        self.init(
            identifier: identifier, initialOffset: .seconds(Int64(zone.secondsFromGMT(for: first.date))),
            transitions: transitions)
    }

    /// A clock that is never set: UTC plus `offset`, named such as `UTC-08:00`.
    init(fixedOffset offset: TimeSpan) {
        let minutes = Int(offset.seconds.magnitude / 60)
        let hours = minutes / 60 < 10 ? "0\(minutes / 60)" : "\(minutes / 60)"
        let rest = minutes % 60 < 10 ? "0\(minutes % 60)" : "\(minutes % 60)"
        let name = "UTC\(offset < .zero ? "-" : "+")\(hours):\(rest)"
        self.init(identifier: offset == .zero ? "UTC" : name, initialOffset: offset, transitions: [])
    }
}

extension Instant {
    fileprivate var date: Date { Date(timeIntervalSince1970: Double(secondsSinceEpoch)) }
}
