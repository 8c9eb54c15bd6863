import Foundation
import Testing

/// `curtail forecast` on meters of a database, and the job of `curtail serve` that keeps their forecasts fresh.
@Suite struct ForecastMeterTests {
    /// Of the server and its state.
    private let served: TestFolder
    /// Of the commands: their outputs must not end up in the server's.
    private let folder: TestFolder

    init() throws {
        served = try TestFolder()
        folder = try TestFolder()
    }

    /// The JSON that a command prints; it has to succeed.
    @discardableResult
    private func json(_ arguments: [String]) async throws -> Any {
        let outcome = try await Program.run(arguments + ["--json", "--state-directory", served.state], in: folder)
        #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
        return try JSONSerialization.jsonObject(with: Data(outcome.output.utf8), options: .fragmentsAllowed)
    }

    /// Days of hourly load of two meters from 2026-06-01 on, the hall's multiplied from day `jump` on.
    private func loads(_ days: Range<Int>, jump: Int = .max) throws -> String {
        var text = "meter,time_utc,wh\n"
        for hour in (days.lowerBound * 24)..<(days.upperBound * 24) {
            let (day, step) = (hour / 24, hour % 24)
            let load = 10_000 + (step > 7 && step < 19 ? 6_000 : 0) + hour * 7919 % 1_300
            let time = "2026-06-\(day < 9 ? "0" : "")\(day + 1) \(step < 10 ? "0" : "")\(step):00"
            text += "hall,\(time),\(day < jump ? load : 3 * load)\nshed,\(time),\(load / 10)\n"
        }
        return try folder.write(text, to: "loads/\(days.lowerBound).csv") + "/\(days.lowerBound).csv"
    }

    private func importing(_ file: String) async throws {
        try await json(["data", "import", file, "--create-meters", "UTC", "--unit", "Wh", "--values", "intervals"])
    }

    @Test func `serve forecasts meters, raises an alarm when errors leave their band, and commands show both`()
        async throws
    {
        let server = try Program.start(
            [
                "serve", "--port", "0", "--admin-port", "0", "--web-port", "0", "--forecast-every", "1s",
                "--log-format", "json", "--state-directory", served.state,
            ], in: served)
        func log() -> String { served.text("stdout") + server.errors }
        let isUp = try await eventually(within: .seconds(60)) { log().contains("admin") }
        #expect(isUp, "\(log())")
        try await json(["org", "create", "Grid", "--distributor"])
        try await importing(try loads(0..<9))
        let forecast = try await eventually(within: .seconds(60)) { log().contains("\"chosen\":\"2\"") }
        #expect(forecast, "\(log())")

        let shown = try #require(try await json(["forecast", "show", "--meter", "hall"]) as? [String: Any])
        #expect(shown["modelVersion"] as? Int == 1 && (shown["intervals"] as? [Any])?.count == 48)
        let backtest = try await json([
            "forecast", "backtest", "--meter", "shed", "--origins", "1", "--training", "8", "--quick",
        ])
        #expect((((backtest as? [String: Any])?["mase"] as? Double) ?? 9) < 1)
        let methods = try await json([
            "forecast", "compare", "--meter", "shed", "--origins", "1", "--training", "8",
        ])
        let names = ((methods as? [[String: Any]]) ?? []).compactMap { $0["method"] as? String }
        #expect(names.first == "all together" && names.contains("mean of 4 like days"))
        let run = try await json(["forecast", "run", "--meter", "hall", "--quick", "--fresh"])
        #expect((run as? [String: Any])?["modelVersion"] as? Int == 2)

        try await importing(try loads(9..<11, jump: 9))
        let alarm = try await eventually(within: .seconds(60)) { log().contains("\"ev\":\"forecast-drift\"") }
        #expect(alarm, "\(log())")
        let lines = log().split(separator: "\n").filter { $0.contains("\"ev\":\"forecast-drift\"") }
        #expect(lines.count == 1 && lines.first?.contains("\"meter\":\"hall\"") == true)
        let again = try await json(["forecast", "show", "--meter", "hall"]) as? [String: Any]
        #expect((again?["notes"] as? [String])?.contains { $0.contains("above its band") } == true)
        server.send(SIGTERM)
        #expect(try await server.end().status == 0)
        #expect(processes(in: served.path) == [])
    }
}
