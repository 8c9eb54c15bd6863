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

    /// One series that is counted often: no name and no label is looked at again.
    public final class Counter: Sendable {
        fileprivate let count = Atomic(0)

        public func increment() { count.add(1, ordering: .relaxed) }
    }

    private struct State {
        var families: [String: Family] = [:]
        /// What they count is added to the values of their series.
        var counters: [Series: [Counter]] = [:]
        var values: [Series: Double] = [:]

        func total(_ series: Series) -> Double {
            (values[series] ?? 0)
                + Double(counters[series, default: []].reduce(0) { $0 + $1.count.load(ordering: .relaxed) })
        }
    }

    private let state = Mutex(State())

    public init() {}

    /// Adds to a counter. Names and label values are chosen by the program, never taken from a message.
    public func count(
        _ name: String, help: String, labels: KeyValuePairs<String, String> = [:], by amount: Double = 1
    ) {
        state.withLock { state in
            if state.families[name] == nil { state.families[name] = Family(help: help, kind: "counter") }
            state.values[Self.series(name, labels), default: 0] += amount
        }
    }

    /// A counter for one series; what else is counted there is added to it.
    public func counter(_ name: String, help: String, labels: KeyValuePairs<String, String> = [:]) -> Counter {
        let counter = Counter()
        state.withLock { state in
            if state.families[name] == nil { state.families[name] = Family(help: help, kind: "counter") }
            state.counters[Self.series(name, labels), default: []].append(counter)
        }
        return counter
    }

    /// A request that was refused before its message was read.
    func countRejection(_ reason: String) {
        count("vtn_reject_total", help: "Requests refused before their message was read.", labels: ["reason": reason])
    }

    public func set(_ name: String, help: String, labels: KeyValuePairs<String, String> = [:], to value: Double) {
        state.withLock { state in
            state.families[name] = Family(help: help, kind: "gauge")
            state.values[Self.series(name, labels)] = value
        }
    }

    /// The value of one series, zero when nothing was counted yet.
    public func value(_ name: String, labels: KeyValuePairs<String, String> = [:]) -> Double {
        state.withLock { $0.total(Self.series(name, labels)) }
    }

    /// Every series, sorted by name and labels.
    public func exposition() -> String {
        let (families, values) = state.withLock { state in
            let counted = state.counters.keys.filter { state.total($0) > 0 }
            let series = Set(state.values.keys).union(counted)
            return (state.families, Dictionary(uniqueKeysWithValues: series.map { ($0, state.total($0)) }))
        }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key })
        where values.contains(where: { $0.key.name == name }) {
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
        guard value.utf8.contains(where: { $0 == 0x5C || $0 == 0x22 || $0 == 0x0A }) else { return value }
        return value.reduce(into: "") { text, character in
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.append(character)
            }
        }
    }
}
