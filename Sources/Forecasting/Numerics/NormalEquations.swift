/// Least squares through a Cholesky factor of the Gram matrix, tolerant of dependent columns.
///
/// A column whose pivot is lost in rounding depends on those before it; it gets the coefficient 0 and no pivot.
struct NormalEquations {
    /// Relative pivot below which a column counts as dependent.
    static let tolerance = 1e-11

    /// Number of columns.
    let size: Int
    /// Lower triangle, row by row, `size` per row.
    private(set) var factor: [Double]
    /// False for a dependent column.
    private(set) var isIndependent: [Bool]

    /// Factors the symmetric matrix whose lower triangle is given row by row.
    init(gram: [Double], size: Int) {
        self.size = size
        factor = gram
        isIndependent = [Bool](repeating: true, count: size)
        for j in 0..<size {
            let original = factor[j * size + j]
            for k in 0..<j where isIndependent[k] {
                factor[j * size + j] -= factor[j * size + k] * factor[j * size + k]
            }
            let pivot = factor[j * size + j]
            guard pivot > Self.tolerance * original, pivot.isFinite else {
                isIndependent[j] = false
                for i in j..<size { factor[i * size + j] = 0 }
                continue
            }
            let root = pivot.squareRoot()
            factor[j * size + j] = root
            for i in (j + 1)..<max(size, j + 1) {
                var sum = factor[i * size + j]
                for k in 0..<j { sum -= factor[i * size + k] * factor[j * size + k] }
                factor[i * size + j] = sum / root
            }
        }
    }

    /// Logarithm of the determinant of the leading block, dependent columns left out.
    func logDeterminant(leading: Int) -> Double {
        var sum = 0.0
        for j in 0..<leading where isIndependent[j] { sum += 2 * Elementary.log(factor[j * size + j]) }
        return sum
    }

    /// Solves the system for one right-hand side.
    func solve(_ rightHandSide: [Double]) -> [Double] {
        backward(forward(rightHandSide))
    }

    /// Solves L x = b.
    func forward(_ rightHandSide: [Double]) -> [Double] {
        var x = rightHandSide
        for j in 0..<size {
            guard isIndependent[j] else {
                x[j] = 0
                continue
            }
            for k in 0..<j { x[j] -= factor[j * size + k] * x[k] }
            x[j] /= factor[j * size + j]
        }
        return x
    }

    /// Solves L' x = b.
    private func backward(_ rightHandSide: [Double]) -> [Double] {
        var x = rightHandSide
        for j in stride(from: size - 1, through: 0, by: -1) {
            guard isIndependent[j] else {
                x[j] = 0
                continue
            }
            for k in (j + 1)..<max(size, j + 1) { x[j] -= factor[k * size + j] * x[k] }
            x[j] /= factor[j * size + j]
        }
        return x
    }
}
