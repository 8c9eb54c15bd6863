import ArgumentParser
import Foundation
import Measures
import OpenADR

/// `curtail ven`: a customer's side.
struct VENCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ven", abstract: "Run a customer's side (VEN).", subcommands: [VENRunCommand.self])
}

/// `curtail ven run`: one VEN with a simulated load.
struct VENRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run one VEN with a simulated load until Ctrl-C.",
        discussion: """
            Registers with the VTN of its bundle, polls, answers events, sheds what they ask for as far as its load can,
            and reports what its meter shows. The clock is the machine's.

            Examples:
              curtail ven run --bundle plant-7
              curtail ven run --bundle plant-7 --load 50000 --share 0.4
              curtail ven run --bundle plant-7 --opt out --url https://vtn.example.com:8443
            """)

    @Option(help: ArgumentHelp("The folder that 'curtail cert issue' wrote.", valueName: "folder"))
    var bundle: String

    @Option(help: ArgumentHelp("Where the VTN is, instead of what the bundle says.", valueName: "url"))
    var url: String?

    @Option(help: ArgumentHelp("What the load draws without an event.", valueName: "watts"))
    var load = 10_000.0

    @Option(help: ArgumentHelp("The part of the load that can be shed (0 to 1).", valueName: "share"))
    var share = 0.5

    @Option(help: "What the VEN says to every event: in or out.")
    var opt = OptArgument.in

    @Option(help: "Log lines for machines or for people; people read on a terminal.")
    var logFormat = LogFormat.standard

    @Option(
        help: ArgumentHelp("The folder that holds Schemas (environment: CURTAIL_ROOT).", valueName: "folder"))
    var root: String?

    enum OptArgument: String, ExpressibleByArgument, CaseIterable {
        case `in`
        case out
    }

    func validate() throws {
        guard load.isFinite, (0...1e9).contains(load) else {
            throw ValidationError("--load takes 0 to 1000000000 watts.")
        }
        guard share.isFinite, (0...1).contains(share) else { throw ValidationError("--share takes 0 to 1.") }
        if let url, VTNEndpoint(url) == nil {
            throw ValidationError("--url takes a URL like https://vtn.example.com:8443, not '\(url)'.")
        }
    }

    func run() async throws {
        let root = root ?? ProcessInfo.processInfo.environment["CURTAIL_ROOT"] ?? "."
        let run = VENRun(
            options: VENRun.Options(
                bundle: bundle, url: url, schemas: "\(root)/Schemas", load: Watts(load), share: share,
                opt: opt == .in ? .optIn : .optOut, logFormat: logFormat))
        do {
            try await Interruption.cancelling { try await run.run() }
        } catch is CancellationError {
            // Asked to stop is how a VEN ends.
        }
    }
}
