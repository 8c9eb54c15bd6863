import Accounts
import ArgumentParser
import DemandResponse
import Measures
import Persistence

/// `curtail user`: people.
struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Create, list, approve, move and delete users.",
        discussion: """
            A user without an organization is a residential customer: approved at once, with at most one meter. The first
            user of an organization is its admin.

            Examples:
              curtail user login eve@grid.example --distributor "Grid Co"
              curtail user create ann@acme.example --org "Acme Ltd"
              curtail user list --approval pending
              curtail user approve ann@acme.example
            """,
        subcommands: [
            UserListCommand.self, UserLoginCommand.self, UserCreateCommand.self, UserApproveCommand.self,
            UserRefuseCommand.self,
            UserMoveCommand.self, UserAdminCommand.self, UserDeleteCommand.self,
        ])
}

struct UserListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List users by e-mail.")

    enum Approval: String, ExpressibleByArgument, CaseIterable {
        case pending, approved, refused
    }

    @OptionGroup var services: ServiceOptions
    @OptionGroup var list: ListOptions

    @Option(help: ArgumentHelp("Only users of this organization.", valueName: "name"))
    var org: String?

    @Flag(help: "Only users without an organization.")
    var residential = false

    @Option(help: "Only users that are so.")
    var approval: Approval?

    private struct Line: Encodable {
        let id: Int64
        let email: String
        let organization: Int64?
        let isAdmin: Bool
        let approval: String
        let created: String
    }

    func validate() throws {
        guard org == nil || !residential else { throw ValidationError("Give one of --org and --residential.") }
    }

    func run() async throws {
        let page = try await OperatorDatabase.with(
            services.resolved(defaultState: ServiceOptions.servedState)
        ) { database in
            let scope: AccountStore.UserScope =
                if let org {
                    .organization(try await Lookup.organization(org, database.pool))
                } else {
                    residential ? .residential : .everyone
                }
            return try await AccountStore(database.pool).users(
                scope, approval: approval.flatMap { UserAccount.Approval(rawValue: $0.rawValue) },
                matching: list.matching, page: list.page)
        }
        try list.show(
            page, header: ["e-mail", "organization", "role", "approval", "created"],
            empty: "There is no such user. Create one with 'curtail user create'.",
            line: {
                Line(
                    id: $0.id.rawValue, email: $0.email, organization: $0.organization?.rawValue, isAdmin: $0.isAdmin,
                    approval: $0.approval.rawValue, created: $0.createdAt.description)
            },
            row: {
                [
                    $0.email, $0.organization.map { "\($0)" } ?? "-",
                    $0.organization == nil ? "resident" : $0.isAdmin ? "admin" : "member", $0.approval, $0.created,
                ]
            })
    }
}

struct UserCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "create", abstract: "Create a user.")

    @OptionGroup var services: ServiceOptions
    @Argument(help: "The e-mail.") var email: String
    @Option(help: ArgumentHelp("The organization; without it, a residential customer.", valueName: "name"))
    var org: String?
    @OptionGroup var output: ChangeOptions

    func validate() throws {
        try Names.check(email, 190, "The e-mail")
        guard email.dropFirst().dropLast().contains("@") else { throw ValidationError("'\(email)' is no e-mail.") }
    }

    func run() async throws {
        let user = try await OperatorDatabase.with(
            services.resolved(defaultState: ServiceOptions.servedState)
        ) { database in
            var organization: OrganizationID?
            if let org { organization = try await Lookup.organization(org, database.pool) }
            return try await AccountStore(database.pool).createUser(
                email: email, organization: organization, by: Lookup.operatorActor)
        }
        let role = user.organization == nil ? "resident" : user.isAdmin ? "admin" : "member"
        try output.say(
            "\(user.email) is user \(user.id.rawValue): \(role), \(user.approval.rawValue).",
            [
                "id": "\(user.id.rawValue)", "email": user.email, "role": role, "approval": user.approval.rawValue,
            ])
    }
}

/// The e-mail of a user that is changed.
struct UserArgument: ParsableArguments {
    @OptionGroup var services: ServiceOptions
    @Argument(help: "The user's e-mail.") var email: String
    @OptionGroup var output: ChangeOptions

    func change(
        _ sentence: String, _ work: @Sendable (AccountStore, UserID, OperatorDatabase) async throws -> Void
    ) async throws {
        try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) { database in
            let user = try await Lookup.user(email, database.pool)
            try await work(AccountStore(database.pool), user.id, database)
        }
        try output.say("\(email) \(sentence).", ["email": email, "done": sentence])
    }
}

struct UserApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "approve", abstract: "Let a user in.")
    @OptionGroup var user: UserArgument

    func run() async throws {
        try await user.change("is approved") { accounts, id, _ in
            try await accounts.approve(id, .approved, by: Lookup.operatorActor)
        }
    }
}

struct UserRefuseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "refuse", abstract: "Do not let a user in.")
    @OptionGroup var user: UserArgument

    func run() async throws {
        try await user.change("is refused") { accounts, id, _ in
            try await accounts.approve(id, .refused, by: Lookup.operatorActor)
        }
    }
}

struct UserMoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move", abstract: "Move a user to another organization, or out of one.")
    @OptionGroup var user: UserArgument
    @Option(help: ArgumentHelp("The organization; without it, none.", valueName: "name")) var org: String?

    func run() async throws {
        let org = org
        try await user.change(org.map { "belongs to \($0)" } ?? "is a residential customer") { accounts, id, database in
            var organization: OrganizationID?
            if let org { organization = try await Lookup.organization(org, database.pool) }
            try await accounts.move(id, to: organization, by: Lookup.operatorActor)
        }
    }
}

struct UserAdminCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin", abstract: "Let a user manage its organization, or no longer.")
    @OptionGroup var user: UserArgument
    @Flag(help: "No longer.") var revoke = false

    func run() async throws {
        let revoke = revoke
        try await user.change(revoke ? "is no admin" : "is admin") { accounts, id, _ in
            try await accounts.setAdmin(id, !revoke, by: Lookup.operatorActor)
        }
    }
}

struct UserDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete a user, its login, sessions and mappings.")
    @OptionGroup var user: UserArgument

    func run() async throws {
        try await user.change("is deleted") { accounts, id, _ in
            try await accounts.delete(id, by: Lookup.operatorActor)
        }
    }
}
