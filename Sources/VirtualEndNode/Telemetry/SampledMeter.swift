import Foundation
public import Measures
public import OpenADR
import Synchronization

/// Meters whose values are gathered while the VEN runs, and kept on the disk until they are old.
public final class SampledMeter: MeterSource {
    private struct State {
        var series: [String: SampleSeries]
        var journal: Journal?
        var kept: Set<String>
        /// In bytes.
        var snapshotSize = 0
    }

    /// A line of the journal.
    private struct Line: Codable {
        /// The resource; empty for the VEN as a whole.
        let m: String
        /// Seconds since the epoch.
        let t: Int64
        let v: Double
    }

    public static let fileName = "telemetry.journal"

    /// Beyond this the journal is written anew, without what is old. In bytes.
    private static let roomy = 8 << 20

    private let state: Mutex<State>
    private let capacity: TimeSpan

    /// - Parameters:
    ///   - series: by resource; nil is the VEN as a whole.
    ///   - kept: the resources whose values go to the journal; others have a file of their own.
    ///   - journal: its path; nil keeps nothing.
    ///   - capacity: how long values are kept.
    public init(
        series: [ResourceID?: SampleSeries], kept: Set<ResourceID?>, journal: String?, capacity: TimeSpan = .days(7),
        now: Instant
    ) throws {
        var all = Dictionary(uniqueKeysWithValues: series.map { (Self.key($0.key), $0.value) })
        let file = try journal.map { path in
            try Journal(path: path) { bytes in
                guard let line = try? JSONDecoder().decode(Line.self, from: Data(bytes)) else {
                    throw JournalError.unreadable("no value of a meter")
                }
                let moment = Instant(secondsSinceEpoch: line.t)
                if now - capacity <= moment { all[line.m]?.add(line.v, at: moment) }
            }
        }
        self.capacity = capacity
        state = Mutex(State(series: all, journal: file, kept: Set(kept.map(Self.key))))
    }

    /// Takes a value, in watts or watt-hours; when this returns it survives a kill.
    public func add(_ value: Double, of resource: ResourceID?, at moment: Instant, now: Instant) throws {
        let key = Self.key(resource)
        try state.withLock { state in
            guard value.isFinite, state.series[key] != nil else { return }
            state.series[key]?.add(value, at: moment)
            state.series[key]?.forget(before: now - capacity)
            guard state.kept.contains(key), let journal = state.journal else { return }
            if journal.size > max(Self.roomy, 2 * state.snapshotSize) {
                try journal.replace(
                    with: state.kept.sorted().flatMap { key in
                        try state.series[key]?.values.map { try Self.line(key, $0.at, $0.value) } ?? []
                    })
                state.snapshotSize = journal.size
            } else {
                try journal.append(try Self.line(key, moment, value))
            }
        }
    }

    public func readings(
        of resource: ResourceID?, in window: TimeWindow, every step: TimeSpan
    ) async throws -> [IntervalReading] {
        guard let series = state.withLock({ $0.series[Self.key(resource)] }) else { return [] }
        return window.intervals(every: step).map {
            IntervalReading(start: $0.start, duration: $0.duration, energy: series.energy(in: $0))
        }
    }

    private static func line(_ key: String, _ moment: Instant, _ value: Double) throws -> [UInt8] {
        Array(try JSONEncoder().encode(Line(m: key, t: moment.secondsSinceEpoch, v: value)))
    }

    private static func key(_ resource: ResourceID?) -> String { resource?.rawValue ?? "" }
}
