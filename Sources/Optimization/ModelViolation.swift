/// What an assignment breaks, and by how much.
public struct ModelViolation: Hashable, Sendable {
    /// The kind of limit.
    public enum Limit: Hashable, Sendable {
        case bound
        case integrality
        case row
        /// The assignment has another number of values than the model has columns, or one that is not finite.
        case shape
    }

    public let limit: Limit
    /// The column's or row's name; empty for `shape`.
    public let name: String
    /// How far beyond the limit, in the limit's own unit.
    public let amount: Double
}

extension LinearModel {
    /// How far from a whole number an integer column may be: CBC's own default.
    public static let integralityTolerance = 1e-5

    /// How far beyond a bound a value may lie, relative to the largest number in the row (at least one).
    public static let feasibilityTolerance = 1e-6

    /// The first limit that `values` break, or nil when they are a feasible assignment.
    ///
    /// Written without the solver, so that no answer is used on the solver's word alone: a time-limited CBC can hand
    /// back a fractional vector.
    public func violation(of values: [Double]) -> ModelViolation? {
        guard values.count == columns.count, values.allSatisfy(\.isFinite) else {
            return ModelViolation(limit: .shape, name: "", amount: .infinity)
        }
        for (column, value) in zip(columns, values) {
            let beyond = max(column.lower - value, value - column.upper)
            if beyond > Self.feasibilityTolerance * max(1, abs(value)) {
                return ModelViolation(limit: .bound, name: column.name, amount: beyond)
            }
            let fraction = abs(value - value.rounded())
            if column.isInteger, fraction > Self.integralityTolerance {
                return ModelViolation(limit: .integrality, name: column.name, amount: fraction)
            }
        }
        return rows.lazy.compactMap { violation(of: $0, values) }.first
    }

    private func violation(of row: Row, _ values: [Double]) -> ModelViolation? {
        var activity = 0.0
        var scale = 1.0
        for term in row.terms {
            let product = term.coefficient * values[term.column.index]
            activity += product
            scale = max(scale, abs(product))
        }
        let beyond = max(row.lower - activity, activity - row.upper)
        guard beyond > Self.feasibilityTolerance * scale else { return nil }
        return ModelViolation(limit: .row, name: row.name, amount: beyond)
    }
}
