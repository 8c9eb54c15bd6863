import CCbc

/// A linear program that grows: rows and columns are added between solves, and each solve starts from the last basis.
/// The master problem of a column generation.
///
/// Clp keeps no state outside its models, so programs of different owners may be solved at the same time; one program
/// has one owner. Numbers are trusted: the caller has made them from a checked model.
public struct GrowingProgram: ~Copyable {
    /// A column or a row with its entries: the places of the rows or columns, and the coefficients there.
    public struct Entries: Sendable {
        public var places: [Int32]
        public var coefficients: [Double]

        public init(places: [Int32] = [], coefficients: [Double] = []) {
            self.places = places
            self.coefficients = coefficients
        }

        /// Adds an entry that is not zero.
        public mutating func append(_ coefficient: Double, at place: Int) {
            guard coefficient != 0 else { return }
            places.append(Int32(place))
            coefficients.append(coefficient)
        }
    }

    /// An optimum: one value for each column, one dual price for each row (the cost of one more unit of its bound).
    public struct Optimum: Sendable {
        public let values: [Double]
        public let prices: [Double]
        public let objective: Double
    }

    private let raw: UnsafeMutableRawPointer
    public private(set) var columnCount = 0
    public private(set) var rowCount = 0

    public init() {
        raw = Clp_newModel()
        Clp_setLogLevel(raw, 0)
    }

    deinit {
        Clp_deleteModel(raw)
    }

    /// Adds rows without entries, or with entries in columns that are there; infinite bounds mean none.
    public mutating func addRows(_ rows: [(lower: Double, upper: Double, entries: Entries)]) {
        let packed = Packed(rows.map(\.entries))
        Clp_addRows(
            raw, Int32(rows.count), rows.map { SparseColumns.bound($0.lower) },
            rows.map { SparseColumns.bound($0.upper) }, packed.starts, packed.places, packed.coefficients)
        rowCount += rows.count
    }

    /// Adds columns of zero or more.
    public mutating func addColumns(_ columns: [(cost: Double, upper: Double, entries: Entries)]) {
        let packed = Packed(columns.map(\.entries))
        Clp_addColumns(
            raw, Int32(columns.count), [Double](repeating: 0, count: columns.count),
            columns.map { SparseColumns.bound($0.upper) }, columns.map(\.cost), packed.starts, packed.places,
            packed.coefficients)
        columnCount += columns.count
    }

    /// Gives the columns other costs, one for each.
    public mutating func setCosts(_ costs: [Double]) {
        precondition(costs.count == columnCount)
        Clp_chgObjCoefficients(raw, costs)
    }

    /// Nil when there is no optimum, or none within the seconds.
    public mutating func solve(seconds: Double) -> Optimum? {
        Clp_setMaximumSeconds(raw, seconds)
        Clp_primal(raw, 0)
        guard Clp_status(raw) == 0, let values = Clp_primalColumnSolution(raw), let prices = Clp_dualRowSolution(raw)
        else { return nil }
        return Optimum(
            values: Array(UnsafeBufferPointer(start: values, count: columnCount)),
            prices: Array(UnsafeBufferPointer(start: prices, count: rowCount)), objective: Clp_objectiveValue(raw))
    }

    /// Several columns or rows, one behind the other.
    private struct Packed {
        var starts: [Int32] = [0]
        var places: [Int32] = []
        var coefficients: [Double] = []

        init(_ all: [Entries]) {
            for entries in all {
                places += entries.places
                coefficients += entries.coefficients
                starts.append(Int32(places.count))
            }
        }
    }
}
