import ArgumentParser
import Foundation

/// Where the commands of a VEN find its settings: a file, flags, and the environment.
struct VENOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The settings: the ven.yaml of a bundle (environment: CURTAIL_VEN_CONFIG).", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("The folder that 'curtail cert issue' wrote.", valueName: "folder"))
    var bundle: String?

    @Option(help: ArgumentHelp("Where the VTN is, instead of what the settings say.", valueName: "url"))
    var url: String?

    @Option(name: .customLong("ven-id"), help: ArgumentHelp("The VEN's id.", valueName: "id"))
    var venID: String?

    @Option(help: ArgumentHelp("How often to poll where the VTN names nothing, such as 10s.", valueName: "span"))
    var poll: String?

    @Option(help: ArgumentHelp("The folder of what the VEN must not forget.", valueName: "folder"))
    var state: String?

    @Option(help: ArgumentHelp("What the VEN says to every event: in or out.", valueName: "opt"))
    var opt: String?

    @Option(help: ArgumentHelp("What the simulated load draws without an event.", valueName: "watts"))
    var load: String?

    @Option(help: ArgumentHelp("The part of the simulated load that can be shed (0 to 1).", valueName: "share"))
    var share: String?

    @Option(
        help: ArgumentHelp(
            "A site's file ('curtail site plan'): the simulated load follows its plan instead.", valueName: "file"))
    var site: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Any setting, such as vtn.verify=both; 'curtail ven config' lists them. May be repeated.",
            valueName: "path=value"))
    var set: [String] = []

    func validate() throws {
        if config != nil, bundle != nil { throw ValidationError("Give --config or --bundle, not both.") }
        if let url, VTNEndpoint(url) == nil {
            throw ValidationError("--url takes a URL like https://vtn.example.com:8443, not '\(url)'.")
        }
        if let bad = set.first(where: { !$0.contains("=") }) {
            throw ValidationError("--set takes PATH=VALUE, not '\(bad)'.")
        }
    }

    /// All layers put together, and the folder in which relative paths begin.
    func layered() throws -> (settings: LayeredSettings, folder: String) {
        let environment = ProcessInfo.processInfo.environment
        let bundle = try source(environment["CURTAIL_VEN_CONFIG"].flatMap { $0.isEmpty ? nil : $0 })
        let settings = try LayeredSettings(
            keys: VENSettings.keys, text: bundle?.text, name: bundle?.file ?? "", environment: environment,
            prefix: VENSettings.prefix, flags: flags)
        return (settings, bundle?.folder ?? FileManager.default.currentDirectoryPath)
    }

    func resolved() throws -> VENSettings {
        let (settings, folder) = try layered()
        return try VENSettings(settings, folder: folder)
    }

    private func source(_ variable: String?) throws -> (text: String, file: String, folder: String)? {
        if let bundle {
            let found = try VENBundle(folder: bundle)
            return (found.text, found.file, bundle)
        }
        guard let path = config ?? variable else { return nil }
        if path.hasSuffix(".json") {
            let found = try VENBundle(folder: Self.folder(of: path))
            return (found.text, found.file, found.folder)
        }
        return (try LayeredSettings.text(ofFile: path), path, Self.folder(of: path))
    }

    private static func folder(of path: String) -> String {
        URL(fileURLWithPath: path).deletingLastPathComponent().path
    }

    private var flags: [(path: String, flag: String, text: String)] {
        let own: [(String, String, String?)] = [
            ("vtn.url", "--url", url), ("venID", "--ven-id", venID), ("poll", "--poll", poll),
            ("state", "--state", state), ("opt", "--opt", opt), ("load", "--load", load), ("share", "--share", share),
            (
                "site", "--site",
                site.map { $0.hasPrefix("/") ? $0 : "\(FileManager.default.currentDirectoryPath)/\($0)" }
            ),
        ]
        let general = set.map { text in
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (path: String(parts[0]), flag: "--set \(parts[0])", text: String(parts[1]))
        }
        return general + own.compactMap { path, flag, text in text.map { (path: path, flag: flag, text: $0) } }
    }
}
