import ArgumentParser

/// `curtail doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look for what is wrong with this installation, and say what to do.",
        discussion: """
            Checks programs, disk, database, schema, settings, invariants and cache. Ends with status 0 when nothing is
            wrong, 3 when something is.

            Examples:
              curtail doctor
              curtail doctor --json
            """)

    @OptionGroup var services: ServiceOptions
    @Flag(help: "Leave the invariants out, which read every table.") var quick = false
    @Flag(help: "Print one JSON array.") var json = false

    func run() async throws {
        let findings = await Diagnosis(
            services: services.resolved(defaultState: ServiceOptions.servedState), isQuick: quick
        ).run()
        if json {
            print(try JSONOutput.text(findings))
        } else {
            for finding in findings {
                print(
                    "\(finding.verdict == .ok ? "ok  " : finding.verdict == .warning ? "warn" : "FAIL")  \(finding.check): \(finding.detail)"
                )
                if let hint = finding.hint { print("      \(hint)") }
            }
        }
        guard findings.contains(where: { $0.verdict == .failure }) else { return }
        throw CommandFailure(
            "Something is wrong with this installation.", hint: "see what is marked as a failure", status: .notReady)
    }
}
