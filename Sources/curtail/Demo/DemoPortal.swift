import Accounts
import DemandResponse
import Foundation
import LocalServices
import Measures
import PasswordHashing
import Persistence
import Portal
import ServiceLifecycle
import SiteSimulation

/// What a demo that goes on shows: the portal, with a login for each kind of user.
struct DemoPortal: Sendable {
    let stage: DemoStage
    let roster: DemoRoster

    private static let distributor = "Curtail Grid"

    /// A login as it is printed.
    struct Login: Sendable {
        let role: String
        let email: String
        let password: String
        /// What this person has.
        let about: String
    }

    /// Serves until it is cancelled.
    func run() async throws {
        try PortProbe.check(host: "127.0.0.1", port: stage.options.webPort, option: "--web-port")
        let options = try PortalOptions(
            host: "127.0.0.1", port: stage.options.webPort, url: nil, mailSender: "curtail@localhost.localdomain")
        let portal = try await PortalRun.make(
            options, services: stage.options.services, pool: stage.runtime.pool,
            readings: SeriesStore(stage.runtime.pool), topNode: stage.topNode, time: stage.clock, logger: stage.logger)
        let logins = try await makeLogins(portal)
        let console = stage.console
        let server = PortalServer.application(
            portal.portal, host: options.host, port: options.port, logger: stage.logger,
            onRunning: { _ in Self.say(logins, portal.address.url, console) })
        let group = ServiceGroup(
            configuration: .init(services: [portal.mail, portal.jobs, server], logger: stage.logger))
        try await group.run()
        await portal.hasher.close()
    }

    private static func say(_ logins: [Login], _ url: String, _ console: Console) {
        console.remark("the portal: \(url)")
        for login in logins {
            console.remark("log in as \(login.role): \(login.email) \(login.password) (\(login.about))")
        }
    }

    // MARK: People

    private func makeLogins(_ portal: PortalRun) async throws -> [Login] {
        var logins: [Login] = []
        let staff: [(name: String, role: Role)] = [
            ("admin", .distributorAdmin), ("operator", .utilityOperator), ("analyst", .analyst),
        ]
        for person in staff {
            let email = "\(person.name)@demo-\(roster.run).example"
            logins.append(
                try await login(
                    email, person.role.title, about: Self.distributor, portal,
                    place: .distributor(Self.distributor), isAdmin: person.role == .distributorAdmin,
                    isOperator: person.role == .utilityOperator))
        }
        for (index, member) in roster.members.enumerated() {
            let email = "site-\(index + 1)@demo-\(roster.run).example"
            let isHome = member.site.traits.kind == .home
            let role: Role = isHome ? .resident : .organizationAdmin
            guard !logins.contains(where: { $0.role == role.title }) else { continue }
            // Sites of an organization share the login of its first one.
            guard try await AccountStore(stage.runtime.pool).user(email: email) != nil else { continue }
            logins.append(
                try await login(
                    email, role.title, about: member.site.name, portal, place: .home, isAdmin: nil, isOperator: false))
        }
        return logins
    }

    /// A new password in every run.
    private func login(
        _ email: String, _ role: String, about: String, _ portal: PortalRun, place: StaffStore.Place, isAdmin: Bool?,
        isOperator: Bool
    ) async throws -> Login {
        let password = "demo-\(SecretToken(random: SystemBytes.random).text.prefix(10))"
        guard let address = EmailAddress(email) else {
            throw CommandFailure("The address \(email) is none.", hint: "report this as a defect")
        }
        let hash = try await portal.hasher.hash(password)
        try await StaffStore(stage.runtime.pool).establish(
            address, name: "", place: place, isAdmin: isAdmin, isOperator: isOperator, passwordHash: hash,
            origin: Origin(actor: "curtail demo", address: "", now: stage.clock.now()))
        return Login(role: role, email: email, password: password, about: about)
    }
}
