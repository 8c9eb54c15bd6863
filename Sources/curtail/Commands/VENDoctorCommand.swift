import ArgumentParser
import Foundation

/// `curtail ven doctor`: why a VEN does not work.
struct VENDoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look for what keeps a VEN from working, and say it in plain words.",
        discussion: """
            Looks at the certificate and its key, the way to the VTN, the TLS versions and suites, the VTN's fingerprint, the
            clock and the registration. Changes nothing. The exit status is 0 when nothing is wrong, and 5 otherwise.

            Examples:
              curtail ven doctor --config plant-7/ven.yaml
              curtail ven doctor --bundle plant-7 --json
            """)

    @OptionGroup var options: VENOptions

    @Option(
        help: ArgumentHelp("The folder that holds Schemas (environment: CURTAIL_ROOT).", valueName: "folder"))
    var root: String?

    @Flag(help: "Print one JSON array.")
    var json = false

    func run() async throws {
        let doctor = VENDoctor(settings: try options.resolved(), schemas: Schemas.folder(root: root))
        let findings = try await doctor.examine()
        if json {
            print(try JSONOutput.text(findings))
        } else {
            for finding in findings {
                let sign = finding.verdict == .fine ? "fine   " : finding.verdict == .warning ? "look   " : "WRONG  "
                let name = finding.check + String(repeating: " ", count: max(0, 13 - finding.check.count))
                print("\(sign)\(name)\(finding.says)")
            }
        }
        let wrong = findings.filter { $0.verdict == .wrong }
        guard wrong.isEmpty else {
            throw CommandFailure(
                "\(wrong.count == 1 ? "One thing is" : "\(wrong.count) things are") wrong: "
                    + wrong.map(\.check).joined(separator: ", ") + ".",
                hint: "see what is said about it above", status: .refused)
        }
    }
}
