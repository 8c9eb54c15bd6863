import Foundation
import Yams

/// One thing that can be set, by a flag, by the environment or in a file.
struct SettingKey: Hashable, Sendable {
    /// Where it stands in the file, with dots between the levels.
    let path: String
    /// The flag of its own, if it has one; `--set PATH=VALUE` sets every key.
    let flag: String?
    /// What counts where nobody says anything, as YAML; nil for nothing.
    let standard: String?
    let summary: String

    init(_ path: String, flag: String? = nil, standard: String? = nil, _ summary: String) {
        self.path = path
        self.flag = flag
        self.standard = standard
        self.summary = summary
    }

    /// `vtn.url` is CURTAIL_VEN_VTN_URL, `marketContexts` CURTAIL_VEN_MARKET_CONTEXTS.
    func variable(prefix: String) -> String {
        prefix
            + path.map { character in
                if character == "." { return "_" }
                return character.isUppercase ? "_\(character)" : character.uppercased()
            }.joined()
    }
}

/// Where a value comes from.
enum SettingSource: Hashable, Sendable, CustomStringConvertible {
    case flag(String)
    case environment(String)
    case file(String, line: Int)
    case standard

    var description: String {
        switch self {
        case .flag(let name): name
        case .environment(let name): name
        case .file(let name, let line): "\(name) line \(line)"
        case .standard: "default"
        }
    }
}

/// Settings from four layers: flags count more than the environment, that more than the file, that more than defaults.
///
/// Every value is YAML, wherever it stands, and every refusal names the place that has to be changed.
struct LayeredSettings {
    struct Value {
        let node: Node
        let source: SettingSource

        /// On one line.
        var text: String {
            if let text = node.string { return text }
            let options = (try? Yams.serialize(node: node, width: -1)) ?? ""
            return options.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")
        }
    }

    let keys: [SettingKey]
    private var values: [String: Value] = [:]

    private static let longestFile = 1 << 20

    /// - Parameters:
    ///   - text: the file's text; nil without a file.
    ///   - name: how the file is called in refusals.
    ///   - flags: values by the path of their key, with the flag that gave them.
    init(
        keys: [SettingKey], text: String?, name: String, environment: [String: String], prefix: String,
        flags: [(path: String, flag: String, text: String)]
    ) throws {
        self.keys = keys
        for key in keys {
            if let standard = key.standard {
                values[key.path] = Value(node: try Self.node(standard), source: .standard)
            }
        }
        if let text { try read(text, name: name) }
        for key in keys {
            let variable = key.variable(prefix: prefix)
            guard let text = environment[variable], !text.isEmpty else { continue }
            let source = SettingSource.environment(variable)
            values[key.path] = Value(node: try Self.node(text, at: source), source: source)
        }
        for (path, flag, text) in flags {
            guard keys.contains(where: { $0.path == path }) else {
                throw CommandFailure(
                    "\(flag): there is no setting '\(path)'.\(suggestion(for: path))",
                    hint: "'curtail ven config' lists the settings", status: .usage)
            }
            values[path] = Value(node: try Self.node(text, at: .flag(flag)), source: .flag(flag))
        }
    }

    /// The text of a file; too long or not UTF-8 is refused.
    static func text(ofFile path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(
                "The file \(path) cannot be read.", hint: "'curtail cert issue NAME' writes one", status: .notFound)
        }
        guard data.count <= longestFile, let text = String(data: data, encoding: .utf8) else {
            throw CommandFailure(
                "The file \(path) is no settings: longer than \(longestFile) bytes, or not UTF-8.",
                hint: "name the ven.yaml of a bundle")
        }
        return text
    }

    subscript(path: String) -> Value? { values[path] }

    /// The keys that have a value, in the order of their list.
    var all: [(key: SettingKey, value: Value)] {
        keys.compactMap { key in values[key.path].map { (key, $0) } }
    }

    // MARK: Reading

    private mutating func read(_ text: String, name: String) throws {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw Self.refusal(error, text: text, name: name)
        }
        guard let root, root.null == nil else { return }
        guard case .mapping(let mapping) = root else {
            throw CommandFailure(
                "\(name) line \(root.mark?.line ?? 1): settings are lines like 'poll: 10s'.",
                hint: "see 'curtail ven config --help'")
        }
        try read(mapping, below: "", name: name)
    }

    private mutating func read(_ mapping: Node.Mapping, below prefix: String, name: String) throws {
        for (keyNode, node) in mapping {
            let path = prefix + (keyNode.string ?? "")
            let line = keyNode.mark?.line ?? 1
            if keys.contains(where: { $0.path == path }) {
                values[path] = Value(node: node, source: .file(name, line: node.mark?.line ?? line))
            } else if keys.contains(where: { $0.path.hasPrefix(path + ".") }) {
                guard case .mapping(let inner) = node else {
                    throw CommandFailure(
                        "\(name) line \(line): '\(path)' has settings of its own below it.",
                        hint: "write them in the lines after it, with two more spaces in front")
                }
                try read(inner, below: path + ".", name: name)
            } else {
                throw CommandFailure(
                    "\(name) line \(line): there is no setting '\(path)'.\(suggestion(for: path))",
                    hint: "'curtail ven config' lists the settings")
            }
        }
    }

    private static func node(_ text: String, at source: SettingSource = .standard) throws -> Node {
        do {
            return try Yams.compose(yaml: text) ?? Node("")
        } catch {
            throw CommandFailure(
                "\(source): '\(text)' is no YAML.", hint: "put quotes around it", status: .usage)
        }
    }

    private static func refusal(_ error: any Error, text: String, name: String) -> CommandFailure {
        let (line, problem): (Int?, String) =
            switch error {
            case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
                YamlError.composer(_, let problem, let mark, _):
                (mark.line, problem)
            case YamlError.duplicatedKeysInMapping(let keys, _):
                (second(keys.first, in: text), "'\(keys.joined(separator: "', '"))' stands there twice")
            default:
                (nil, "\(error)".split(separator: "\n").first.map(String.init) ?? "no YAML")
            }
        let place = line.map { "\(name) line \($0)" } ?? name
        return CommandFailure(
            "\(place): \(problem).", hint: "YAML wants 'name: value', spaces instead of tabs, and quotes around signs")
    }

    /// The line in which a key stands for the second time.
    private static func second(_ key: String?, in text: String) -> Int? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let hits = lines.indices.filter { index in
            key.map { lines[index].trimmingCharacters(in: .whitespaces).hasPrefix("\($0):") } ?? false
        }
        return hits.dropFirst().first.map { $0 + 1 }
    }

    /// The nearest key, when it is near enough to be meant.
    private func suggestion(for path: String) -> String {
        let near = keys.map { (key: $0.path, distance: distance($0.path.lowercased(), path.lowercased())) }
            .min { $0.distance < $1.distance }
        guard let near, near.distance <= max(2, path.count / 3) else { return "" }
        return " Did you mean '\(near.key)'?"
    }
}

/// Levenshtein's: how many characters have to be put in, left out or replaced.
private func distance(_ left: String, _ right: String) -> Int {
    let right = Array(right)
    var row = Array(0...right.count)
    for (index, character) in left.enumerated() {
        var diagonal = row[0]
        row[0] = index + 1
        for column in right.indices {
            let cost = diagonal + (right[column] == character ? 0 : 1)
            diagonal = row[column + 1]
            row[column + 1] = min(cost, row[column] + 1, diagonal + 1)
        }
    }
    return row[right.count]
}

/// A value with its place, on its way to a type.
struct SettingReader {
    let node: Node
    /// What a refusal begins with.
    let place: String

    init(_ node: Node, place: String) {
        self.node = node
        self.place = place
    }

    init(_ value: LayeredSettings.Value, path: String) {
        self.init(value.node, place: "\(value.source): \(path)")
    }

    func refusal(_ wanted: String) -> CommandFailure {
        let found = node.string.map { "not '\($0)'" } ?? "not a list or settings of its own"
        return CommandFailure("\(place) takes \(wanted), \(found).", hint: "correct that value", status: .usage)
    }

    func text(_ wanted: String = "a text") throws -> String {
        guard let text = node.string, !text.isEmpty else { throw refusal(wanted) }
        return text
    }

    /// Through a conversion that says nil for what it does not take.
    func value<Value>(_ wanted: String, _ convert: (String) -> Value?) throws -> Value {
        guard let value = convert(try text(wanted)) else { throw refusal(wanted) }
        return value
    }

    /// A list, or one value for a list of one.
    func list() throws -> [SettingReader] {
        switch node {
        case .sequence(let items):
            return items.enumerated().map { SettingReader($1, place: here($1, "[\($0 + 1)]")) }
        case .scalar:
            return [self]
        default:
            throw refusal("a list")
        }
    }

    /// Settings of its own, of which only these names are known.
    func fields(_ known: [String]) throws -> [String: SettingReader] {
        guard case .mapping(let mapping) = node else {
            throw refusal("settings of its own (\(known.joined(separator: ", ")))")
        }
        var fields: [String: SettingReader] = [:]
        for (key, value) in mapping {
            let name = key.string ?? ""
            guard known.contains(name) else {
                throw CommandFailure(
                    "\(here(key, "")): there is no '\(name)' here.", hint: "it takes \(known.joined(separator: ", "))",
                    status: .usage)
            }
            fields[name] = SettingReader(value, place: here(value, ".\(name)"))
        }
        return fields
    }

    /// The place of a node inside: its own line where the whole is from a file.
    private func here(_ inner: Node, _ suffix: String) -> String {
        guard let range = place.range(of: " line "), let line = inner.mark?.line else { return place + suffix }
        let rest = place[range.upperBound...].drop { $0.isNumber }
        return "\(place[..<range.upperBound])\(line)\(rest)\(suffix)"
    }
}
