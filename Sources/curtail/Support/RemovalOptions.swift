import ArgumentParser
import MariaDB

/// What is taken out, by its name.
struct RemovalOptions: ParsableArguments {
    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("Its name.", valueName: "name"))
    var name: String

    @Flag(help: "Print one JSON object.")
    var json = false

    private struct Output: Encodable {
        let removed: String
    }

    /// - Parameters:
    ///   - kind: what it is, in one word.
    ///   - list: the command that shows what there is.
    ///   - done: what is said of it then.
    ///   - remove: false where there is none of this name.
    func perform(
        _ kind: String, list: String, done: String, _ remove: (MariaDBPool, String) async throws -> Bool
    ) async throws {
        let isGone = try await OperatorDatabase.with(
            services.resolved(defaultState: ServiceOptions.servedState)
        ) { try await remove($0.pool, name) }
        guard isGone else {
            throw CommandFailure("There is no \(kind) '\(name)'.", hint: "see '\(list)'", status: .notFound)
        }
        print(json ? try JSONOutput.text(Output(removed: name)) : "\(name) \(done).")
    }
}
