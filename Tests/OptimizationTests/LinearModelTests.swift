import Optimization
import Testing

@Suite struct LinearModelTests {
    @Test func `numbers that no solver can use are refused`() throws {
        var model = LinearModel()
        #expect(throws: ModelError.crossedBounds(lower: 2, upper: 1, name: "x")) {
            try model.addColumn("x", lower: 2, upper: 1)
        }
        for number in [Double.nan, .infinity, 1e13] {
            #expect(throws: ModelError.self) { try model.addColumn("x", cost: number) }
            #expect(throws: ModelError.self) { try model.addColumn("x", lower: number) }
        }
        let x = try model.addColumn("x")
        #expect(throws: ModelError.self) { try model.addRow("row", [.init(.nan, x)]) }
        #expect(throws: ModelError.repeatedColumn(name: "row")) { try model.addRow("row", [.init(1, x), .init(2, x)]) }
        #expect(model.columns.count == 1 && model.rows.isEmpty)
    }

    @Test func `a column of another model is refused`() throws {
        var large = LinearModel()
        try large.addColumn("a")
        let stranger = try large.addColumn("b")
        var small = LinearModel()
        #expect(throws: ModelError.unknownColumn(name: "row")) { try small.addRow("row", [.init(1, stranger)]) }
    }

    @Test func `every kind of broken limit is found`() throws {
        var model = LinearModel()
        let x = try model.addColumn("x", upper: 5, isInteger: true)
        let y = try model.addColumn("y", lower: -1, upper: 1)
        try model.addRow("sum", [.init(1, x), .init(1, y)], lower: 1, upper: 3)
        #expect(model.violation(of: [2, 0.5]) == nil)
        #expect(model.violation(of: [2, 1 + 1e-9]) == nil)
        #expect(model.violation(of: [2.5, 0])?.limit == .integrality)
        #expect(model.violation(of: [6, 0])?.limit == .bound)
        #expect(model.violation(of: [3, 1])?.limit == .row)
        #expect(model.violation(of: [0, 0])?.amount == 1)
        #expect(model.violation(of: [1])?.limit == .shape)
        #expect(model.violation(of: [1, .nan])?.limit == .shape)
    }
}
