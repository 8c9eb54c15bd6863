import ArgumentParser
import Glibc

/// The program: one binary, a sub-command for each job.
@main
struct Curtail: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "curtail",
        abstract: "An OpenADR 2.0b demand-response platform: VTN, VEN, forecasts, dispatch, settlement.",
        discussion: """
            Start here:
              curtail demo     calls one event for real, on simulated or on your own load data
              curtail serve    runs the utility's side (VTN)
              curtail cert     admits a VEN and writes the bundle it needs
              curtail ven      runs a customer's side (VEN)
              curtail event    calls, changes, lists and cancels events
              curtail report   asks VENs for what they measure
              curtail forecast forecasts loads and measures how good that is
              curtail programme  publishes terms, enrols meters, reports
              curtail dispatch decides whom to call, and says why
              curtail site     plans one site's battery and loads
              curtail settle   counts events, books rewards, proves both
              curtail rewards  lists bookings and balances

            Data and operation:
              curtail org, user, meter    who takes part, and what is metered
              curtail data                imports, shows and exports meter values
              curtail audit               who did what
              curtail backup, restore     copies the database, and proves the copy
              curtail migrate, doctor     the schema, and what is wrong with an installation

            Exit statuses: 0 done, 1 failure, 2 wrong usage, 3 not ready, 4 not found, 5 refused.
            """,
        version: "0.1.0",
        subcommands: [
            DemoCommand.self, ServeCommand.self, VENCommand.self, CertCommand.self, EventCommand.self,
            ReportCommand.self, DispatchCommand.self, SiteCommand.self, ForecastCommand.self, ProgrammeCommand.self,
            SettleCommand.self, RewardsCommand.self, OrgCommand.self, UserCommand.self, MeterCommand.self,
            DataCommand.self, AuditCommand.self, MigrateCommand.self, BackupCommand.self, RestoreCommand.self,
            DoctorCommand.self,
        ])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            leave(0)
        } catch is CancellationError {
            // The shell's convention for a program that Ctrl-C ended.
            leave(130)
        } catch {
            if let failure = CommandFailure(explaining: error) {
                complain(failure.message, hint: failure.hint, status: failure.status.rawValue)
            }
            switch exitCode(for: error) {
            case .success:
                exit(withError: error)
            case .validationFailure:
                complain(
                    message(for: error), hint: "'\(helpCommand)' lists what there is.",
                    status: CommandFailure.Status.usage.rawValue)
            case let code:
                complain("\(error)", hint: "report this as a defect", status: code.rawValue)
            }
        }
    }

    /// One sentence, one hint, and out.
    private static func complain(_ sentence: String, hint: String, status: Int32) -> Never {
        let line = sentence.split(separator: "\n").joined(separator: " ")
        LogSink.errorStream.write("error: \(line)\nhint: \(hint)\n")
        leave(status)
    }

    /// Ends the program without the clean-up of its libraries: that of libcrypto frees what the threads of connections, which
    /// nobody waits for, may be freeing too ("double free or corruption", seen once after an import).
    private static func leave(_ status: Int32) -> Never {
        fflush(nil)
        _exit(status)
    }

    /// What shows the flags of the sub-command that was called.
    private static var helpCommand: String {
        let names = configuration.subcommands.compactMap { $0.configuration.commandName }
        let called = CommandLine.arguments.dropFirst().first.flatMap { names.contains($0) ? $0 : nil }
        return (["curtail"] + [called].compactMap { $0 } + ["--help"]).joined(separator: " ")
    }
}
