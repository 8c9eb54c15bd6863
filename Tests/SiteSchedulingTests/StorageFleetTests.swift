import Foundation
import Optimization
import SiteScheduling
import Testing

@Suite struct StorageFleetTests {
    /// The golden cases of evcc's optimizer: a request and the response that it expects.
    static let cases: [String] = {
        guard let folder = ReferenceWeek.folder else { return [] }
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/evcc_cases")) ?? []
        return files.filter { $0.hasSuffix(".json") }.sorted()
    }()

    private struct Case: Decodable {
        struct Expected: Decodable {
            let objective_value: Double
        }
        let request: StorageFleet
        let expected_response: Expected
    }

    /// Case 013 has many optima: its total with the penalties is compared, from the note beside the cases.
    private static let total013 = -1_022.1417

    @Test(.enabled(if: ReferenceWeek.folder != nil)) func `there are nineteen golden cases`() {
        #expect(Self.cases.count == 19)
    }

    @Test(.enabled(if: ReferenceWeek.folder != nil), arguments: cases)
    func `a golden case brings what its response says`(_ file: String) async throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(ReferenceWeek.folder ?? "")/evcc_cases/\(file)"))
        let golden = try JSONDecoder().decode(Case.self, from: data)
        let schedule = try await FleetPlanner(limits: SolveLimits(seconds: 120)).schedule(golden.request).get()
        #expect(schedule.status == .proven)
        if file.hasPrefix("013") {
            #expect(abs(schedule.total - Self.total013) < 1e-4)
        } else {
            #expect(abs(schedule.money - golden.expected_response.objective_value) < 1e-4)
        }
        #expect(FleetCheck(golden.request).problems(schedule) == [])
    }

    private func fleet(_ battery: String, grid: String = "{}") throws -> StorageFleet {
        let text = """
            {"time_series": {"dt": [3600, 3600], "ft": [0, 0], "gt": [100, 100], "p_N": [1e-4, 3e-4], "p_E": [0, 0]},
             "batteries": [\(battery)], "grid": \(grid)}
            """
        return try JSONDecoder().decode(StorageFleet.self, from: Data(text.utf8))
    }

    @Test func `a wish that cannot be met has a name and an amount`() async throws {
        let fleet = try fleet(
            #"{"s_max": 5000, "s_initial": 0, "c_max": 1000, "charge_from_grid": true, "s_goal": [0, 3000]}"#)
        let schedule = try await FleetPlanner().schedule(fleet).get()
        #expect(schedule.slacks.map(\.name) == ["battery 1: Wh missing to its goal in step 1"])
        #expect(abs((schedule.slacks.first?.amount ?? 0) - 1_100) < 0.01)
    }

    @Test func `a limit of the meter is passed only by what is needed`() async throws {
        let fleet = try fleet(
            #"{"s_max": 5000, "s_initial": 0, "c_max": 0}"#, grid: #"{"p_max_imp": 40}"#)
        let schedule = try await FleetPlanner().schedule(fleet).get()
        #expect(schedule.imports.map { $0.rounded() } == [100, 100])
        #expect(schedule.slacks.count == 2)
        #expect(abs((schedule.slacks.first?.amount ?? 0) - 60) < 0.01)
    }

    @Test(arguments: [
        (#"{"s_max": -1, "s_initial": 0, "c_max": 0}"#, SiteError.battery),
        (#"{"s_max": 10, "s_initial": 11, "c_max": 0}"#, SiteError.battery),
        (#"{"s_max": 10, "s_initial": 0, "c_max": 1e12}"#, SiteError.battery),
        (#"{"s_max": 10, "s_initial": 0, "c_max": 5, "s_goal": [1]}"#, SiteError.lengths),
    ])
    func `senseless batteries are refused`(_ battery: String, _ flaw: SiteError) {
        #expect(throws: flaw) { try fleet(battery) }
    }

    @Test func `without a solver's answer there is a reason`() async throws {
        struct Broken: LinearSolver {
            func solve(_ model: LinearModel, limits: SolveLimits) async -> SolveOutcome { .noIncumbent }
        }
        let fleet = try fleet(#"{"s_max": 10, "s_initial": 0, "c_max": 5}"#)
        let outcome = await FleetPlanner(solver: Broken()).schedule(fleet)
        #expect(throws: FleetFailure.self) { try outcome.get() }
    }
}

/// Looks at a fleet's schedule again: balance, contents, powers, and what excludes each other.
struct FleetCheck {
    let fleet: StorageFleet

    init(_ fleet: StorageFleet) {
        self.fleet = fleet
    }

    func problems(_ schedule: FleetSchedule) -> [String] {
        var problems: [String] = []
        for step in 0..<fleet.stepCount {
            var balance = fleet.solar[step] - fleet.demand[step] + schedule.imports[step] - schedule.exports[step]
            if min(schedule.imports[step], schedule.exports[step]) > 1e-2 { problems.append("both ways in \(step)") }
            for (place, battery) in fleet.batteries.enumerated() {
                let charge = schedule.charge[place][step]
                let discharge = schedule.discharge[place][step]
                balance += discharge - charge
                if min(charge, discharge) > 1e-2 { problems.append("circle of \(place) in \(step)") }
                if charge > battery.chargePower * fleet.hours[step] + 1e-2 { problems.append("charge in \(step)") }
                if !battery.mayChargeFromGrid, charge > 1e-2, schedule.imports[step] > 1e-2 {
                    problems.append("charged from the grid in \(step)")
                }
                let before = step == 0 ? battery.start : schedule.stored[place][step - 1]
                let after = before + fleet.chargeEfficiency * charge - discharge / fleet.dischargeEfficiency
                if abs(after - schedule.stored[place][step]) > 0.1 { problems.append("content of \(place) in \(step)") }
            }
            if abs(balance) > 0.1 { problems.append("balance of \(step)") }
        }
        return problems
    }
}
