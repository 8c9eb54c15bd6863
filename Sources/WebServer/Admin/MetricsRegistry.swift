import Synchronization

/// Counters and gauges of one process, read out in the Prometheus text format (version 0.0.4).
public final class MetricsRegistry: Sendable {
    private struct Series: Hashable {
        let name: String
        let labels: [String]
    }

    private struct Family {
        let help: String
        let kind: String
    }

    private struct State {
        var families: [String: Family] = [:]
        var values: [Series: Double] = [:]
    }

    private let state = Mutex(State())

    public init() {}

    /// Adds to a counter. Names and label values are chosen by the program, never taken from a message.
    public func count(
        _ name: String, help: String, labels: KeyValuePairs<String, String> = [:], by amount: Double = 1
    ) {
        state.withLock { state in
            state.families[name] = Family(help: help, kind: "counter")
            state.values[Self.series(name, labels), default: 0] += amount
        }
    }

    public func set(_ name: String, help: String, labels: KeyValuePairs<String, String> = [:], to value: Double) {
        state.withLock { state in
            state.families[name] = Family(help: help, kind: "gauge")
            state.values[Self.series(name, labels)] = value
        }
    }

    /// The value of one series, zero when nothing was counted yet.
    public func value(_ name: String, labels: KeyValuePairs<String, String> = [:]) -> Double {
        state.withLock { $0.values[Self.series(name, labels)] ?? 0 }
    }

    /// Every series, sorted by name and labels.
    public func exposition() -> String {
        let (families, values) = state.withLock { ($0.families, $0.values) }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text += "# HELP \(name) \(family.help)\n# TYPE \(name) \(family.kind)\n"
            let series = values.filter { $0.key.name == name }
                .map { (labels: $0.key.labels.joined(separator: ","), value: $0.value) }
                .sorted { $0.labels < $1.labels }
            for (labels, value) in series {
                text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
            }
        }
        return text
    }

    private static func series(_ name: String, _ labels: KeyValuePairs<String, String>) -> Series {
        Series(name: name, labels: labels.map { "\($0.key)=\"\(escaped($0.value))\"" })
    }

    private static func escaped(_ value: String) -> String {
        value.reduce(into: "") { text, character in
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.append(character)
            }
        }
    }
}
