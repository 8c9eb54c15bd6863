import CCbc
import Glibc

/// A folder in which `CBCSolver` writes models down as MPS files (gzipped), for whoever has to find out why a solve
/// failed: any solver reads them.
public struct ModelArchive: Hashable, Sendable {
    /// Which models are written.
    public enum Selection: Hashable, Sendable {
        case all
        /// Those without an answer that holds: the solver gave up, its answer broke a limit, or it said that there is none.
        case failed
    }

    public let folder: String
    public let selection: Selection

    /// - Parameter folder: made when the first model is written; its parent has to be there.
    public init(folder: String, selection: Selection = .failed) {
        self.folder = folder
        self.selection = selection
    }

    func wants(_ outcome: SolveOutcome) -> Bool {
        switch outcome {
        case .solved, .noIncumbent: selection == .all
        case .failed, .infeasible, .unbounded: true
        }
    }

    /// Writes a model under the next free number and returns its path; nil when the folder cannot be written to.
    func write(_ model: LinearModel) -> String? {
        _ = mkdir(folder, 0o755)
        for number in 1...99_999 {
            let base = "\(folder)/model-\(number)"
            // Made by us first: CBC ends the process where it cannot open a file. It adds the ending itself.
            let file = open("\(base).mps.gz", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o644)
            if file < 0 {
                guard errno == EEXIST else { return nil }
                continue
            }
            close(file)
            CBCModel(model).write(to: base)
            return "\(base).mps.gz"
        }
        return nil
    }
}

extension CBCModel {
    /// Writes `path.mps.gz`, which has to be writable, with names, and costs as the model has them.
    consuming func write(to path: String) {
        var names: Set<String> = []
        for (index, column) in model.columns.enumerated() {
            Cbc_setObjCoeff(raw, Int32(index), column.cost)
            let name = Self.word(column.name)
            if names.insert(name).inserted { Cbc_setColName(raw, Int32(index), name) }
        }
        names.removeAll()
        for (index, row) in model.rows.enumerated() {
            let name = Self.word(row.name)
            if names.insert(name).inserted { Cbc_setRowName(raw, Int32(index), name) }
        }
        Cbc_writeMps(raw, path)
    }

    /// MPS separates by blanks.
    private static func word(_ name: String) -> String {
        String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-.:[]".contains($0)) ? $0 : "_" }.prefix(64))
    }
}
