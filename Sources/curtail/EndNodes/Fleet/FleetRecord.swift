import Foundation
import Measures
import OpenADR
import Synchronization
import VirtualEndNode

/// A file with a line for everything that a fleet's VENs decided and acted on: what a test compares with the VTN's books.
///
/// ```
/// decide<TAB>ven<TAB>event<TAB>modification<TAB>optIn
/// act<TAB>ven<TAB>event<TAB>start<TAB>end<TAB>what
/// ```
///
/// An act stands there each time that a load is told a slot which was not in what it was told before.
final class FleetRecord: Sendable {
    private let sink: LogSink
    private let told = Mutex<[VENID: Set<Timeline.Slot>]>([:])

    /// Nil when the file cannot be written.
    init?(path: String) {
        try? FileManager.default.removeItem(atPath: path)
        guard let sink = LogSink(appendingTo: path) else { return nil }
        self.sink = sink
    }

    func decide(_ opt: OptType, on event: QualifiedEventID, of venID: VENID) {
        sink.write("decide\t\(venID)\t\(event.eventID)\t\(event.modificationNumber)\t\(opt.rawValue)\n")
    }

    func follow(_ timeline: Timeline, of venID: VENID) {
        let slots = Set(timeline.layers.flatMap(\.slots))
        let new = told.withLock { $0.updateValue(slots, forKey: venID).map { slots.subtracting($0) } ?? slots }
        for slot in new.sorted(by: { $0.start < $1.start }) {
            let end = slot.end.map(\.description) ?? "open"
            sink.write("act\t\(venID)\t\(slot.eventID)\t\(slot.start)\t\(end)\t\(slot.dispatch)\n")
        }
    }
}
