import Foundation
import Testing

/// The commands around organizations, meters and their data, on a private server, as an operator uses them.
@Suite struct DataCommandTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    /// The JSON that a command prints; it has to succeed.
    @discardableResult
    private func json(_ arguments: [String]) async throws -> Any {
        let outcome = try await Program.run(
            arguments + ["--json", "--state-directory", folder.state], in: folder)
        #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
        return try JSONSerialization.jsonObject(with: Data(outcome.output.utf8), options: .fragmentsAllowed)
    }

    private func field(_ object: Any, _ name: String) -> Int? { (object as? [String: Any])?[name] as? Int }

    @Test func `a file goes in, is shown, cleaned, backed up, proven, and taken back`() async throws {
        var text = "Zeit;Zähler A (kWh);Zähler B (kWh)\n"
        for quarter in 0..<96 {
            let minutes = quarter % 4 * 15
            let value = quarter == 50 ? "900,5" : "1,\(quarter % 7)"
            text += "01.07.2026 \(quarter / 4):\(minutes == 0 ? "00" : "\(minutes)");\(value);2,5\n"
        }
        text += "02.07.2026 00:00;x;2,5\n"
        let file = try folder.write(text, to: "data/load.csv") + "/load.csv"
        try await json(["org", "create", "Grid", "--distributor"])
        let report = try await json(["data", "import", file, "--create-meters", "Europe/Berlin"])
        #expect(field(report, "values") == 193 && field(report, "refused") == 1 && field(report, "meters") == 2)
        #expect(field(try await json(["data", "import", file, "--create-meters", "Europe/Berlin"]), "batch") == 1)
        let days = try await json(["data", "show", "Zähler B", "--at", "1d"]) as? [[String: Any]]
        #expect(days?.map { $0["wattHours"] as? Double } == [240_000, 2_500])
        let asked = ["data", "show", "Zähler B", "--at", "1d", "--repeat", "3", "--state-directory", folder.state]
        #expect(try await Program.run(asked, in: folder).lines("answer ").count == 3)
        let cleaning = try await json(["data", "clean", "Zähler A", "--reason", "check"])
        #expect(field(cleaning, "cleaning") == 1)

        let backup = "\(folder.path)/backup"
        try await json(["backup", backup])
        let proof = try await json(["restore", backup, "--verify"])
        #expect(field(proof, "breaches") == 0 && (field(proof, "rows") ?? 0) > 193)
        let refused = try await Program.run(["restore", backup, "--state-directory", folder.state], in: folder)
        #expect(refused.status == 5 && refused.lines("error: ").first?.contains("not empty") == true)

        try await json(["data", "undo", "1"])
        let gone = try await json(["data", "show", "Zähler B", "--at", "1d"]) as? [Any]
        #expect(gone?.isEmpty == true)
        let audit = try await json(["audit", "--action", "data."]) as? [String: Any]
        let actions = (audit?["items"] as? [[String: Any]])?.compactMap { $0["action"] as? String }
        #expect(actions == ["data.undo", "data.clean", "data.import"])

        let findings = try await json(["doctor"]) as? [[String: Any]]
        #expect(findings?.contains { $0["verdict"] as? String == "failure" } == false, "\(findings ?? [])")

        // A byte of the dump changes: the backup is refused.
        let dump = "\(backup)/database.sql"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: dump))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(fileURLWithPath: dump))
        let damaged = try await Program.run(
            ["restore", backup, "--verify", "--state-directory", folder.state], in: folder)
        #expect(damaged.status == 5 && damaged.lines("error: ").first?.contains("damaged") == true)
        #expect(processes(in: folder.path) == [])
    }

    @Test func `what cannot be done is said in one sentence with a hint`() async throws {
        let file = try folder.write("colour,shape\nred,round\n", to: "data/bad.csv") + "/bad.csv"
        let cases: [([String], Int32, String)] = [
            (["data", "preview", file], 1, "not recognised"),
            (["data", "preview", "\(folder.path)/nowhere.csv"], 4, "does not exist"),
            (["meter", "create", "m", "--zone", "Mars/Base"], 1, "is not known"),
            (["restore", folder.path, "--verify"], 4, "no backup"),
            (["data", "show"], 2, "Name a meter"),
            (["data", "show", "m", "--repeat", "0"], 2, "--repeat takes"),
            (["org", "list", "--limit", "0"], 2, "--limit takes"),
        ]
        for (arguments, status, sentence) in cases {
            let place = arguments.contains("preview") ? [] : ["--state-directory", folder.state]
            let outcome = try await Program.run(arguments + place, in: folder)
            #expect(outcome.status == status, "\(arguments): \(outcome.errors)")
            #expect(outcome.lines("error: ").count == 1 && outcome.lines("hint: ").count == 1, "\(outcome.errors)")
            #expect(outcome.errors.contains(sentence), "\(outcome.errors)")
        }
    }
}
