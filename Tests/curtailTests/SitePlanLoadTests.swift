import Foundation
import Logging
import Measures
import OpenADR
import Testing
import VirtualEndNode

@testable import curtail

@Suite struct SitePlanLoadTests {
    /// Six hours of 2 kW from noon, and a vehicle that charges 3 kW in the two cheap ones.
    private static let site = """
        {"start": "2026-07-16T12:00:00Z", "stepMinutes": 60, "base": [2, 2, 2, 2, 2, 2],
         "importPrice": [0.3, 0.3, 0.1, 0.1, 0.3, 0.3], "gridPower": 20,
         "energyLoads": [{"name": "vehicle", "windows": [[0, 6]], "energy": 6, "mostPower": 3}]}
        """
    private let noon = Instant(year: 2026, month: 7, day: 16, hour: 12)

    private func load() async throws -> SitePlanLoad {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("site-\(UUID().uuidString).json").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Self.site.write(toFile: path, atomically: true, encoding: .utf8)
        return try await SitePlanLoad(path: path, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func kilowatts(_ load: SitePlanLoad, day: Int64 = 0) async throws -> [Double] {
        let window = TimeWindow(start: noon + .hours(6 * day), duration: .hours(6))
        return try await load.readings(of: nil, in: window, every: .hours(1)).map { ($0.energy?.value ?? -1) / 1_000 }
    }

    private func timeline(_ dispatch: Dispatch) -> Timeline {
        Timeline(layers: [
            .init(
                eventID: EventID("e"), priority: 1, resources: [],
                slots: [
                    .init(start: noon + .hours(2), end: noon + .hours(4), dispatch: dispatch, eventID: EventID("e"))
                ])
        ])
    }

    private func expect(_ values: [Double], _ expected: [Double]) {
        #expect(values.count == expected.count && zip(values, expected).allSatisfy { abs($0 - $1) < 1e-6 }, "\(values)")
    }

    @Test func `without an event the plan is followed, again and again`() async throws {
        let load = try await load()
        expect(try await kilowatts(load), [2, 2, 5, 5, 2, 2])
        expect(try await kilowatts(load, day: 1), [2, 2, 5, 5, 2, 2])
    }

    @Test func `an event is followed as far as the site's model can, and no further than asked`() async throws {
        let load = try await load()
        await load.follow(timeline(.delta(.kilowatts(-1))))
        expect(Array(try await kilowatts(load)[2..<4]), [4, 4])
        await load.follow(timeline(.delta(.kilowatts(-9))))
        // The vehicle can wait; the rest cannot.
        expect(Array(try await kilowatts(load)[2..<4]), [2, 2])
        await load.follow(timeline(.setpoint(.kilowatts(3))))
        expect(Array(try await kilowatts(load)[2..<4]), [3, 3])
        await load.follow(timeline(.level(3)))
        expect(Array(try await kilowatts(load)[2..<4]), [2, 2])
        await load.follow(Timeline())
        expect(try await kilowatts(load), [2, 2, 5, 5, 2, 2])
    }
}
