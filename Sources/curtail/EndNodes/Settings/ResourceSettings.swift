import Foundation
import Measures
import OpenADR
import VirtualEndNode

/// One entry of `resources`: a load with what carries out its instructions and what it bears.
struct ResourceSettings: Sendable {
    enum Output: Hashable, Sendable {
        case command([String])
        case webhook(URL)
        case plugin([String])
    }

    /// Nil is the VEN as a whole.
    let id: ResourceID?
    let output: Output?
    let limits: ComfortLimits

    init(_ reader: SettingReader) throws {
        let fields = try reader.fields(["id", "output", "limits"])
        id = try fields["id"].map { ResourceID(try $0.text("an id")) }
        output = try fields["output"].map(Self.output)
        limits = try fields["limits"].map(Self.limits) ?? ComfortLimits()
    }

    private static func output(_ reader: SettingReader) throws -> Output {
        let fields = try reader.fields(["command", "webhook", "plugin"])
        guard fields.count == 1, let (kind, value) = fields.first else {
            throw reader.refusal("one of command, webhook and plugin")
        }
        switch kind {
        case "webhook":
            return .webhook(
                try value.value("a URL like http://127.0.0.1:9000/dr") { text in
                    URL(string: text).flatMap { ["http", "https"].contains($0.scheme) && $0.host != nil ? $0 : nil }
                })
        case "plugin": return .plugin(try value.program())
        default: return .command(try value.program())
        }
    }

    private static func limits(_ reader: SettingReader) throws -> ComfortLimits {
        let fields = try reader.fields(["longestShed", "rest", "highestLevel", "lowestSetpoint", "deepestCut"])
        return ComfortLimits(
            longestShed: try fields["longestShed"]?.span(), rest: try fields["rest"]?.span(),
            highestLevel: try fields["highestLevel"]?.value("0 to 3") {
                Int($0).flatMap { (0...3).contains($0) ? $0 : nil }
            },
            lowestSetpoint: try fields["lowestSetpoint"]?.power(), deepestCut: try fields["deepestCut"]?.power())
    }
}

extension SettingReader {
    func span() throws -> TimeSpan {
        try value("a span such as 10m") { SpanArgument(argument: $0).map(\.span).flatMap { $0 > .zero ? $0 : nil } }
    }

    func power() throws -> Watts { try value("a power such as 5 kW", Self.power) }

    /// Nil for anything but a number with W, kW or MW; a bare number is watts.
    static func power(_ text: String) -> Watts? {
        let parts = text.split(separator: " ")
        guard let number = parts.first.flatMap({ Double($0) }), number.isFinite, parts.count <= 2 else { return nil }
        let factors = ["W": 1.0, "kW": 1e3, "MW": 1e6]
        return (parts.count == 1 ? 1 : factors[String(parts[1])]).map { Watts(number * $0) }
    }

    /// A program with its arguments; no shell is between.
    func program() throws -> [String] {
        let parts = try list().map { try $0.text("a program with its arguments, as a list") }
        guard !parts.isEmpty else { throw refusal("a program with its arguments, as a list") }
        return parts
    }
}

extension FailSafe {
    /// `carryOn`, `normal`, `level 1` or `setpoint 5 kW`.
    static func action(_ text: String) -> Action? {
        let parts = text.split(separator: " ", maxSplits: 1)
        switch (parts.first, parts.count) {
        case ("carryOn", 1): return .carryOn
        case ("normal", 1): return .normal
        case ("level", 2): return Int(parts[1]).flatMap { (0...3).contains($0) ? .hold(.level($0)) : nil }
        case ("setpoint", 2): return SettingReader.power(String(parts[1])).map { .hold(.setpoint($0)) }
        default: return nil
        }
    }
}
