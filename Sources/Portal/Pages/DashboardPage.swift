import Accounts
import Hummingbird
import Measures
import Persistence
import VirtualTopNode

/// The first page after the login: six tiles.
enum DashboardPage {
    static let routes: [Route] = [
        .page(.get, "/dashboard", .needs(.seeOwn), "Six tiles: events, use, meters, rewards, performance, tasks", show)
    ]

    @Sendable private static func show(_ visit: Visit) async throws -> Response {
        let viewer = try visit.viewer
        let portal = visit.portal
        let events = try await portal.events.events(seenBy: viewer, PartRequest(limit: 6))
        let meters = try await portal.meters.count(seenBy: viewer)
        let latest = try await portal.meters.latestReading(seenBy: viewer)
        let year = visit.now - .days(365)
        let earned = try await portal.rewards.total(since: year, seenBy: viewer)
        let month = try await portal.rewards.total(since: visit.now - .days(30), seenBy: viewer)
        let performance = try await portal.rewards.performance(since: year, seenBy: viewer)
        var data: PageData = [
            "greeting": visit.identity.map { $0.name.isEmpty ? "Hello" : "Hello, \($0.name)" } ?? "Hello",
            "meters": meters, "hasMeters": meters > 0, "latest": Written.time(latest),
            "latestAgo": Written.ago(latest, now: visit.now),
            "events": events.rows.map { EventPages.line($0, visit.now) },
            "hasEvents": !events.rows.isEmpty, "mayCall": viewer.may(.manageEvents),
            "earned": earned.map { Written.money($0) }, "month": month.map { Written.money($0) },
            "hasEarned": !earned.isEmpty, "isPortfolio": viewer.may(.seePortfolio),
            "tasks": try await tasks(viewer, meters: meters, latest: latest, visit),
        ]
        if let next = events.rows.last(where: { $0.record.cancelledAt == nil && $0.record.terms.start > visit.now }) {
            data["next"] = EventPages.line(next, visit.now)
        }
        // What is over is the same for everyone who looks today; what counts is the last day that has readings.
        if let latest {
            let dayEnd = latest.floored(to: .days(1))
            let today = try await portal.meters.total(in: TimeWindow(start: dayEnd, duration: .days(1)), seenBy: viewer)
            let before = try await portal.meters.total(
                in: TimeWindow(start: dayEnd - .days(1), duration: .days(1)), seenBy: viewer)
            data["today"] = Written.energy(today)
            data["yesterday"] = Written.energy(before)
            data["useDay"] = String(dayEnd.description.prefix(10))
        }
        if performance.called > 0 {
            let share = 100 * Double(performance.optedIn) / Double(performance.called)
            data["performance"] = [
                "share": Written.number(share, 0), "optedIn": performance.optedIn, "called": performance.called,
                "shed": Written.energy(performance.shed),
            ]
        }
        return try portal.page("dashboard", "Dashboard", visit, data)
    }

    /// What waits for the viewer.
    private static func tasks(
        _ viewer: Viewer, meters: Int, latest: Instant?, _ visit: Visit
    ) async throws -> [PageData] {
        var tasks: [PageData] = []
        if viewer.may(.manageMembers) {
            let waiting = try await visit.portal.members.members(waiting: true, seenBy: viewer, PartRequest(limit: 200))
                .rows.count
            if waiting > 0 {
                tasks.append([
                    "text": "\(waiting) \(waiting == 1 ? "person waits" : "people wait") for approval",
                    "path": "/organization",
                ])
            }
        }
        if viewer.may(.manageAccounts) {
            let waiting = try await visit.portal.members.organizations(waiting: true, seenBy: viewer).rows.count
            if waiting > 0 {
                tasks.append([
                    "text": "\(waiting) \(waiting == 1 ? "organization waits" : "organizations wait") for approval",
                    "path": "/admin",
                ])
            }
        }
        if meters > 0, latest.map({ visit.now - $0 > .days(1) }) ?? true {
            tasks.append(["text": "No reading of your meters is from today", "path": "/meters"])
        }
        if meters == 0, !viewer.may(.manageMeters) {
            tasks.append(["text": "No meter is assigned to you yet: ask the distributor", "path": "/meters"])
        }
        if let account = visit.identity?.account,
            try await visit.portal.logins.credentials(of: account)?.totpSecret == nil
        {
            tasks.append(["text": "Protect your account with a second factor", "path": "/account"])
        }
        return tasks
    }
}
