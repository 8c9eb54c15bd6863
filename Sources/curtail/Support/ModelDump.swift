import ArgumentParser
import Foundation
import Optimization

extension ModelArchive {
    /// Where models go that a solver failed at, unless somebody says otherwise.
    static var ofFailures: ModelArchive {
        ModelArchive(folder: FileManager.default.temporaryDirectory.appendingPathComponent("curtail-models").path)
    }
}

/// Whether all models are kept.
struct ModelDumpOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write every model that is solved to this folder, as MPS; those that fail are always kept.",
            valueName: "folder"))
    var dumpModel: String?

    /// The folder is made where it is missing.
    func archive() throws -> ModelArchive {
        guard let dumpModel else { return .ofFailures }
        do {
            try FileManager.default.createDirectory(atPath: dumpModel, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure(
                "\(dumpModel) cannot be used: \(error.localizedDescription).", hint: "choose another --dump-model",
                status: .refused)
        }
        guard FileManager.default.isWritableFile(atPath: dumpModel) else {
            throw CommandFailure(
                "\(dumpModel) cannot be written to.", hint: "choose another --dump-model", status: .refused)
        }
        return ModelArchive(folder: dumpModel, selection: .all)
    }
}
