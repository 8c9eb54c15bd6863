import Foundation
import Testing

/// `curtail forecast` on files: no database is started.
@Suite struct ForecastCommandTests {
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
        var text = "time,kw\n"
        for hour in 0..<(28 * 24) {
            let (day, step) = (hour / 24, hour % 24)
            let load = 10 + (day % 7 < 5 ? 6 : 2) * (step > 7 && step < 19 ? 1 : 0) + (hour * 7919 % 13) / 10
            text += "2026-06-\(day < 9 ? "0" : "")\(day + 1) \(step < 10 ? "0" : "")\(step):00,\(load)\n"
        }
        _ = try folder.write(text, to: "loads/hall.csv")
    }

    private func forecast(_ arguments: [String]) async throws -> Program.Outcome {
        try await Program.run(["forecast"] + arguments, in: folder)
    }

    @Test func `a file is forecast with bounds, and drawn`() async throws {
        let plot = "\(folder.path)/plot.svg"
        let outcome = try await forecast([
            "run", "--data", "\(folder.path)/loads", "--from", "2026-06-27", "--quick", "--json", "--svg", plot,
        ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let object = try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        let intervals = try #require(object["intervals"] as? [[String: Any]])
        #expect(intervals.count == 24)
        for interval in intervals {
            let lower = try #require(interval["lower95WattHours"] as? Double)
            let mean = try #require(interval["meanWattHours"] as? Double)
            let upper = try #require(interval["upper95WattHours"] as? Double)
            #expect(lower <= mean && mean <= upper)
            #expect(interval["actualWattHours"] != nil)
        }
        #expect(folder.text("plot.svg").contains("<title id=\"plot-title\">hall: load and forecast</title>"))
        #expect(!folder.exists("state"))
    }

    @Test func `a backtest measures error and coverage`() async throws {
        let outcome = try await forecast([
            "backtest", "--data", "\(folder.path)/loads", "--origins", "2", "--training", "21", "--quick", "--json",
        ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let object = try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        #expect(try #require(object["mase"] as? Double) < 1)
        #expect((0...1).contains(try #require(object["coverage95"] as? Double)))
        #expect((object["forecasts"] as? [Any])?.count == 2)
    }

    @Test(arguments: [
        (["run"], 2, "--meter"),
        (["run", "--data", "nowhere"], 1, "does not exist"),
        (["run", "--data", "loads", "--series", "x"], 4, "no series 'x'"),
        (["run", "--data", "loads", "--from", "2030-01-01"], 4, "not up to 2030-01-01"),
        (["run", "--data", "loads", "--from", "soon"], 2, "--from takes a day"),
        (["run", "--data", "loads", "--days", "0"], 2, "--days takes 1 to 14"),
        (["backtest", "--data", "loads", "--first", "2020-01-01"], 4, "no day to forecast"),
        (["compare"], 2, "--data"),
        (["show"], 2, "--meter"),
    ])
    func `bad input gets one sentence`(arguments: [String], status: Int32, part: String) async throws {
        let outcome = try await forecast(arguments.map { $0 == "loads" ? "\(folder.path)/loads" : $0 })
        #expect(outcome.status == status, "\(outcome.errors)")
        #expect(outcome.errors.contains(part), "\(outcome.errors)")
        #expect(outcome.lines("error: ").count == 1 && outcome.lines("hint: ").count == 1)
        #expect(outcome.output == "")
    }
}
