import Accounts
import DemandResponse
import HTTPTypes
import Hummingbird
import Measures
import Persistence

/// Oneself, people and organizations.
enum PeopleAPI {
    private static let profile: [Shape.Field] = [
        .init(name: "name", shape: .text(0...120), about: "As you write it."),
        .init(name: "notifyEvents", shape: .boolean, about: "Whether you want mail about events."),
    ]

    private static let decision: [Shape.Field] = [
        .init(name: "approval", shape: .word(["approved", "refused", "suspended"]), about: "What is decided.")
    ]

    private static let waiting = Operation.Parameter(
        name: "waiting", shape: .boolean, about: "true: only those that somebody has to decide about.")

    static let routes: [Route] = [
        .api(.get, "/me", .signedIn, "Who the token stands for", Operation(tag: "People", answer: .one("Person"))) {
            visit in
            let viewer = try visit.viewer
            guard let me = try await visit.portal.members.member(viewer.account, seenBy: viewer) else {
                throw Problem.notFound
            }
            return try visit.json(Resources.person.json(me), version: "\(me.identity.version)")
        },
        .api(
            .patch, "/me", .signedIn, "Change name and wishes",
            Operation(tag: "People", body: profile, answer: .one("Person"), isVersioned: true), update),
        .api(
            .get, "/users", .signedIn, "People whom you may see",
            Operation(tag: "People", query: Operation.paging + [waiting], answer: .list("Person"))
        ) { visit in
            try visit.checkQuery(Operation.paging + [waiting])
            let part = try await visit.portal.members.members(
                waiting: visit.query.text("waiting") == "true", seenBy: try visit.viewer,
                PartRequest(after: try visit.cursor(), limit: visit.limit))
            let next = part.hasMore ? part.rows.last.map { "\($0.identity.account.rawValue)" } : nil
            return try visit.list(Resources.person, part.rows, next: next)
        },
        .api(.get, "/users/{user}", .signedIn, "A person", Operation(tag: "People", answer: .one("Person"))) { visit in
            let found = try await person(visit)
            return try visit.json(Resources.person.json(found), version: "\(found.identity.version)")
        },
        .api(
            .post, "/users/{user}/decision", .needs(.manageMembers), "Approve, refuse or suspend a person",
            Operation(tag: "People", body: decision, answer: .one("Person")), decide),
        .api(
            .get, "/organizations", .signedIn, "Organizations that you may see",
            Operation(tag: "People", query: Operation.paging + [waiting], answer: .list("Organization"))
        ) { visit in
            try visit.checkQuery(Operation.paging + [waiting])
            let part = try await visit.portal.members.organizations(
                waiting: visit.query.text("waiting") == "true", seenBy: try visit.viewer,
                PartRequest(after: try visit.cursor(), limit: visit.limit))
            let next = part.hasMore ? part.rows.last.map { "\($0.id.rawValue)" } : nil
            return try visit.list(Resources.organization, part.rows, next: next)
        },
        .api(
            .get, "/organizations/{organization}", .signedIn, "An organization",
            Operation(tag: "People", answer: .one("Organization"))
        ) { visit in
            try visit.json(Resources.organization.json(try await organization(visit)))
        },
        .api(
            .post, "/organizations/{organization}/decision", .needs(.manageAccounts),
            "Approve, refuse or suspend an organization",
            Operation(tag: "People", body: decision, answer: .one("Organization")), decideOrganization),
    ]

    private static func person(_ visit: Visit) async throws -> MemberStore.Member {
        let account = UserID(try visit.number("user"))
        guard let found = try await visit.portal.members.member(account, seenBy: try visit.viewer) else {
            throw Problem.notFound
        }
        return found
    }

    private static func organization(_ visit: Visit) async throws -> MemberStore.Organization {
        let id = OrganizationID(try visit.number("organization"))
        guard let found = try await visit.portal.members.organization(id, seenBy: try visit.viewer) else {
            throw Problem.notFound
        }
        return found
    }

    @Sendable private static func update(_ visit: Visit) async throws -> Response {
        let viewer = try visit.viewer
        guard viewer.access == .full else { throw Problem.forbidden("This token only reads.") }
        let input = try visit.input(profile)
        guard case .boolean(let notify)? = input["notifyEvents"] else {
            throw Problem.badRequest("notifyEvents is missing.")
        }
        let saved = try await visit.portal.members.updateProfile(
            of: viewer.account, name: input["name"]?.text ?? "", notifyEvents: notify,
            version: try visit.matchedVersion(), origin: visit.origin)
        guard saved != nil, let me = try await visit.portal.members.member(viewer.account, seenBy: viewer) else {
            throw Problem.changedMeanwhile
        }
        return try visit.json(Resources.person.json(me), version: "\(me.identity.version)")
    }

    @Sendable private static func decide(_ visit: Visit) async throws -> Response {
        let input = try visit.input(decision)
        let found = try await person(visit)
        guard let approval = AccountState.Approval(rawValue: input["approval"]?.text ?? "") else {
            throw Problem.badRequest("Approve, refuse or suspend.")
        }
        let mail = try visit.portal.mail(
            "decided", to: found.identity.email, "Your account is \(approval.rawValue)",
            ["name": found.identity.name, "decision": approval.rawValue])
        guard
            try await visit.portal.members.decide(
                found.identity.account, approval, mail: mail, by: try visit.viewer, origin: visit.origin)
        else { throw Problem.forbidden("Nobody decides about the own account.") }
        return try visit.json(Resources.person.json(try await person(visit)))
    }

    @Sendable private static func decideOrganization(_ visit: Visit) async throws -> Response {
        let input = try visit.input(decision)
        guard let approval = AccountState.Approval(rawValue: input["approval"]?.text ?? "") else {
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
        return try visit.json(Resources.organization.json(try await organization(visit)))
    }
}
