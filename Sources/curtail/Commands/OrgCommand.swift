import ArgumentParser
import DemandResponse
import Measures
import Persistence

/// `curtail org`: companies with meters.
struct OrgCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "org",
        abstract: "Create, list, rename and delete organizations.",
        discussion: """
            Works on the database of a running 'curtail serve', or on the one that --database-url names. Every change
            stands in 'curtail audit'.

            Examples:
              curtail org create "Acme Ltd"
              curtail org create Grid --distributor     the one that runs the grid; needed before the first meter
              curtail org list --matching acme --json
            """,
        subcommands: [
            OrgListCommand.self, OrgCreateCommand.self, OrgRenameCommand.self, OrgDeleteCommand.self,
        ])
}

struct OrgListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List organizations by name.")

    @OptionGroup var services: ServiceOptions
    @OptionGroup var list: ListOptions

    private struct Line: Encodable {
        let id: Int64
        let name: String
        let users: Int
        let created: String
    }

    func run() async throws {
        let page = try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) {
            try await AccountStore($0.pool).organizations(matching: list.matching, page: list.page)
        }
        try list.show(
            page, header: ["name", "users", "created", "id"],
            empty: "There is no organization. Create one with 'curtail org create'.",
            line: { Line(id: $0.id.rawValue, name: $0.name, users: $0.members, created: $0.createdAt.description) },
            row: { [$0.name, "\($0.users)", $0.created, "\($0.id)"] })
    }
}

struct OrgCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Create an organization, or the distributor.")

    @OptionGroup var services: ServiceOptions

    @Argument(help: "Its name, as people write it.")
    var name: String

    @Flag(help: "Make it the distributor, who runs the grid and has every meter. There is one.")
    var distributor = false

    @OptionGroup var output: ChangeOptions

    func validate() throws { try Names.check(name, 190, "The name") }

    func run() async throws {
        let id = try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) {
            let accounts = AccountStore($0.pool)
            return distributor
                ? try await accounts.establishDistributor(named: name, by: Lookup.operatorActor)
                : try await accounts.createOrganization(named: name, by: Lookup.operatorActor)
        }
        try output.say("\(name) is organization \(id.rawValue).", ["id": "\(id.rawValue)", "name": name])
    }
}

struct OrgRenameCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rename", abstract: "Give an organization another name.")

    @OptionGroup var services: ServiceOptions
    @Argument(help: "Its name until now.") var name: String
    @Argument(help: "Its name from now on.") var newName: String
    @OptionGroup var output: ChangeOptions

    func validate() throws { try Names.check(newName, 190, "The new name") }

    func run() async throws {
        try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) { database in
            let id = try await Lookup.organization(name, database.pool)
            try await AccountStore(database.pool).rename(id, to: newName, by: Lookup.operatorActor)
        }
        try output.say("\(name) is now called \(newName).", ["name": newName])
    }
}

struct OrgDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete an organization that has no users.",
        discussion: "Its mappings go too; the meters and their readings stay with the distributor.")

    @OptionGroup var services: ServiceOptions
    @Argument(help: "Its name.") var name: String
    @OptionGroup var output: ChangeOptions

    func run() async throws {
        try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) { database in
            let id = try await Lookup.organization(name, database.pool)
            try await AccountStore(database.pool).delete(id, by: Lookup.operatorActor)
        }
        try output.say("\(name) is deleted.", ["name": name])
    }
}
