/// A linear or mixed-integer model that is minimised: columns (variables) and rows (constraints).
///
/// ```
/// minimise  sum cost[j] * x[j]
/// subject   lower[i] <= sum coefficient[i, j] * x[j] <= upper[i]     (rows)
///           lower[j] <= x[j] <= upper[j], x[j] whole where integer   (columns)
/// ```
///
/// There is no maximising form: CBC 2.10 returns a MIP start as optimal when it maximises (Cbc issue 787), so a caller
/// negates its costs. Numbers that no solver can work with are refused while the model is built.
public struct LinearModel: Hashable, Sendable {
    /// The place of a column in `columns` and in a solution's values.
    public struct ColumnID: Hashable, Sendable {
        public let index: Int
    }

    /// The place of a row in `rows`.
    public struct RowID: Hashable, Sendable {
        public let index: Int
    }

    /// A variable.
    public struct Column: Hashable, Sendable {
        public let name: String
        public let lower: Double
        public let upper: Double
        public let cost: Double
        public let isInteger: Bool
    }

    /// One product of a row.
    public struct Term: Hashable, Sendable {
        public let column: ColumnID
        public let coefficient: Double

        public init(_ coefficient: Double, _ column: ColumnID) {
            self.column = column
            self.coefficient = coefficient
        }
    }

    /// A constraint: its terms' sum stays between two bounds.
    public struct Row: Hashable, Sendable {
        public let name: String
        public let lower: Double
        public let upper: Double
        public let terms: [Term]
    }

    /// The largest bound, cost or coefficient that is accepted; beyond it a double loses whole units of 1e-3.
    public static let largestMagnitude = 1e12

    public private(set) var columns: [Column] = []
    public private(set) var rows: [Row] = []

    public init() {}

    /// Adds a variable; an infinite bound means none.
    @discardableResult
    public mutating func addColumn(
        _ name: String, lower: Double = 0, upper: Double = .infinity, cost: Double = 0, isInteger: Bool = false
    ) throws(ModelError) -> ColumnID {
        try Self.checkBounds(lower, upper, name: name)
        guard Self.isUsable(cost) else { throw .unusableNumber(cost, name: name) }
        columns.append(Column(name: name, lower: lower, upper: upper, cost: cost, isInteger: isInteger))
        return ColumnID(index: columns.count - 1)
    }

    /// Adds a variable that is zero or one.
    @discardableResult
    public mutating func addBinary(_ name: String, cost: Double = 0) throws(ModelError) -> ColumnID {
        try addColumn(name, lower: 0, upper: 1, cost: cost, isInteger: true)
    }

    /// Adds a constraint; a column stands in it once at most, zero coefficients are left out.
    @discardableResult
    public mutating func addRow(
        _ name: String, _ terms: [Term], lower: Double = -.infinity, upper: Double = .infinity
    ) throws(ModelError) -> RowID {
        try Self.checkBounds(lower, upper, name: name)
        var seen = Set<ColumnID>(minimumCapacity: terms.count)
        for term in terms {
            guard columns.indices.contains(term.column.index) else { throw .unknownColumn(name: name) }
            guard Self.isUsable(term.coefficient) else { throw .unusableNumber(term.coefficient, name: name) }
            guard seen.insert(term.column).inserted else { throw .repeatedColumn(name: name) }
        }
        rows.append(Row(name: name, lower: lower, upper: upper, terms: terms.filter { $0.coefficient != 0 }))
        return RowID(index: rows.count - 1)
    }

    /// The cost of an assignment with one value for each column.
    public func objective(of values: [Double]) -> Double {
        zip(columns, values).reduce(0) { $0 + $1.0.cost * $1.1 }
    }

    private static func isUsable(_ number: Double) -> Bool {
        number.isFinite && abs(number) <= largestMagnitude
    }

    private static func checkBounds(_ lower: Double, _ upper: Double, name: String) throws(ModelError) {
        guard lower == -.infinity || isUsable(lower) else { throw .unusableNumber(lower, name: name) }
        guard upper == .infinity || isUsable(upper) else { throw .unusableNumber(upper, name: name) }
        guard lower <= upper else { throw .crossedBounds(lower: lower, upper: upper, name: name) }
    }
}

/// Why a column or a row was not accepted; `name` is the one that the caller gave.
public enum ModelError: Error, Hashable, Sendable {
    case crossedBounds(lower: Double, upper: Double, name: String)
    case repeatedColumn(name: String)
    case unknownColumn(name: String)
    /// Not a number, infinite where a number is needed, or larger than `LinearModel.largestMagnitude`.
    case unusableNumber(Double, name: String)
}
