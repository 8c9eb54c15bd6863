import Accounts
import Hummingbird
import Measures
import OpenADR
import Persistence
import VirtualTopNode

/// VENs, programmes, the audit trail and the health of the system.
enum PortfolioPages {
    static let routes: [Route] = [
        .page(.get, "/vens", .needs(.seePortfolio), "List of VENs", vens),
        .page(.get, "/vens/{ven}", .needs(.seePortfolio), "A VEN with its certificate and what waits for it", ven),
        .page(.post, "/vens/{ven}/reregister", .needs(.manageEvents), "Ask a VEN to register again", reregister),
        .page(.post, "/vens/{ven}/test", .needs(.manageEvents), "Call a VEN for a test event", WirePages.test),
        .page(.get, "/programs", .needs(.seeOwn), "List of programmes") { visit in
            let part = try await visit.portal.portfolio.programs(PartRequest(limit: 200))
            let rows = part.rows.map { program in
                [
                    "id": program.id, "name": program.name, "context": program.marketContext,
                    "versions": program.versions.joined(separator: ", "), "currency": program.currency ?? "-",
                ] as PageData
            }
            return try visit.portal.page("programs", "Programmes", visit, ["rows": rows, "isEmpty": rows.isEmpty])
        },
        .page(.get, "/audit", .needs(.seeOwn), "Who did what", audit),
        .page(.get, "/system", .needs(.seeSystem), "Health of the system", SystemPage.show),
    ]

    @Sendable private static func vens(_ visit: Visit) async throws -> Response {
        let part = try await visit.portal.portfolio.vens(
            seenBy: try visit.viewer, PartRequest(after: visit.query.optional("after")))
        var data: PageData = ["rows": part.rows.map { line($0, visit.now) }, "isEmpty": part.rows.isEmpty]
        if part.hasMore, let last = part.rows.last { data["more"] = Links.encode(last.id) }
        return try visit.portal.page("vens", "VENs", visit, data)
    }

    private static func line(_ ven: PortfolioQueries.VEN, _ now: Instant) -> PageData {
        // Three polls without a sign of life are more than a lost message.
        let isSilent = ven.lastSeen.map { (now - $0).seconds > max(Int64(ven.pollSeconds) * 3, 900) } ?? true
        return [
            "id": ven.id, "link": Links.encode(ven.id), "name": ven.name, "registration": ven.registration,
            "isRegistered": ven.registration == "registered", "transport": ven.transport ?? "-",
            "poll": ven.pollSeconds, "seen": Written.time(ven.lastSeen), "ago": Written.ago(ven.lastSeen, now: now),
            "isSilent": isSilent, "meters": ven.meters.joined(separator: ", "), "waiting": ven.waiting,
        ]
    }

    static func find(_ visit: Visit) async throws -> PortfolioQueries.VEN {
        let id = try visit.parameter("ven")
        let part = try await visit.portal.portfolio.vens(id, seenBy: try visit.viewer, PartRequest(limit: 1))
        guard let ven = part.rows.first else { throw Problem.notFound }
        return ven
    }

    @Sendable private static func ven(_ visit: Visit) async throws -> Response {
        let ven = try await find(visit)
        var data = line(ven, visit.now)
        data["registrationID"] = ven.registrationID ?? "none"
        if let digest = CertificateDigest(bytes: ven.certificate) {
            data["fingerprint"] = digest.fingerprint
            data["sha256"] = digest.hexadecimal
        }
        data["mayAsk"] = try visit.viewer.may(.manageEvents) && ven.registration == "registered"
        let reports = try await visit.portal.records.reports(
            of: ven.id, seenBy: try visit.viewer, after: nil, limit: 50)
        data["reports"] = reports.rows.map { report in
            [
                "id": report.id, "name": report.name ?? report.specifier, "state": report.state,
                "granularity": Written.span(report.granularity), "back": Written.span(report.reportBack),
            ] as PageData
        }
        data["hasReports"] = !reports.rows.isEmpty
        let messages = try await PayloadLogStore(visit.portal.parts.pool).entries(
            .init(venID: VENID(ven.id)), limit: 20)
        data["messages"] = messages.reversed().map(WirePages.line)
        data["hasMessages"] = !messages.isEmpty
        data["command"] = "curtail cert issue \(ven.id) --renew"
        return try visit.portal.page("ven", ven.name, visit, data)
    }

    @Sendable private static func reregister(_ visit: Visit) async throws -> Response {
        let ven = try await find(visit)
        do {
            try await visit.portal.parts.topNode.requestReregistration(of: VENID(ven.id), now: visit.now)
        } catch OperatorError.notRegistered {
            throw Problem.conflict("The VEN is not registered.")
        }
        try await visit.portal.portfolio.note("ven.reregister", on: "VEN \(ven.id)", origin: visit.origin)
        return .redirect(to: "/vens/\(Links.encode(ven.id))?done=report")
    }

    @Sendable private static func audit(_ visit: Visit) async throws -> Response {
        let subject = visit.query.optional("subject")
        let part = try await visit.portal.portfolio.audit(
            subject: subject, seenBy: try visit.viewer, PartRequest(after: Int64(visit.query.text("after"))))
        var data: PageData = [
            "isEmpty": part.rows.isEmpty, "subject": subject ?? "",
            "rows": part.rows.map { line in
                [
                    "at": Written.time(line.occurredAt), "actor": line.actor, "action": line.action,
                    "subject": line.subject, "detail": line.detail, "address": line.address, "before": line.before,
                    "after": line.after, "hasStates": !line.before.isEmpty || !line.after.isEmpty,
                ] as PageData
            },
        ]
        if part.hasMore, let last = part.rows.last { data["more"] = last.id }
        return try visit.portal.page("audit", "Audit", visit, data)
    }
}
