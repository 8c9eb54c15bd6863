import Optimization
import Testing

@Suite struct CBCSolverTests {
    let solver = CBCSolver()

    @Test func `a knapsack is solved to proof`() async throws {
        var model = LinearModel()
        let items = try [(5.0, 3.0), (4, 2), (3, 2), (6, 4)].enumerated().map { index, item in
            (try model.addBinary("item \(index)", cost: -item.0), item.1)
        }
        try model.addRow("weight", items.map { .init($0.1, $0.0) }, upper: 6)
        let solution = try #require(await solver.solve(model, limits: SolveLimits()).solution)
        #expect(solution.quality == .proven)
        #expect(abs(solution.objective + 10) < 1e-9)
        #expect(solution.gap == 0)
        #expect(solution[items[1].0] == 1 && solution[items[3].0] == 1)
    }

    @Test func `a pure linear model is solved`() async throws {
        var model = LinearModel()
        let x = try model.addColumn("x", cost: 1)
        let y = try model.addColumn("y", upper: 3, cost: 2)
        try model.addRow("demand", [.init(1, x), .init(1, y)], lower: 4)
        try model.addRow("share", [.init(1, x), .init(-1, y)], upper: 1)
        let solution = try #require(await solver.solve(model, limits: SolveLimits()).solution)
        #expect(solution.quality == .proven)
        #expect(abs(solution.objective - 5.5) < 1e-6)
        #expect(abs(solution[x] - 2.5) < 1e-6)
    }

    @Test(arguments: [false, true])
    func `a model that cannot be met is infeasible`(isInteger: Bool) async throws {
        var model = LinearModel()
        let x = try model.addColumn("x", upper: 1, cost: 1, isInteger: isInteger)
        try model.addRow("demand", [.init(1, x)], lower: 2)
        #expect(await solver.solve(model, limits: SolveLimits()) == .infeasible)
    }

    @Test func `whole numbers can make a model infeasible`() async throws {
        var model = LinearModel()
        let x = try model.addColumn("x", upper: 10, cost: 1, isInteger: true)
        let y = try model.addColumn("y", upper: 10, cost: 1, isInteger: true)
        try model.addRow("odd", [.init(2, x), .init(4, y)], lower: 3, upper: 3)
        #expect(await solver.solve(model, limits: SolveLimits()) == .infeasible)
    }

    @Test(arguments: [false, true])
    func `a cost without end is unbounded`(isInteger: Bool) async throws {
        var model = LinearModel()
        let x = try model.addColumn("x", cost: -1, isInteger: isInteger)
        let y = try model.addColumn("y", upper: 4, cost: 1)
        try model.addRow("tie", [.init(1, x), .init(-1, y)], lower: 0)
        #expect(await solver.solve(model, limits: SolveLimits()) == .unbounded)
    }

    @Test func `models without columns or rows have answers`() async throws {
        #expect(await solver.solve(LinearModel(), limits: SolveLimits()).solution?.objective == 0)
        var impossible = LinearModel()
        try impossible.addRow("nothing", [], lower: 1)
        #expect(await solver.solve(impossible, limits: SolveLimits()) == .infeasible)
        var free = LinearModel()
        try free.addBinary("x", cost: -2)
        #expect(await solver.solve(free, limits: SolveLimits()).solution?.objective == -2)
    }

    @Test func `answers equal enumeration on random models`() async throws {
        var generator = SeededGenerator(seed: 7)
        var feasible = 0
        for _ in 0..<60 {
            let model = try randomModel(&generator)
            let exact = ExactEnumeration(model: model).best()
            let outcome = await solver.solve(model, limits: SolveLimits())
            guard let exact else {
                #expect(outcome == .infeasible)
                continue
            }
            feasible += 1
            let solution = try #require(outcome.solution)
            #expect(solution.quality == .proven)
            #expect(abs(solution.objective - exact.objective) <= 1e-6 * max(1, abs(exact.objective)))
        }
        #expect(feasible > 20 && feasible < 60)
    }

    @Test func `many tasks at once each get their own answer`() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for seed in 0..<24 {
                group.addTask {
                    var generator = SeededGenerator(seed: UInt64(seed))
                    let model = try randomModel(&generator)
                    let exact = ExactEnumeration(model: model).best()
                    let outcome = await CBCSolver().solve(model, limits: SolveLimits())
                    #expect((outcome.solution == nil) == (exact == nil))
                    #expect(abs((outcome.solution?.objective ?? 0) - (exact?.objective ?? 0)) <= 1e-6)
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `a node limit gives the same incumbent twice, with a bound below it`() async throws {
        var generator = SeededGenerator(seed: 3)
        let model = try marketSplit(&generator)
        let limits = SolveLimits(seconds: 60, nodes: 20)
        let first = try #require(await solver.solve(model, limits: limits).solution)
        #expect(first.quality == .limitReached)
        #expect(first.bound < first.objective)
        #expect(first.gap > 0)
        #expect(await solver.solve(model, limits: limits).solution == first)
    }

    @Test func `a gap that is asked for ends the search`() async throws {
        var generator = SeededGenerator(seed: 3)
        let model = try hardKnapsack(&generator)
        let solution = try #require(await solver.solve(model, limits: SolveLimits(gap: 0.2)).solution)
        #expect(solution.quality == .withinGap)
        #expect(solution.gap <= 0.2 && solution.gap > 0)
    }

    @Test func `limits without room are refused`() async throws {
        var model = LinearModel()
        try model.addBinary("x", cost: 1)
        for limits in [SolveLimits(seconds: 0), SolveLimits(gap: -1), SolveLimits(nodes: 0), SolveLimits(gap: .nan)] {
            guard case .failed = await solver.solve(model, limits: limits) else {
                Issue.record("accepted \(limits)")
                continue
            }
        }
    }
}

/// Six to ten binaries with negative and positive costs under two or three rows.
private func randomModel(_ generator: inout SeededGenerator) throws -> LinearModel {
    var model = LinearModel()
    let columns = try (0..<Int.random(in: 6...10, using: &generator)).map { index in
        try model.addBinary("x\(index)", cost: Double(Int.random(in: -20...30, using: &generator)))
    }
    for row in 0..<Int.random(in: 2...3, using: &generator) {
        let terms = columns.map { LinearModel.Term(Double(Int.random(in: -3...9, using: &generator)), $0) }
        let lower = Double(Int.random(in: 0...22, using: &generator))
        try model.addRow("row \(row)", terms, lower: lower, upper: lower + 20)
    }
    return model
}

/// Cornuéjols and Dawande's market split with slacks: small, and hard for every branch and cut.
private func marketSplit(_ generator: inout SeededGenerator) throws -> LinearModel {
    var model = LinearModel()
    let columns = try (0..<40).map { try model.addBinary("x\($0)") }
    for row in 0..<5 {
        let weights = columns.map { _ in Double(Int.random(in: 0...99, using: &generator)) }
        let over = try model.addColumn("over \(row)", cost: 1)
        let under = try model.addColumn("under \(row)", cost: 1)
        let half = (weights.reduce(0, +) / 2).rounded(.down)
        let terms = zip(weights, columns).map { LinearModel.Term($0, $1) } + [.init(-1, over), .init(1, under)]
        try model.addRow("split \(row)", terms, lower: half, upper: half)
    }
    return model
}

/// Cover rows over binaries of like cost: the relaxation is far below every whole answer.
private func hardKnapsack(_ generator: inout SeededGenerator) throws -> LinearModel {
    var model = LinearModel()
    let columns = try (0..<60).map {
        try model.addBinary("x\($0)", cost: Double(Int.random(in: 90...110, using: &generator)))
    }
    for row in 0..<60 {
        let terms = columns.filter { _ in Int.random(in: 0..<8, using: &generator) == 0 }.map {
            LinearModel.Term(1, $0)
        }
        try model.addRow("cover \(row)", terms + (terms.isEmpty ? [.init(1, columns[0])] : []), lower: 1)
    }
    return model
}
