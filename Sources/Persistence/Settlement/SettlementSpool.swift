import DemandResponse
import Foundation
import MariaDB
import Measures
import Synchronization

/// What auditors get to see of each site, put aside while an event is counted and fetched when it is booked: an event of a
/// city does not have to fit into memory. A file without a name, gone with the process whatever becomes of it.
final class SettlementSpool: Sendable {
    private struct State {
        let file: FileHandle
        var end: UInt64 = 0
        var places: [MeterID: (offset: UInt64, count: Int)] = [:]
    }

    private let state: Mutex<State>

    init() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("curtail-\(UUID().uuidString)").path
        guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
            let file = FileHandle(forUpdatingAtPath: path)
        else { throw CocoaError(.fileWriteUnknown) }
        try FileManager.default.removeItem(atPath: path)
        state = Mutex(State(file: file))
    }

    /// Of several of one meter the last counts.
    func keep(_ audit: LedgerAudit, of meter: MeterID) throws {
        let bytes = try JSONColumn.bytes(audit)
        try state.withLock { state in
            try state.file.seek(toOffset: state.end)
            try state.file.write(contentsOf: bytes)
            state.places[meter] = (state.end, bytes.count)
            state.end += UInt64(bytes.count)
        }
    }

    /// Nil for a meter that nothing is kept of.
    func audit(of meter: MeterID) throws -> LedgerAudit? {
        let bytes: Data? = try state.withLock { state in
            guard let place = state.places[meter] else { return nil }
            try state.file.seek(toOffset: place.offset)
            return try state.file.read(upToCount: place.count)
        }
        return try bytes.map { try JSONDecoder().decode(LedgerAudit.self, from: $0) }
    }
}
