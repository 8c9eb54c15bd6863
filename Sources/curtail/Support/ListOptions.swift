import ArgumentParser
import Persistence

/// What every list takes.
struct ListOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Only what contains this text.", valueName: "text"))
    var matching: String?

    @Option(help: ArgumentHelp("At most this many (1 to 500).", valueName: "count"))
    var limit = 50

    @Option(help: ArgumentHelp("Go on after this entry, as the list before said.", valueName: "entry"))
    var after: String?

    @Flag(help: "Print JSON: items, and where the next page begins.")
    var json = false

    func validate() throws {
        guard (1...PageRequest.largest).contains(limit) else {
            throw ValidationError("--limit takes 1 to \(PageRequest.largest), not \(limit).")
        }
    }

    var page: PageRequest { PageRequest(after: after.map { PageCursor($0) }, limit: limit) }

    /// Prints a page: as JSON, or as a table with a line that tells how to go on.
    func show<Element, Line: Encodable>(
        _ page: Page<Element>, header: [String], empty: String, line: (Element) -> Line, row: (Line) -> [String]
    ) throws {
        let lines = page.items.map(line)
        guard !json else {
            return print(try JSONOutput.text(ListOutput(items: lines, next: page.next?.text)))
        }
        guard !lines.isEmpty else { return print(empty) }
        var table = TextTable(header, leftColumns: Set(header.indices))
        for line in lines { table.add(row(line)) }
        print(table.rendered())
        if let next = page.next { print("more: --after '\(next.text)'") }
    }
}

private struct ListOutput<Line: Encodable>: Encodable {
    let items: [Line]
    let next: String?
}
