import Testing

@testable import Forecasting

struct NormalEquationsTests {
    @Test func `a system is solved`() {
        // [4 2; 2 3] x = [10, 9] has the solution (1.5, 2).
        let equations = NormalEquations(gram: [4, 0, 2, 3], size: 2)
        let solution = equations.solve([10, 9])
        #expect((solution[0] - 1.5).magnitude < 1e-14)
        #expect((solution[1] - 2).magnitude < 1e-14)
        #expect((equations.logDeterminant(leading: 2) - Elementary.log(8)).magnitude < 1e-14)
    }

    @Test func `a dependent column gets no coefficient`() {
        // The second column is twice the first.
        let equations = NormalEquations(gram: [1, 0, 0, 2, 4, 0, 0, 0, 9], size: 3)
        #expect(equations.isIndependent == [true, false, true])
        #expect(equations.solve([3, 6, 18]) == [3, 0, 2])
    }

    @Test func `an empty system is empty`() {
        #expect(NormalEquations(gram: [], size: 0).solve([]).isEmpty)
    }
}
