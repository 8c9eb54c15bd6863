import Foundation
import Testing

/// `curtail dispatch` and `curtail site` on files: no database is started.
@Suite struct DispatchCommandTests {
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
        _ = try folder.write(Self.portfolio, to: "portfolio.json")
        _ = try folder.write(Self.site, to: "site.json")
        _ = try folder.write(Self.request, to: "request.json")
    }

    private static let portfolio: String = {
        let sites = (0..<20).map { place in
            """
            {"name": "site-\(place)", "feeder": "north", "capacity": \(5 + place % 7), "relativeError": 0.1,
             "optIn": 0.9, "energyPrice": \(0.1 + Double(place) / 50), "callCost": 1, "rebound": [1],
             "class": "\(place == 3 ? "critical" : "nonCritical")"}
            """
        }
        return """
            {"start": "2026-07-16T17:00:00Z", "step": 900, "target": [null, 40, 40, null],
             "feeders": [{"name": "north", "shedLimit": 100}], "resources": [\(sites.joined(separator: ","))]}
            """
    }()

    private static let site = """
        {"start": "2026-07-16T00:00:00Z", "stepMinutes": 60, "base": [1, 1, 2, 3], "solar": [0, 2, 2, 0],
         "importPrice": [0.2, 0.2, 0.2, 0.5], "exportPrice": 0.05, "gridPower": 10,
         "battery": {"capacity": 5, "floor": 0.5, "start": 1, "chargePower": 3, "dischargePower": 3},
         "energyLoads": [{"name": "vehicle", "windows": [[0, 4]], "energy": 3, "mostPower": 3}],
         "outageRisk": {"hazard": 0.5, "lostLoadValue": 5, "holdingCost": 0.2, "hours": 2},
         "zones": [{"name": "critical", "share": 0.5, "lostLoadValue": 50}, {"name": "rest", "share": 0.5, "lostLoadValue": 2}],
         "actual": {"base": [1, 1.5, 2, 3], "solar": [0, 1, 2.5, 0]}}
        """

    private static let request = """
        {"time_series": {"dt": [3600, 3600], "ft": [0, 0], "gt": [500, 500], "p_N": [2e-4, 4e-4], "p_E": [0, 0]},
         "batteries": [{"s_max": 2000, "s_initial": 0, "c_max": 1000, "d_max": 1000, "charge_from_grid": true}]}
        """

    private func run(_ arguments: [String]) async throws -> Program.Outcome {
        try await Program.run(arguments, in: folder)
    }

    private func path(_ name: String) -> String { "\(folder.path)/\(name)" }

    private func object(_ outcome: Program.Outcome) throws -> [String: Any] {
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    }

    @Test func `a portfolio is planned, drawn, kept, explained and made again bit for bit`() async throws {
        let planned = try object(
            await run([
                "dispatch", "plan", path("portfolio.json"), "--out", path("plan.json"), "--svg", path("plan.svg"),
                "--json",
            ]))
        let plan = try #require(planned["plan"] as? [String: Any])
        let calls = try #require(plan["calls"] as? [[String: Any]])
        #expect(!calls.isEmpty)
        #expect(try #require(plan["bound"] as? Double) <= #require(plan["cost"] as? Double))
        #expect(plan["status"] as? String == "withinGap")
        #expect((planned["inputs"] as? String)?.count == 64 && (planned["solver"] as? String)?.contains("CBC") == true)
        #expect(folder.text("plan.svg").contains("<title id=\"plot-title\">"))

        let explained = try object(await run(["dispatch", "explain", path("plan.json"), "--json"]))
        let reasons = try #require(explained["resources"] as? [[String: Any]])
        #expect(reasons.count == 20)
        #expect(reasons.first { $0["resource"] as? String == "site-3" }?["reason"] as? String == "critical")
        #expect(reasons.count { $0["isCalled"] as? Bool == true } == calls.count)

        let again = try object(await run(["dispatch", "replay", path("plan.json"), "--json"]))
        #expect(again["isSame"] as? Bool == true)
        #expect(again["outcome"] as? String == planned["outcome"] as? String)

        let text = try await run(["dispatch", "plan", path("portfolio.json")])
        #expect(text.output.contains("no plan costs less than") && text.output.contains("2026-07-16T17:15:00Z"))
        #expect(!folder.exists("state"))
    }

    @Test func `a kept plan that somebody changed is refused`() async throws {
        _ = try await run(["dispatch", "plan", path("portfolio.json"), "--out", path("plan.json")])
        let changed = folder.text("plan.json").replacingOccurrences(
            of: "\"energyPrice\":0.1,", with: "\"energyPrice\":0.2,")
        _ = try folder.write(changed, to: "changed.json")
        let outcome = try await run(["dispatch", "replay", path("changed.json")])
        #expect(outcome.status == 5)
        #expect(outcome.errors.contains("was changed after it was made"))
    }

    @Test func `a site is planned, simulated and compared`() async throws {
        let planned = try object(await run(["site", "plan", path("site.json"), "--json", "--svg", path("site.svg")]))
        let plan = try #require(planned["plan"] as? [String: Any])
        #expect((plan["steps"] as? [Any])?.count == 4)
        #expect((plan["missing"] as? [Any])?.isEmpty == true)
        let outlook = try #require(planned["outlook"] as? [String: Any])
        #expect((outlook["sentence"] as? String)?.contains("reserve") == true)
        #expect((outlook["sustain"] as? [Any])?.count == 2)
        #expect(folder.text("site.svg").contains("<svg"))

        let compared = try await run(["site", "compare", path("site.json"), "--json"])
        let lines = try #require(
            JSONSerialization.jsonObject(with: Data(compared.output.utf8)) as? [[String: Any]])
        let costs = Dictionary(
            uniqueKeysWithValues: lines.compactMap { line in
                (line["name"] as? String).flatMap { name in (line["cost"] as? Double).map { (name, $0) } }
            })
        #expect(costs.count == 4)
        let best = try #require(costs["with foresight"])
        for (name, cost) in costs { #expect(cost >= best - 0.02, "\(name)") }
        #expect(try #require(costs["plan"]) < #require(costs["naive"]))

        let simulated = try await run(["site", "simulate", path("site.json")])
        #expect(simulated.status == 0 && simulated.output.contains("planned") && simulated.output.contains("came"))
    }

    @Test func `a request for evcc's optimizer is planned as such`() async throws {
        let planned = try object(await run(["site", "plan", path("request.json"), "--json"]))
        // 500 Wh are bought cheap for the dear hour: 500 / 0.95 / 0.95 at 2e-4 instead of 500 at 4e-4.
        let expected = -500 * 2e-4 - 500 / 0.9025 * 2e-4
        #expect(abs(try #require(planned["objectiveValue"] as? Double) - expected) < 1e-6)
        let refused = try await run(["site", "simulate", path("request.json")])
        #expect(refused.status == 5 && refused.errors.contains("nothing of the day that came"))
    }

    @Test(arguments: [
        (["dispatch", "plan"], 2, "Give a portfolio file"),
        (["dispatch", "plan", "FOLDER/nowhere.json"], 4, "There is no file"),
        (["dispatch", "plan", "FOLDER/site.json"], 5, "target is missing"),
        (["dispatch", "plan", "FOLDER/none.json"], 5, "it is not JSON"),
        (["dispatch", "plan", "FOLDER/bad.json"], 5, "resources[0] (x): optIn takes"),
        (["dispatch", "plan", "FOLDER/feeder.json"], 5, "there is no feeder 'south'"),
        (["dispatch", "plan", "FOLDER/portfolio.json", "--gap", "2"], 2, "--gap takes"),
        (["dispatch", "plan", "FOLDER/portfolio.json", "--probability", "1"], 2, "--probability takes"),
        (["dispatch", "plan", "FOLDER/portfolio.json", "--reduce", "5"], 2, "by itself"),
        (["dispatch", "plan", "--in", "1h", "--duration", "20m", "--reduce", "5"], 2, "whole number of --step"),
        (["dispatch", "explain", "FOLDER/nowhere.json"], 4, "There is no file"),
        (["dispatch", "replay", "FOLDER/portfolio.json"], 5, "is no plan"),
        (["site", "plan", "FOLDER/nowhere.json"], 4, "There is no file"),
        (["site", "plan", "FOLDER/portfolio.json"], 5, "base is missing"),
        (["site", "plan", "FOLDER/lengths.json"], 5, "different lengths"),
        (["site", "plan", "FOLDER/site.json", "--gap", "-1"], 2, "--gap"),
        (["site", "plan", "FOLDER/request.json", "--method", "dp"], 5, "by the model only"),
        (["site", "simulate", "FOLDER/today.json"], 5, "does not say what came"),
    ])
    func `what makes no sense gets one clear sentence`(_ arguments: [String], _ status: Int32, _ words: String)
        async throws
    {
        _ = try folder.write("{", to: "none.json")
        let resource =
            #"{"start": "2026-07-16T17:00:00Z", "step": 900, "target": [5], "resources": [{"name": "x", "capacity": 9"#
        _ = try folder.write(resource + #", "optIn": 3}]}"#, to: "bad.json")
        _ = try folder.write(resource + #", "feeder": "south"}]}"#, to: "feeder.json")
        _ = try folder.write(#"{"stepMinutes": 60, "base": [1], "solar": [1, 2], "gridPower": 5}"#, to: "lengths.json")
        _ = try folder.write(#"{"stepMinutes": 60, "base": [1], "gridPower": 5}"#, to: "today.json")
        let outcome = try await run(arguments.map { $0.replacingOccurrences(of: "FOLDER", with: folder.path) })
        #expect(outcome.status == status, "\(outcome.errors)")
        #expect(outcome.output == "")
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
        #expect(outcome.lines("error: ").count == 1 && outcome.lines("hint: ").count == 1, "\(outcome.errors)")
    }
}
