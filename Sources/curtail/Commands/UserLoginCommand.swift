import Accounts
import ArgumentParser
import Foundation
import Measures
import PasswordHashing
import Persistence

/// `curtail user login`: a login that works at once, such as the first one of an installation.
struct UserLoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Make a login that works at once, and print its password.",
        discussion: """
            The password is made up and printed once; its owner changes it in the portal. With CURTAIL_PASSWORD in the
            environment, that one is taken. The first person of an organization is its admin.

            Examples:
              curtail user login ann@grid.example --distributor "Grid Co"        the distributor's first admin
              curtail user login bob@grid.example --distributor "Grid Co" --role operator
              curtail user login eve@mill.example --organization "Mill Ltd" --role admin
              curtail user login joe@home.example                                a resident
            """)

    enum RoleArgument: String, ExpressibleByArgument, CaseIterable {
        case member
        case analyst
        case `operator`
        case admin
    }

    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("The person's e-mail address.", valueName: "address"))
    var email: String

    @Option(help: ArgumentHelp("The person's name.", valueName: "name"))
    var name = ""

    @Option(help: ArgumentHelp("An organization that the person belongs to.", valueName: "name"))
    var organization: String?

    @Option(
        help: ArgumentHelp("The distributor, made where there is none: the person belongs to it.", valueName: "name"))
    var distributor: String?

    @Option(help: "admin or member of an organization; admin, operator or analyst of the distributor.")
    var role: RoleArgument?

    @Flag(help: "Print one JSON object.")
    var json = false

    private struct Made: Encodable {
        let email: String
        let role: String
        let password: String?
    }

    func validate() throws {
        guard EmailAddress(email) != nil else { throw ValidationError("'\(email)' is no e-mail address.") }
        guard organization == nil || distributor == nil else {
            throw ValidationError("Give one of --organization and --distributor.")
        }
        if role != nil, organization == nil, distributor == nil {
            throw ValidationError("--role goes with --organization or --distributor.")
        }
        if let role, distributor == nil, role == .operator || role == .analyst {
            throw ValidationError("--role \(role.rawValue) goes with --distributor.")
        }
    }

    func run() async throws {
        guard let address = EmailAddress(email) else { return }
        let given = ProcessInfo.processInfo.environment["CURTAIL_PASSWORD"].flatMap { $0.isEmpty ? nil : $0 }
        if let given, let objection = PasswordRules.objection(to: given, email: email, name: name) {
            throw CommandFailure(
                "CURTAIL_PASSWORD is no good password: \(objection)", hint: "choose another one", status: .refused)
        }
        let password = given ?? SecretToken(random: SystemBytes.random).text.prefix(20).description
        let hasher = try PortalRun.makeHasher()
        let hash = try await hasher.hash(password)
        await hasher.close()
        let place: StaffStore.Place =
            if let distributor { .distributor(distributor) } else if let organization {
                .organization(organization)
            } else { .home }
        let person = try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) {
            database in
            try await StaffStore(database.pool).create(
                address, name: name, place: place, isAdmin: role.map { $0 == .admin }, isOperator: role == .operator,
                passwordHash: hash, origin: Origin(actor: "curtail user login", address: "", now: SystemTime().now()))
        }
        guard let person else {
            throw CommandFailure(
                "There is an account with the address \(address.text) already, or another distributor.",
                hint: "choose another address, or the distributor's own name", status: .refused)
        }
        let made = Made(email: person.email, role: person.role.rawValue, password: given == nil ? password : nil)
        guard !json else { return print(try JSONOutput.text(made)) }
        print("\(made.email) can log in as \(person.role.title.lowercased())")
        if let password = made.password { print("  password  \(password)") }
    }
}
