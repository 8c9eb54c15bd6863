import ArgumentParser
import Glibc
import Logging
import Measures

/// How log lines look.
enum LogFormat: String, ExpressibleByArgument, CaseIterable {
    case json
    case text

    /// For people on a terminal, for machines everywhere else.
    static var standard: LogFormat { isatty(STDERR_FILENO) == 1 ? .text : .json }

    func logger(_ label: String, level: Logger.Level = .info) -> Logger {
        Logger(label: label) { label in
            switch self {
            case .json: JSONLogHandler(label: label, level: level, sink: .errorStream)
            case .text: TextLogHandler(level: level, sink: .errorStream)
            }
        }
    }
}

/// Log lines for people: time of day (UTC), level where it matters, what happened, and the details.
struct TextLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    private let sink: LogSink

    init(level: Logger.Level, sink: LogSink) {
        logLevel = level
        self.sink = sink
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let time = SystemTime().now().description.dropFirst(11).dropLast()
        let level = event.level <= .notice ? "" : "\(event.level.rawValue.uppercased()) "
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        let details = all.sorted { $0.key < $1.key }
            .map { " \($0.key)=\(Self.plain($0.value.description))" }.joined()
        sink.write("\(time) \(level)\(Self.plain(event.message.description))\(details)\n")
    }

    /// Without anything that would move a terminal's cursor or start a new line.
    private static func plain(_ text: String) -> String {
        String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}
