import Foundation
import Optimization
import Testing

@Suite struct ModelArchiveTests {
    /// Runs a body with a folder that is gone afterwards.
    private func withFolder<T>(_ body: (String) async throws -> T) async throws -> T {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("models-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder.path)
    }

    private func model(demand: Double) throws -> LinearModel {
        var model = LinearModel()
        let x = try model.addColumn("level of a", upper: 1, cost: 3, isInteger: true)
        try model.addRow("demand", [.init(1, x)], lower: demand)
        return model
    }

    private func files(_ folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    @Test func `a model that cannot be met is written down, one that is solved is not`() async throws {
        try await withFolder { folder in
            let solver = CBCSolver(archive: ModelArchive(folder: folder))
            let (one, two) = (try model(demand: 1), try model(demand: 2))
            #expect(await solver.solve(one, limits: SolveLimits()).solution != nil)
            #expect(files(folder) == [])
            #expect(await solver.solve(two, limits: SolveLimits()) == .infeasible)
            #expect(await solver.solve(two, limits: SolveLimits()) == .infeasible)
            #expect(files(folder) == ["model-1.mps.gz", "model-2.mps.gz"])
        }
    }

    @Test func `a written model has names, costs and limits`() async throws {
        try await withFolder { folder in
            let solver = CBCSolver(archive: ModelArchive(folder: folder, selection: .all))
            let one = try model(demand: 1)
            #expect(await solver.solve(one, limits: SolveLimits()).solution?.objective == 3)
            let unpack = Process()
            unpack.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            unpack.arguments = ["gzip", "-dc", "\(folder)/model-1.mps.gz"]
            let pipe = Pipe()
            unpack.standardOutput = pipe
            try unpack.run()
            let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            unpack.waitUntilExit()
            let lines = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
            #expect(lines.contains(["level_of_a", "OBJROW", "3.", "demand", "1."]))
            #expect(lines.contains(["RHS", "demand", "1."]))
        }
    }

    @Test func `a folder that cannot be written to spoils no solve`() async throws {
        let solver = CBCSolver(archive: ModelArchive(folder: "/proc/no/such/folder", selection: .all))
        let (one, two) = (try model(demand: 1), try model(demand: 2))
        #expect(await solver.solve(one, limits: SolveLimits()).solution?.objective == 3)
        #expect(await solver.solve(two, limits: SolveLimits()) == .infeasible)
    }
}
