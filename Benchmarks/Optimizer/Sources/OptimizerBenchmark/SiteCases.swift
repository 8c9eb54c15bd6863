import Foundation
import Optimization
import SiteScheduling

/// The reference sites and evcc's golden cases, one line of JSON each.
enum SiteCases {
    static func run(clock: @escaping @Sendable () -> Double) async throws {
        for (kind, name, seconds) in [(ReferenceWeek.Kind.day15, "day15", 60.0), (.day5, "day5", 300), (.week15, "week15", 600)] {
            guard let site = try ReferenceWeek.site(kind) else { return print("no reference data") }
            let begin = clock()
            let gap = kind == .day15 ? 0 : kind == .day5 ? 0.009 : 0.005
            let schedule = await SitePlanner(limits: SolveLimits(seconds: seconds, gap: gap)).schedule(site)
            let naive = NaivePolicy(site).schedule()
            print(
                """
                {"site": "\(name)", "cost": \(schedule.cost), "bound": \(schedule.bound.map { "\($0)" } ?? "null"), \
                "status": "\(schedule.status)", "cpu": \(clock() - begin), "naive": \(naive.cost), \
                "peak kW": \(schedule.peak), "naive peak kW": \(naive.peak)}
                """)
        }
    }

    private struct Case: Decodable {
        struct Expected: Decodable {
            let objective_value: Double
        }
        let request: StorageFleet
        let expected_response: Expected
    }

    static func evcc(clock: @escaping @Sendable () -> Double) async throws {
        guard let folder = ReferenceWeek.folder.map({ $0 + "/evcc_cases" }) else { return print("no reference data") }
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }.sorted()
        var worst = 0.0
        for file in files {
            let golden = try JSONDecoder().decode(
                Case.self, from: try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)")))
            let begin = clock()
            // Elapsed seconds: plenty, as the machine may be busy.
            let outcome = await FleetPlanner(limits: SolveLimits(seconds: 1_800)).schedule(golden.request)
            guard case .success(let schedule) = outcome else {
                worst = .infinity
                print("{\"evcc\": \"\(file.prefix(3))\", \"failed\": \"\(outcome)\"}")
                continue
            }
            // Case 013 has many optima; its penalised total is one number.
            let difference =
                file.hasPrefix("013")
                ? schedule.total + 1_022.1417 : schedule.money - golden.expected_response.objective_value
            worst = max(worst, abs(difference))
            print(
                """
                {"evcc": "\(file.prefix(3))", "money": \(schedule.money), "difference": \(difference), \
                "status": "\(schedule.status)", "cpu": \(clock() - begin)}
                """)
        }
        print("{\"evcc cases\": \(files.count), \"largest difference\": \(worst)}")
    }
}
