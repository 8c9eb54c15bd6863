import Foundation
import Measures
import OpenADR
import VirtualEndNode

/// One entry of `meters`: where the readings of a resource, or of the whole VEN, come from.
struct MeterSettings: Sendable {
    enum Input: Hashable, Sendable {
        /// Prints a number.
        case command([String])
        /// Answers with a number, or with JSON that has it in a field such as `meter.power`.
        case url(URL, field: String?)
        /// A file that grows, with the names of its columns.
        case csv(String, time: String, value: String)
    }

    let resource: ResourceID?
    let kind: SampleSeries.Kind
    /// To watts or watt-hours.
    let factor: Double
    let every: TimeSpan
    /// How late values may come before they are reported as missing.
    let delay: TimeSpan
    let input: Input

    private static let units: [String: (factor: Double, isPower: Bool)] = [
        "W": (1, true), "kW": (1e3, true), "MW": (1e6, true), "Wh": (1, false), "kWh": (1e3, false),
        "MWh": (1e6, false),
    ]

    init(_ reader: SettingReader, folder: String) throws {
        let fields = try reader.fields([
            "resource", "unit", "kind", "every", "delay", "command", "url", "field", "csv", "time", "value",
        ])
        resource = try fields["resource"].map { ResourceID(try $0.text("an id")) }
        guard let unitReader = fields["unit"] else { throw reader.refusal("a unit (W, kW, MW, Wh, kWh, MWh)") }
        let unit = try unitReader.value("W, kW, MW, Wh, kWh or MWh") { Self.units[$0] }
        factor = unit.factor
        kind =
            try fields["kind"]?.value("power, counter or energy", SampleSeries.Kind.init)
            ?? (unit.isPower ? .power : .counter)
        if (kind == .power) != unit.isPower, let kindReader = fields["kind"] {
            throw kindReader.refusal("power with W, kW or MW, and counter or energy with Wh, kWh or MWh")
        }
        every = try fields["every"]?.span() ?? .seconds(10)
        delay =
            try fields["delay"]?.value("a span such as 30s, or 0") { SpanArgument(argument: $0)?.span }
            ?? (kind == .counter ? every + .seconds(1) : .zero)
        let inputs = ["command", "url", "csv"].compactMap { name in fields[name].map { (name, $0) } }
        guard inputs.count == 1 else { throw reader.refusal("one of command, url and csv") }
        switch inputs[0] {
        case ("command", let value): input = .command(try value.program())
        case ("url", let value):
            let url = try value.value("a URL like http://127.0.0.1/meter") { text in
                URL(string: text).flatMap { ["http", "https"].contains($0.scheme) && $0.host != nil ? $0 : nil }
            }
            input = .url(url, field: try fields["field"]?.text())
        case (_, let value):
            let path = try value.text("a path")
            input = .csv(
                path.hasPrefix("/") ? path : "\(folder)/\(path)", time: try fields["time"]?.text() ?? "time",
                value: try fields["value"]?.text() ?? "value")
        }
    }
}
