import ArgumentParser

/// What every command that changes something takes, and how it says what it did.
struct ChangeOptions: ParsableArguments {
    @Flag(help: "Print one JSON object.")
    var json = false

    func say(_ sentence: String, _ fields: [String: String]) throws {
        print(json ? try JSONOutput.text(fields) : sentence)
    }
}

/// Names that the database takes.
enum Names {
    static func check(_ name: String, _ longest: Int, _ what: String) throws {
        guard (1...longest).contains(name.count), name.allSatisfy({ !$0.isNewline && $0 != "\0" }) else {
            throw ValidationError("\(what) takes 1 to \(longest) characters in one line.")
        }
    }
}
