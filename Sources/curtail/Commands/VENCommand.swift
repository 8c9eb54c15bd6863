import ArgumentParser
import Foundation

/// `curtail ven`: a customer's side.
struct VENCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ven", abstract: "Run a customer's side (VEN); set how VENs speak, and see what they said.",
        discussion: """
            A VEN registers with its VTN, answers its events, has the loads follow them and reports what the meters show.

              curtail ven run      runs it
              curtail ven status   shows what it knows and draws what its loads do
              curtail ven opt      has people decide about an event, or about a time
              curtail ven config   explains its settings and where each comes from
              curtail ven doctor   looks for what is wrong
              curtail ven simulate runs a fleet of them, to test a VTN

            At the VTN:
              curtail ven set        how a VEN has to speak: signatures
              curtail ven reregister asks a VEN to register again
              curtail ven cancel     ends a VEN's registration
              curtail ven log        every message in and out
            """,
        subcommands: [
            VENRunCommand.self, VENStatusCommand.self, VENOptCommand.self, VENConfigCommand.self,
            VENDoctorCommand.self, VENSimulateCommand.self, VENSetCommand.self, VENReregisterCommand.self,
            VENCancelCommand.self, VENLogCommand.self,
        ])
}

/// `curtail ven run`: one VEN until Ctrl-C.
struct VENRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run one VEN until Ctrl-C.",
        discussion: """
            Registers with the VTN, polls, answers events, sheds what they ask for as far as its load can, and reports
            what its meter shows. What it must not forget is in its state folder: killed at any moment it goes on where
            it was, and acts on no event twice. Flags count more than the environment (CURTAIL_VEN_...), that more than
            the file.

            Examples:
              curtail ven run --config plant-7/ven.yaml
              curtail ven run --bundle plant-7 --load 50000 --share 0.4
              curtail ven run --bundle plant-7 --opt out --url https://vtn.example.com:8443
            """)

    @OptionGroup var options: VENOptions

    @Option(help: "Log lines for machines or for people; people read on a terminal.")
    var logFormat = LogFormat.standard

    @Option(
        help: ArgumentHelp("The folder that holds Schemas (environment: CURTAIL_ROOT).", valueName: "folder"))
    var root: String?

    func run() async throws {
        let run = VENRun(
            settings: try options.resolved(), schemas: Schemas.folder(root: root), logFormat: logFormat)
        do {
            try await Interruption.cancelling { try await run.run() }
        } catch is CancellationError {
            // Asked to stop is how a VEN ends.
        }
    }
}

/// `curtail ven config`: what the settings are, and why.
struct VENConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Show a VEN's settings, and where each of them comes from.",
        discussion: """
            Checks the settings on the way: a wrong value is named with its line. Each setting can stand in the file, in
            the environment (the variable is shown by --json), or after --set.

            Examples:
              curtail ven config --config plant-7/ven.yaml
              CURTAIL_VEN_POLL=30s curtail ven config --bundle plant-7 --set vtn.verify=both --json
            """)

    @OptionGroup var options: VENOptions

    @Flag(help: "Print one JSON array.")
    var json = false

    private struct Line: Encodable {
        let path: String
        let value: String?
        let source: String?
        let variable: String
        let summary: String
    }

    func run() throws {
        let (settings, folder) = try options.layered()
        let lines = settings.keys.map { key in
            Line(
                path: key.path, value: settings[key.path]?.text, source: settings[key.path]?.source.description,
                variable: key.variable(prefix: VENSettings.prefix), summary: key.summary)
        }
        if json {
            print(try JSONOutput.text(lines))
        } else {
            var table = TextTable(["setting", "value", "from", "what it is"], leftColumns: [0, 1, 2, 3])
            for line in lines { table.add([line.path, line.value ?? "-", line.source ?? "-", line.summary]) }
            print(table.rendered())
        }
        _ = try VENSettings(settings, folder: folder)
    }
}

/// The schemas that every program of ours needs.
enum Schemas {
    /// Below the folder that a flag names, else the environment, else where the program was started.
    static func folder(root: String?) -> String {
        let root = root ?? ProcessInfo.processInfo.environment["CURTAIL_ROOT"].flatMap { $0.isEmpty ? nil : $0 } ?? "."
        return "\(root)/Schemas"
    }
}
