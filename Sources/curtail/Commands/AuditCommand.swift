import ArgumentParser
import Measures
import Persistence

/// `curtail audit`: who did what.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Show who did what to which row, the latest first.",
        discussion: """
            The trail is append-only: the database refuses to change or delete an entry.

            Examples:
              curtail audit --subject meter/7
              curtail audit --actor ann@acme.example --action meter. --json
            """)

    @OptionGroup var services: ServiceOptions
    @Option(help: ArgumentHelp("Only what this one did.", valueName: "name")) var actor: String?
    @Option(help: ArgumentHelp("Only this action, or those that begin so, such as 'meter.'.", valueName: "action"))
    var action: String?
    @Option(help: ArgumentHelp("Only what was done to this, such as meter/7.", valueName: "row")) var subject: String?
    @Option(help: ArgumentHelp("At most this many (1 to 500).", valueName: "count")) var limit = 50
    @Option(help: ArgumentHelp("Go on after this entry, as the list before said.", valueName: "entry"))
    var after: String?
    @Flag(help: "Print JSON: items, and where the next page begins.") var json = false

    private struct Line: Encodable {
        let id: Int64
        let at: String
        let actor: String
        let action: String
        let subject: String
        let detail: String
    }

    private struct Output: Encodable {
        let items: [Line]
        let next: String?
    }

    func validate() throws {
        guard (1...PageRequest.largest).contains(limit) else {
            throw ValidationError("--limit takes 1 to \(PageRequest.largest), not \(limit).")
        }
    }

    func run() async throws {
        let page = try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) {
            try await AuditStore($0.pool).entries(
                AuditStore.Filter(actor: actor.map { Actor($0) }, action: action, subject: subject),
                page: PageRequest(after: after.map { PageCursor($0) }, limit: limit))
        }
        let lines = page.items.map { entry in
            Line(
                id: entry.id, at: entry.at.description, actor: entry.actor.name, action: entry.action,
                subject: entry.subject, detail: entry.detail)
        }
        guard !json else { return print(try JSONOutput.text(Output(items: lines, next: page.next?.text))) }
        guard !lines.isEmpty else { return print("Nothing of that kind was done yet.") }
        var table = TextTable(["at", "actor", "action", "subject", "detail"], leftColumns: [0, 1, 2, 3, 4])
        for line in lines { table.add([line.at, line.actor, line.action, line.subject, line.detail]) }
        print(table.rendered())
        if let next = page.next { print("more: --after \(next.text)") }
    }
}
