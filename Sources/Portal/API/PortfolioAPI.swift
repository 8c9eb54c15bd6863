import Accounts
import HTTPTypes
import Hummingbird
import Persistence

/// VENs, programmes, rewards and the audit trail.
enum PortfolioAPI {
    private static let ofEvent = Operation.Parameter(
        name: "event", shape: .text(1...128), about: "Only those of this event.")
    private static let ofSubject = Operation.Parameter(
        name: "subject", shape: .text(1...190), about: "Only what was done to this, such as 'event demo-1'.")

    static let routes: [Route] = [
        .api(
            .get, "/vens", .needs(.seeOwn), "VENs that you may see",
            Operation(tag: "VENs", query: Operation.paging, answer: .list("VEN"))
        ) { visit in
            try visit.checkQuery(Operation.paging)
            let part = try await visit.portal.portfolio.vens(
                seenBy: try visit.viewer, PartRequest(after: try visit.textCursor(), limit: visit.limit))
            return try visit.list(Resources.ven, part.rows, next: part.hasMore ? part.rows.last?.id : nil)
        },
        .api(.get, "/vens/{ven}", .needs(.seeOwn), "A VEN", Operation(tag: "VENs", answer: .one("VEN"))) { visit in
            try visit.json(Resources.ven.json(try await PortfolioPages.find(visit)))
        },
        .api(
            .get, "/programs", .needs(.seeOwn), "Programmes",
            Operation(tag: "Programmes", query: Operation.paging, answer: .list("Program"))
        ) { visit in
            try visit.checkQuery(Operation.paging)
            let part = try await visit.portal.portfolio.programs(
                PartRequest(after: try visit.cursor(), limit: visit.limit))
            return try visit.list(
                Resources.program, part.rows, next: part.hasMore ? part.rows.last.map { "\($0.id)" } : nil)
        },
        .api(
            .get, "/rewards", .needs(.seeOwn), "Your rewards, the newest first",
            Operation(tag: "Rewards", query: Operation.paging + [ofEvent], answer: .list("Reward"))
        ) { visit in
            try visit.checkQuery(Operation.paging + [ofEvent])
            let part = try await visit.portal.rewards.rewards(
                event: visit.query.optional("event"), seenBy: try visit.viewer,
                PartRequest(after: try visit.cursor(), limit: visit.limit))
            return try visit.list(
                Resources.reward, part.rows, next: part.hasMore ? part.rows.last.map { "\($0.id)" } : nil)
        },
        .api(.get, "/rewards/{reward}", .needs(.seeOwn), "A reward", Operation(tag: "Rewards", answer: .one("Reward")))
        { visit in
            let found = try await visit.portal.rewards.rewards(
                id: try visit.number("reward"), seenBy: try visit.viewer, PartRequest(limit: 1))
            guard let reward = found.rows.first else { throw Problem.notFound }
            return try visit.json(Resources.reward.json(reward))
        },
        .api(
            .get, "/audit", .needs(.seeOwn), "Who did what, the newest first",
            Operation(tag: "Audit", query: Operation.paging + [ofSubject], answer: .list("AuditLine"))
        ) { visit in
            try visit.checkQuery(Operation.paging + [ofSubject])
            let part = try await visit.portal.portfolio.audit(
                subject: visit.query.optional("subject"), seenBy: try visit.viewer,
                PartRequest(after: try visit.cursor(), limit: visit.limit))
            return try visit.list(
                Resources.auditLine, part.rows, next: part.hasMore ? part.rows.last.map { "\($0.id)" } : nil)
        },
    ]
}
