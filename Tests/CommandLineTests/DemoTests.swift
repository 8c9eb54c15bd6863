import Foundation
import Testing

/// The main job as people call it, small and quick.
@Suite struct DemoTests {
    private static let small = ["demo", "--sites", "3", "--days", "21", "--speed", "600", "--seed", "5", "--json"]
    /// An event of more than an hour: it is still running whenever the signal comes, however busy the machine is.
    private static let long = ["demo", "--sites", "3", "--days", "21", "--speed", "1", "--seed", "5", "--json"]

    /// How the line begins that ends the step before the event.
    private static let registered = "registering VENs over mutual TLS: "

    /// What `--json` promises.
    private struct Report: Decodable {
        struct Site: Decodable {
            let name: String
            let forecast: Double
            let baseline: Double?
            let actual: Double?
            let shed: Double
            let opt: String
            let reward: Double
            let called: Bool
        }
        struct Total: Decodable {
            let shed: Double
            let target: Double
            let reward: Double
        }
        struct Checks: Decodable {
            let clientCertificates: Int
            let shedByReadings: Double
            let ledgerBalance: Int
            let ledgerEntries: Int
        }

        let seed: Int
        let sites: [Site]
        let total: Total
        let checks: Checks
    }

    @Test func `two runs on one state directory give the same numbers, and the numbers agree`() async throws {
        let folder = try TestFolder()
        let command = Self.small + ["--state-directory", folder.state]
        let first = try await Program.run(command, in: folder)
        #expect(first.status == 0, "\(first.errors)")
        #expect(processes(in: folder.path) == [])
        let second = try await Program.run(command, in: folder)
        #expect(second.status == 0, "\(second.errors)")
        #expect(first.output == second.output)
        #expect(first.lines("error").isEmpty, "\(first.errors)")
        #expect(first.errors.split(separator: "\n").count { $0.hasPrefix("[ ") && $0.contains("/9] ") } == 9)
        try check(first.output)
        // What the demo booked is settled like any other event: whoever doubts it counts again.
        let replayed = try await Program.run(
            ["settle", "replay", "demo-2", "--json", "--state-directory", folder.state], in: folder)
        #expect(replayed.status == 0 && replayed.output.contains("\"event\" : \"demo-2\""), "\(replayed)")
        #expect(processes(in: folder.path) == [])
    }

    private func check(_ output: String) throws {
        let report = try JSONDecoder().decode(Report.self, from: Data(output.utf8))
        #expect(report.seed == 5 && report.sites.count == 3)
        #expect(Set(report.sites.map(\.name)).count == 3)
        #expect(report.checks.clientCertificates == 3)
        let called = report.sites.filter(\.called)
        let shedding = called.filter { $0.opt == "optIn" }
        #expect(!shedding.isEmpty && report.total.shed > 0 && report.total.target > 0)
        #expect(report.checks.ledgerBalance == 0 && report.checks.ledgerEntries == called.count)

        // Every sum is of numbers that were rounded to a watt-hour or a cent.
        let sum = report.sites.map(\.shed).reduce(0, +)
        #expect(abs(report.total.shed - sum) < 0.0015)
        #expect(abs(report.total.shed - report.checks.shedByReadings) < 0.002 * Double(report.sites.count))
        #expect(abs(report.total.reward - report.sites.map(\.reward).reduce(0, +)) < 0.006)
        for site in report.sites {
            #expect(site.forecast.isFinite && site.baseline != nil && site.actual != nil)
            if site.opt == "optIn", let baseline = site.baseline, let actual = site.actual {
                #expect(abs(site.shed - (baseline - actual)) < 0.005, "\(site.name)")
            } else {
                #expect(site.shed == 0 && site.reward == 0)
            }
        }
    }

    @Test(arguments: [
        ("starting MariaDB and Redis: ", SIGINT), (registered, SIGINT), (registered, SIGTERM), (registered, SIGKILL),
    ])
    func `a signal in the middle leaves no process behind`(after step: String, signal: Int32) async throws {
        let folder = try TestFolder()
        let program = try Program.start(Self.long + ["--state-directory", folder.state], in: folder)
        #expect(try await eventually(within: .seconds(100)) { program.errors.contains(step) }, "\(program.errors)")
        #expect(processes(in: folder.state).contains { $0 == "mariadbd" })
        program.send(signal)
        let outcome = try await program.end(within: .seconds(20))
        #expect(outcome.status == (signal == SIGKILL ? -SIGKILL : 130))
        #expect(outcome.output == "" && outcome.lines("error").isEmpty, "\(outcome.errors)")
        // Servers that were stopped in order are gone by now; those of a killed program need a moment.
        let limit: Duration = signal == SIGKILL ? .seconds(10) : .zero
        #expect(
            try await eventually(within: limit) { processes(in: folder.path).isEmpty }, "\(processes(in: folder.path))")
    }
}
