public import ArgumentParser
import Crypto
import Foundation
import Measures
public import MeterData
import OpenADRXML

/// How a file of meter values is to be read, where that is not left to be found out.
struct ImportReading: ParsableArguments {
    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case intervals
        case register
    }

    @Argument(help: ArgumentHelp("A table (CSV) or Green Button XML.", valueName: "file")) var file: String

    @Option(help: ArgumentHelp("The unit of the values: Wh, kWh, MWh, W, kW or MW.", valueName: "unit"))
    var unit: ImportPlan.Unit?

    @Option(
        help: ArgumentHelp(
            "The clock of times without offset: UTC or a zone such as Europe/Berlin; without it, the meter's.",
            valueName: "zone"))
    var zone: String?

    @Option(help: "The order of day, month and year, or seconds or milliseconds since 1970.")
    var dates: ImportPlan.DateOrder?

    @Option(help: "Whether the values are energies of intervals or what a register shows.")
    var values: Kind?

    @Option(help: ArgumentHelp("Where the register begins at 0 again, in the file's unit.", valueName: "value"))
    var rollOver: Double?

    @Option(help: ArgumentHelp("The length of an interval.", valueName: "span")) var step: SpanArgument?

    @Flag(help: "Times are the ends of their intervals.") var stampsEnd = false

    func validate() throws {
        if let rollOver, !(rollOver.isFinite && rollOver > 0) {
            throw ValidationError("--roll-over takes a number above 0.")
        }
        if let step, !(1...86_400).contains(step.span.seconds) { throw ValidationError("--step takes 1s to 1d.") }
    }

    /// What was found out, with what was said instead.
    func plan(_ sample: [UInt8], isWhole: Bool) throws -> ImportPlan {
        var plan = try TableSniffer.plan(sample, isWhole: isWhole)
        if let unit { plan.unit = unit }
        if let dates { plan.dateOrder = dates }
        if let zone { plan.clock = zone == "UTC" ? .utc : .zone(zone) }
        if let step { plan.step = step.span.seconds }
        if stampsEnd { plan.stampsEnd = true }
        switch values {
        case .intervals: plan.values = .intervals
        case .register: plan.values = .register(rollOver: rollOver.map { $0 * plan.unit.factor })
        case nil:
            if case .register = plan.values {
                plan.values = .register(rollOver: rollOver.map { $0 * plan.unit.factor })
            }
        }
        return plan
    }
}

extension ImportPlan.Unit: ExpressibleByArgument {}
extension ImportPlan.DateOrder: ExpressibleByArgument {}

/// A file of meter values on disk.
struct ValueFile {
    let name: String
    let size: Int
    private let path: String

    init(_ path: String) throws {
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let attributes = try? FileManager.default.attributesOfItem(atPath: target)
        guard let attributes, attributes[.type] as? FileAttributeType == .typeRegular else {
            throw CommandFailure(
                "The file \(path) does not exist, or is no file.", hint: "check the path", status: .notFound)
        }
        self.path = target
        name = URL(fileURLWithPath: path).lastPathComponent
        size = attributes[.size] as? Int ?? 0
    }

    private func open() throws -> FileHandle {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw CommandFailure("The file \(path) cannot be read.", hint: "check its rights")
        }
        return handle
    }

    func head(_ count: Int) throws -> [UInt8] {
        let handle = try open()
        defer { try? handle.close() }
        return [UInt8](try handle.read(upToCount: count) ?? Data())
    }

    /// Reads it piece by piece; the last one is empty.
    func pieces() throws -> () throws -> [UInt8] {
        let handle = try open()
        return { try handle.read(upToCount: 1 << 16).map { [UInt8]($0) } ?? [] }
    }

    func digest() throws -> [UInt8] {
        let next = try pieces()
        var hash = SHA256()
        while case let piece = try next(), !piece.isEmpty { hash.update(data: piece) }
        return Array(hash.finalize())
    }

    /// The values of a Green Button file, and the plan that tells the batch what they were; nil for a table.
    func greenButton() throws -> (values: [ImportedValue], plan: ImportPlan)? {
        guard GreenButtonFile.isLikely(try head(512)) else { return nil }
        guard size <= GreenButtonFile.largest else {
            throw CommandFailure("The file \(name) is too large for XML.", hint: "export it in parts, or as CSV")
        }
        let file = try GreenButtonFile(try head(size))
        guard file.series.count == 1, let series = file.series.first else {
            throw CommandFailure(
                "The file \(name) holds \(file.series.count) meter readings.", hint: "export one reading a file")
        }
        let values = series.readings.enumerated().compactMap { index, reading in
            reading.energy.map {
                ImportedValue(
                    meter: "", start: reading.start, duration: series.isRegister ? .zero : reading.duration,
                    value: $0.value, line: index + 1)
            }
        }
        let step = series.readings.map(\.duration.seconds).first { $0 > 0 } ?? 900
        let plan = ImportPlan(
            delimiter: ",", decimalComma: false, skippedLines: 0, header: ["Green Button"],
            layout: .long(time: .stamp(0), value: 1, meter: nil), dateOrder: .epochSeconds, clock: .stated,
            stampsEnd: false, isDescending: false, unit: .wattHours,
            values: series.isRegister ? .register(rollOver: nil) : .intervals, step: step, notes: ["Green Button XML"])
        return (values, plan)
    }
}
