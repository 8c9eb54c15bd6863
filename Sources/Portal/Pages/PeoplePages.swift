import Accounts
import DemandResponse
import Hummingbird
import Measures
import MeterData
import Persistence

/// The people of an organization, and what the distributor's admin decides about all of them.
enum PeoplePages {
    static let routes: [Route] = [
        .page(.get, "/organization", .needs(.manageMembers), "People of an organization") { visit in
            try await organization(visit)
        },
        .page(.post, "/organization/invite", .needs(.manageMembers), "Invite a person", invite),
        .page(.post, "/people/{person}/decide", .needs(.manageMembers), "Approve, refuse or suspend a person", decide),
        .page(.post, "/people/{person}/role", .needs(.manageMembers), "Change a person's role", role),
        .page(.get, "/admin", .needs(.manageAccounts), "What waits for the distributor", admin),
        .page(
            .post, "/organizations/{organization}/decide", .needs(.manageAccounts),
            "Approve, refuse or suspend an organization", decideOrganization),
        .page(.post, "/admin/meters", .needs(.manageMeters), "Make a meter", makeMeter),
        .page(.post, "/meters/{meter}/assign", .needs(.manageMeters), "Say whose a meter is", assign),
    ]

    // MARK: People

    private static func organization(_ visit: Visit, errors: [String: String] = [:]) async throws -> Response {
        let viewer = try visit.viewer
        let isDistributor = viewer.role == .distributorAdmin
        let part = try await visit.portal.members.members(
            of: isDistributor && visit.query.text("all") == "yes" ? nil : viewer.organization, seenBy: viewer,
            PartRequest(after: Int64(visit.query.text("after")), limit: 100))
        let waiting = try await visit.portal.members.members(waiting: true, seenBy: viewer, PartRequest(limit: 200))
        var data: PageData = [
            "rows": part.rows.map { line($0, viewer, visit.now) },
            "waiting": waiting.rows.map { line($0, viewer, visit.now) },
            "hasWaiting": !waiting.rows.isEmpty,
            "organizationName": visit.identity?.organizationName ?? "your organization",
            "errors": errors, "isDistributor": isDistributor, "isAll": visit.query.text("all") == "yes",
            "inviteEmail": errors.isEmpty ? "" : try visit.form.text("email"),
            "inviteName": errors.isEmpty ? "" : try visit.form.text("name"),
        ]
        if part.hasMore, let last = part.rows.last { data["more"] = last.identity.account.rawValue }
        return try visit.portal.page(
            "organization", "People", visit, data, status: errors.isEmpty ? .ok : .badRequest)
    }

    private static func line(_ member: MemberStore.Member, _ viewer: Viewer, _ now: Instant) -> PageData {
        let person = member.identity
        let belongs = [Role.analyst, .utilityOperator, .distributorAdmin].contains(person.role)
        return [
            "id": person.account.rawValue, "email": person.email,
            "name": person.name.isEmpty ? person.email : person.name,
            "role": person.role.title, "organization": person.organizationName ?? "resident",
            "approval": member.approval.rawValue, "isConfirmed": member.isConfirmed,
            "since": Written.ago(member.createdAt, now: now), "isSelf": person.account == viewer.account,
            "isPending": member.approval == .pending, "isApproved": member.approval == .approved,
            "isSuspended": member.approval == .suspended || member.approval == .refused,
            "hasRole": person.organization != nil, "belongs": belongs,
            "isAdmin": person.role == .organizationAdmin || person.role == .distributorAdmin,
            "isOperator": person.role == .utilityOperator,
        ]
    }

    private static func back(_ visit: Visit) -> String {
        let form = try? visit.form
        return form.flatMap { Links.local($0.text("back")) } ?? "/organization"
    }

    @Sendable private static func decide(_ visit: Visit) async throws -> Response {
        guard let approval = AccountState.Approval(rawValue: try visit.form.text("approval")), approval != .pending
        else {
            throw Problem.badRequest("Approve, refuse or suspend.")
        }
        let account = UserID(try visit.number("person"))
        guard let member = try await visit.portal.members.member(account, seenBy: try visit.viewer) else {
            throw Problem.notFound
        }
        let mail = try visit.portal.mail(
            "decided", to: member.identity.email, "Your account is \(approval.rawValue)",
            ["name": member.identity.name, "decision": approval.rawValue])
        guard
            try await visit.portal.members.decide(
                account, approval, mail: mail, by: try visit.viewer, origin: visit.origin)
        else { throw Problem.forbidden("Nobody decides about the own account.") }
        return .redirect(to: "\(back(visit))?done=decided")
    }

    @Sendable private static func role(_ visit: Visit) async throws -> Response {
        let word = try visit.form.text("role")
        guard ["admin", "operator", "member"].contains(word) else { throw Problem.badRequest("Choose a role.") }
        let account = UserID(try visit.number("person"))
        guard try await visit.portal.members.member(account, seenBy: try visit.viewer) != nil else {
            throw Problem.notFound
        }
        guard
            try await visit.portal.members.setRole(
                account, isAdmin: word == "admin", isOperator: word == "operator", by: try visit.viewer,
                origin: visit.origin)
        else { throw Problem.forbidden("Nobody changes the own role, and residents have none.") }
        return .redirect(to: "\(back(visit))?done=role")
    }

    @Sendable private static func invite(_ visit: Visit) async throws -> Response {
        let viewer = try visit.viewer
        let form = try visit.form
        guard let email = EmailAddress(form.text("email")) else {
            return try await organization(visit, errors: ["email": "Give an address like name@example.com."])
        }
        guard let organization = viewer.organization, form.text("name").count <= 120 else {
            return try await Self.organization(visit, errors: ["name": "Use at most 120 characters."])
        }
        let token = SecretToken(random: visit.portal.parts.random)
        let mail = try visit.portal.mail(
            "invite", to: email.text, "You are invited",
            [
                "link": visit.portal.link("/invitation", token.text), "name": form.text("name"),
                "organization": visit.identity?.organizationName ?? "",
            ])
        let invited = try await visit.portal.members.invite(
            email, name: form.text("name"), to: organization, token: token.digest, mail: mail, by: viewer,
            origin: visit.origin)
        guard invited != nil else {
            return try await Self.organization(visit, errors: ["email": "This address cannot be invited."])
        }
        return .redirect(to: "/organization?done=invited")
    }

    // MARK: The distributor

    @Sendable private static func admin(_ visit: Visit) async throws -> Response {
        let viewer = try visit.viewer
        let organizations = try await visit.portal.members.organizations(
            seenBy: viewer, PartRequest(after: Int64(visit.query.text("after")), limit: 100))
        let people = try await visit.portal.members.members(waiting: true, seenBy: viewer, PartRequest(limit: 200))
        func row(_ organization: MemberStore.Organization) -> PageData {
            [
                "id": organization.id.rawValue, "name": organization.name, "approval": organization.approval.rawValue,
                "members": organization.members, "meters": organization.meters,
                "isDistributor": organization.isDistributor,
                "since": Written.ago(organization.createdAt, now: visit.now),
                "isPending": organization.approval == .pending, "isApproved": organization.approval == .approved,
                "isClosed": organization.approval == .suspended || organization.approval == .refused,
            ]
        }
        let waiting = try await visit.portal.members.organizations(waiting: true, seenBy: viewer)
        var data: PageData = [
            "organizations": organizations.rows.map(row), "waiting": waiting.rows.map(row),
            "hasWaiting": !waiting.rows.isEmpty, "people": people.rows.map { line($0, viewer, visit.now) },
            "hasPeople": !people.rows.isEmpty, "meters": try await visit.portal.meters.count(seenBy: viewer),
        ]
        if organizations.hasMore, let last = organizations.rows.last { data["more"] = last.id.rawValue }
        return try visit.portal.page("admin", "Administration", visit, data)
    }

    @Sendable private static func decideOrganization(_ visit: Visit) async throws -> Response {
        guard let approval = AccountState.Approval(rawValue: try visit.form.text("approval")), approval != .pending
        else {
            throw Problem.badRequest("Approve, refuse or suspend.")
        }
        let portal = visit.portal
        let found = try await portal.members.decide(
            OrganizationID(try visit.number("organization")), approval, by: try visit.viewer, origin: visit.origin
        ) { recipient, name in
            try? portal.mail(
                "decided", to: recipient, "Your organization is \(approval.rawValue)",
                ["name": name, "decision": approval.rawValue])
        }
        guard found else { throw Problem.notFound }
        return .redirect(to: "/admin?done=decided")
    }

    @Sendable private static func makeMeter(_ visit: Visit) async throws -> Response {
        let form = try visit.form
        let name = form.text("name")
        var fields: [String: String] = [:]
        if !(1...64).contains(name.count) { fields["name"] = "Give a name of 1 to 64 characters." }
        let zone = form.text("zone")
        if (try? ZoneRules(database: zone)) == nil { fields["zone"] = "Give a time zone such as Europe/Berlin." }
        let minutes = Int64(form.text("minutes")).flatMap { [1, 5, 10, 15, 30, 60].contains($0) ? $0 : nil }
        if minutes == nil { fields["minutes"] = "Choose 1, 5, 10, 15, 30 or 60 minutes." }
        guard let minutes, fields.isEmpty else {
            throw Problem.badRequest("The meter is not described.", fields: fields)
        }
        _ = try await visit.portal.meters.create(
            MeterDescription(name: name, zone: zone, step: .minutes(minutes)), by: try visit.viewer,
            origin: visit.origin)
        return .redirect(to: "/meters?name=\(Links.encode(name))&done=meter")
    }

    @Sendable private static func assign(_ visit: Visit) async throws -> Response {
        let form = try visit.form
        let meter = MeterID(try visit.number("meter"))
        let isAssigned = form.text("action") != "remove"
        guard
            try await visit.portal.meters.assign(
                meter, to: form.text("owner"), isAssigned: isAssigned, by: try visit.viewer, origin: visit.origin)
        else { throw Problem.badRequest("There is no such organization or resident.", fields: ["owner": "Not known."]) }
        return .redirect(to: "/meters/\(meter.rawValue)?done=assigned")
    }
}
