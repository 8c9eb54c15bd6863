import Hummingbird
import Measures
import Persistence

/// What the people who run the system look at first.
enum SystemPage {
    @Sendable static func show(_ visit: Visit) async throws -> Response {
        let counts = try await visit.portal.health.counts(now: visit.now)
        let checks: [PageData] = [
            check("Database", counts.version, isGood: true),
            check(
                "Latest reading", Written.ago(counts.latestReading, now: visit.now),
                isGood: counts.latestReading.map { visit.now - $0 < .days(1) } ?? false),
            check("Mail that waits", "\(counts.waitingMails)", isGood: counts.waitingMails < 100),
            check("Mail that was given up", "\(counts.failedMails)", isGood: counts.failedMails == 0),
            check("Messages that wait for VENs", "\(counts.waitingMessages)", isGood: true),
            check(
                "Registered VENs", "\(counts.registeredVENs) of \(counts.vens)",
                isGood: counts.vens == counts.registeredVENs),
        ]
        let sizes: [PageData] = [
            ["name": "Organizations", "count": counts.organizations], ["name": "People", "count": counts.users],
            ["name": "Meters", "count": counts.meters], ["name": "Events", "count": counts.events],
            ["name": "Bookings in the ledger", "count": counts.bookings],
            ["name": "Lines of the audit trail", "count": counts.auditLines],
        ]
        return try visit.portal.page(
            "system", "System", visit, ["checks": checks, "sizes": sizes, "at": Written.time(visit.now)])
    }

    private static func check(_ name: String, _ value: String, isGood: Bool) -> PageData {
        ["name": name, "value": value, "isGood": isGood]
    }
}
