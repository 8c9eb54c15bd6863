import ArgumentParser
import Glibc
import Measures
import Synchronization

/// `curtail demo`: the main job, end to end.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Call one demand-response event for real and settle it.",
        discussion: """
            Makes certificates, sites and their readings; forecasts each meter; plans the event with a MILP; issues it
            over mutual TLS to VENs that opt, shed and report; computes baselines; pays rewards into the ledger.

            Time is accelerated: an event of an hour takes about a minute. The same seed gives the same numbers.

            Examples:
              curtail demo
              curtail demo --sites 50 --target 800 --seed 7
              curtail demo --data path/to/csv --json
              curtail demo --keep-running
            """)

    @OptionGroup var services: ServiceOptions

    @Option(help: ArgumentHelp("How many sites take part (1 to 500).", valueName: "count"))
    var sites = 25

    @Option(help: ArgumentHelp("At most this many days of history for each site (21 to 366).", valueName: "count"))
    var days = 60

    @Option(help: ArgumentHelp("Cut the sites out of the load series (CSV) in this folder.", valueName: "folder"))
    var data: String?

    @Option(help: ArgumentHelp("Decides everything that is left to chance.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp(
            "Ask for this many kilowatts; without it, for three quarters of what the sites offer.",
            valueName: "kilowatts"))
    var target: Double?

    @Option(help: ArgumentHelp("The VTN's port on loopback; 0 takes a free one.", valueName: "port"))
    var port = 0

    @Option(
        help: ArgumentHelp("Seconds of the event for each second of the wall clock (1 to 600).", valueName: "factor"))
    var speed = 60.0

    @Flag(help: "Print one JSON object in place of the table.")
    var json = false

    @Option(
        help: ArgumentHelp("The portal's port on loopback, with --keep-running; 0 takes a free one.", valueName: "port")
    )
    var webPort = 8080

    @Flag(help: "Go on after the event, until Ctrl-C, with the portal; its logins are printed.")
    var keepRunning = false

    @Flag(help: "Say nothing on the error stream but errors.")
    var quiet = false

    func validate() throws {
        guard (1...500).contains(sites) else { throw ValidationError("--sites takes 1 to 500, not \(sites).") }
        guard (21...366).contains(days) else { throw ValidationError("--days takes 21 to 366, not \(days).") }
        guard (0...65_535).contains(port) else { throw ValidationError("--port takes 0 to 65535, not \(port).") }
        guard (0...65_535).contains(webPort) else {
            throw ValidationError("--web-port takes 0 to 65535, not \(webPort).")
        }
        guard speed.isFinite, (1...600).contains(speed) else {
            throw ValidationError("--speed takes 1 to 600, not \(speed).")
        }
        if let target, !(target.isFinite && target > 0 && target < 1e9) {
            throw ValidationError("--target takes a number of kilowatts above 0.")
        }
    }
}

extension DemoCommand {
    func run() async throws {
        let isDelivered = Atomic(false)
        let run = DemoRun(
            options: DemoRun.Options(
                services: services.resolved(defaultState: "demo"), sites: sites, days: days, data: data, seed: seed,
                target: target.map(Watts.kilowatts), port: port, speed: speed, keepRunning: keepRunning,
                webPort: webPort),
            console: Console(steps: DemoRun.steps, quiet: quiet),
            deliver: { [json] report in
                print(try json ? report.json() : report.text())
                // With --keep-running the report is wanted now, also by a pipe.
                fflush(nil)
                isDelivered.store(true, ordering: .relaxed)
            })
        do {
            try await Interruption.cancelling { try await run.run() }
        } catch is CancellationError where keepRunning && isDelivered.load(ordering: .relaxed) {
            // Ctrl-C is how a demo ends that was told to go on.
        }
    }
}
