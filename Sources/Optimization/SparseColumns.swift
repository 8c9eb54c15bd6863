/// A model as the C libraries take it: compressed sparse columns and arrays of bounds.
struct SparseColumns {
    private(set) var starts: [Int32]
    private(set) var rows: [Int32]
    private(set) var coefficients: [Double]
    let columnLower: [Double]
    let columnUpper: [Double]
    let rowLower: [Double]
    let rowUpper: [Double]

    init(_ model: LinearModel) {
        columnLower = model.columns.map { Self.bound($0.lower) }
        columnUpper = model.columns.map { Self.bound($0.upper) }
        rowLower = model.rows.map { Self.bound($0.lower) }
        rowUpper = model.rows.map { Self.bound($0.upper) }
        starts = [Int32](repeating: 0, count: model.columns.count + 1)
        for term in model.rows.lazy.flatMap(\.terms) { starts[term.column.index + 1] += 1 }
        for index in model.columns.indices { starts[index + 1] += starts[index] }
        rows = [Int32](repeating: 0, count: Int(starts[model.columns.count]))
        coefficients = [Double](repeating: 0, count: rows.count)
        var next = starts
        for (index, row) in model.rows.enumerated() {
            for term in row.terms {
                let place = Int(next[term.column.index])
                rows[place] = Int32(index)
                coefficients[place] = term.coefficient
                next[term.column.index] += 1
            }
        }
    }

    /// COIN's infinity is the largest double.
    static func bound(_ number: Double) -> Double {
        number.isInfinite ? (number < 0 ? -Double.greatestFiniteMagnitude : .greatestFiniteMagnitude) : number
    }
}
