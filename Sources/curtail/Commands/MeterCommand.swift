import ArgumentParser
import DemandResponse
import MariaDB
import Measures
import MeterData
import Persistence

/// `curtail meter`: meters and whom they belong to.
struct MeterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "meter",
        abstract: "Create, list, rename, map and delete meters.",
        discussion: """
            Every meter belongs to the distributor, and to whom it is mapped beside: organizations, and at most one
            residential user, who has at most this one.

            Examples:
              curtail meter create M-1 --zone Europe/Berlin --step 15m
              curtail meter map M-1 --org "Acme Ltd"
              curtail meter list --unassigned
            """,
        subcommands: [
            MeterListCommand.self, MeterCreateCommand.self, MeterRenameCommand.self, MeterMapCommand.self,
            MeterUnmapCommand.self, MeterDeleteCommand.self,
        ])
}

struct MeterListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List meters by name.")

    @OptionGroup var services: ServiceOptions
    @OptionGroup var list: ListOptions
    @Option(help: ArgumentHelp("Only meters of this organization.", valueName: "name")) var org: String?
    @Option(help: ArgumentHelp("Only the meter of this residential user.", valueName: "e-mail")) var user: String?
    @Flag(help: "Only meters that nobody but the distributor has.") var unassigned = false

    private struct Line: Encodable {
        let id: Int64
        let name: String
        let zone: String
        let stepSeconds: Int64
        let unit: String
        let organizations: [Int64]
        let resident: Int64?
    }

    func validate() throws {
        guard [org != nil, user != nil, unassigned].count(where: { $0 }) <= 1 else {
            throw ValidationError("Give one of --org, --user and --unassigned.")
        }
    }

    func run() async throws {
        let page = try await OperatorDatabase.with(
            services.resolved(defaultState: ServiceOptions.servedState)
        ) { database in
            let owner: MeterStore.Owner =
                if let org {
                    .organization(try await Lookup.organization(org, database.pool))
                } else if let user {
                    .user(try await Lookup.user(user, database.pool).id)
                } else {
                    unassigned ? .nobody : .anyone
                }
            return try await MeterStore(database.pool).meters(of: owner, matching: list.matching, page: list.page)
        }
        try list.show(
            page, header: ["name", "zone", "step", "organizations", "resident"],
            empty: "There is no such meter. Create one with 'curtail meter create'.",
            line: {
                let meter = $0.meter.description
                return Line(
                    id: $0.meter.id.rawValue, name: meter.name, zone: meter.zone, stepSeconds: meter.step.seconds,
                    unit: meter.unit.rawValue, organizations: $0.organizations.map(\.rawValue),
                    resident: $0.resident?.rawValue)
            },
            row: {
                [
                    $0.name, $0.zone, SpanArgument(.seconds($0.stepSeconds)).description,
                    $0.organizations.isEmpty ? "-" : $0.organizations.map { "\($0)" }.joined(separator: " "),
                    $0.resident.map { "\($0)" } ?? "-",
                ]
            })
    }
}

struct MeterCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "create", abstract: "Create a meter.")

    @OptionGroup var services: ServiceOptions
    @Argument(help: "Its name, as people and files call it.") var name: String
    @Option(help: ArgumentHelp("The time zone of the place, such as Europe/Berlin.", valueName: "zone"))
    var zone: String
    @Option(help: ArgumentHelp("The length of a metering interval.", valueName: "span"))
    var step = SpanArgument(.minutes(15))
    @Option(help: ArgumentHelp("Degrees north.", valueName: "degrees")) var latitude: Double?
    @Option(help: ArgumentHelp("Degrees east.", valueName: "degrees")) var longitude: Double?
    @OptionGroup var output: ChangeOptions

    func validate() throws {
        try Names.check(name, 64, "The name")
        guard (1...86_400).contains(step.span.seconds) else { throw ValidationError("--step takes 1s to 1d.") }
        guard (latitude == nil) == (longitude == nil) else {
            throw ValidationError("Give both --latitude and --longitude, or neither.")
        }
        if let latitude, let longitude {
            guard (-90...90).contains(latitude), (-180...180).contains(longitude) else {
                throw ValidationError("--latitude takes -90 to 90 and --longitude -180 to 180.")
            }
        }
    }

    func run() async throws {
        _ = try ZoneRules(database: zone)
        let place: MeterDescription.Place? =
            if let latitude, let longitude { .init(latitude: latitude, longitude: longitude) } else { nil }
        let id = try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) {
            try await MeterStore($0.pool).create(
                MeterDescription(name: name, zone: zone, step: step.span, place: place), by: Lookup.operatorActor)
        }
        try output.say("\(name) is meter \(id.rawValue).", ["id": "\(id.rawValue)", "name": name])
    }
}

struct MeterRenameCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "rename", abstract: "Give a meter another name.")

    @OptionGroup var services: ServiceOptions
    @Argument(help: "Its name until now.") var name: String
    @Argument(help: "Its name from now on.") var newName: String
    @OptionGroup var output: ChangeOptions

    func validate() throws { try Names.check(newName, 64, "The new name") }

    func run() async throws {
        try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) { database in
            let meter = try await Lookup.meter(name, database.pool)
            try await MeterStore(database.pool).rename(meter.id, to: newName, by: Lookup.operatorActor)
        }
        try output.say("\(name) is now called \(newName).", ["name": newName])
    }
}

/// Whom a meter is mapped to.
struct OwnerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("An organization.", valueName: "name")) var org: String?
    @Option(help: ArgumentHelp("A residential user.", valueName: "e-mail")) var user: String?

    func validate() throws {
        guard (org == nil) != (user == nil) else { throw ValidationError("Give one of --org and --user.") }
    }

    enum Owner {
        case organization(OrganizationID)
        case user(UserID)
    }

    func find(_ pool: MariaDBPool) async throws -> Owner {
        if let org { return .organization(try await Lookup.organization(org, pool)) }
        return .user(try await Lookup.user(user ?? "", pool).id)
    }

    /// As people call it.
    var name: String { org ?? user ?? "" }
}

struct MeterMapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "map", abstract: "Map a meter to an organization or to a residential user.")

    @OptionGroup var services: ServiceOptions
    @Argument(help: "The meter's name.") var name: String
    @OptionGroup var owner: OwnerOptions
    @OptionGroup var output: ChangeOptions

    func run() async throws {
        try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) { database in
            let meter = try await Lookup.meter(name, database.pool)
            let meters = MeterStore(database.pool)
            switch try await owner.find(database.pool) {
            case .organization(let id): try await meters.map(meter.id, to: id, by: Lookup.operatorActor)
            case .user(let id): try await meters.map(meter.id, to: id, by: Lookup.operatorActor)
            }
        }
        try output.say("\(name) belongs to \(owner.name).", ["meter": name, "owner": owner.name])
    }
}

struct MeterUnmapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unmap", abstract: "Take a meter from an organization or a residential user.")

    @OptionGroup var services: ServiceOptions
    @Argument(help: "The meter's name.") var name: String
    @OptionGroup var owner: OwnerOptions
    @OptionGroup var output: ChangeOptions

    func run() async throws {
        try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) { database in
            let meter = try await Lookup.meter(name, database.pool)
            let meters = MeterStore(database.pool)
            switch try await owner.find(database.pool) {
            case .organization(let id): try await meters.unmap(meter.id, from: id, by: Lookup.operatorActor)
            case .user(let id): try await meters.unmap(meter.id, from: id, by: Lookup.operatorActor)
            }
        }
        try output.say("\(name) no longer belongs to \(owner.name).", ["meter": name, "owner": owner.name])
    }
}

struct MeterDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete a meter that has no readings.")

    @OptionGroup var services: ServiceOptions
    @Argument(help: "The meter's name.") var name: String
    @OptionGroup var output: ChangeOptions

    func run() async throws {
        try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) { database in
            let meter = try await Lookup.meter(name, database.pool)
            try await MeterStore(database.pool).delete(meter.id, by: Lookup.operatorActor)
        }
        try output.say("\(name) is deleted.", ["name": name])
    }
}
