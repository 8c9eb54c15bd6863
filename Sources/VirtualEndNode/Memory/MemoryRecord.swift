import Foundation
import Measures
import OpenADR
import OpenADRXML

/// A change of a VEN's memory as it stands in the journal: JSON, with the standard's structures as the standard's XML,
/// so that the schema has its say when they are read again.
enum MemoryRecord: Codable {
    case registration(EndNodeRegistration?)
    case announced(String?)
    case event(StoredEvent)
    case noEvent(EventID)
    case report(StoredReport)
    case noReport(ReportRequestID)
    case opt(LocalOpt)
    case noOpt(OptID)

    struct StoredEvent: Codable {
        /// An oadrDistributeEvent with this event only.
        let xml: String
        let offset: TimeSpan
        let opt: OptType
        let requestID: RequestID
        let slots: [Timeline.Slot]
        let isCancelled: Bool
    }

    struct StoredReport: Codable {
        /// An oadrCreateReport with this request only.
        let xml: String
        let step: TimeSpan
        let reportedUntil: Instant
        let period: TimeSpan?
        let firstDue: Instant
        let end: Instant?
        let isLast: Bool
        let gaps: [Gap]
    }

    struct Gap: Codable {
        let start: Instant
        let rIDs: [RID]
    }
}

/// Turns changes into lines of a journal, and lines into changes.
struct MemoryCoder {
    let codec: OpenADRCodec

    private static let placeholder = "journal"

    func encode(_ changes: [MemoryChange]) throws -> [UInt8] {
        Array(try JSONEncoder().encode(changes.map(record)))
    }

    func decode(_ line: [UInt8]) throws -> [MemoryChange] {
        try JSONDecoder().decode([MemoryRecord].self, from: Data(line)).map(change)
    }

    private func record(_ change: MemoryChange) -> MemoryRecord {
        switch change {
        case .registration(let registration): return .registration(registration)
        case .announced(let announced): return .announced(announced)
        case .event(let known):
            let message = DistributeEvent(
                requestID: RequestID(Self.placeholder), vtnID: VTNID(Self.placeholder), events: [known.event])
            return .event(
                MemoryRecord.StoredEvent(
                    xml: text(.distributeEvent(message)), offset: known.offset, opt: known.opt,
                    requestID: known.requestID, slots: known.slots, isCancelled: known.isCancelled))
        case .noEvent(let id): return .noEvent(id)
        case .report(let report):
            let message = CreateReport(requestID: RequestID(Self.placeholder), requests: [report.request])
            return .report(
                MemoryRecord.StoredReport(
                    xml: text(.createReport(message)), step: report.step, reportedUntil: report.reportedUntil,
                    period: report.period, firstDue: report.firstDue, end: report.end, isLast: report.isLast,
                    gaps: report.gaps.sorted { $0.key < $1.key }.map {
                        MemoryRecord.Gap(start: $0.key, rIDs: $0.value.sorted())
                    }))
        case .noReport(let id): return .noReport(id)
        case .opt(let opt): return .opt(opt)
        case .noOpt(let id): return .noOpt(id)
        }
    }

    private func change(_ record: MemoryRecord) throws -> MemoryChange {
        switch record {
        case .registration(let registration): return .registration(registration)
        case .announced(let announced): return .announced(announced)
        case .event(let stored):
            guard case .distributeEvent(let message) = try payload(stored.xml), let event = message.events.first else {
                throw JournalError.unreadable("no event")
            }
            return .event(
                KnownEvent(
                    remembered: event, offset: stored.offset, opt: stored.opt, requestID: stored.requestID,
                    slots: stored.slots, isCancelled: stored.isCancelled))
        case .noEvent(let id): return .noEvent(id)
        case .report(let stored):
            guard case .createReport(let message) = try payload(stored.xml), let request = message.requests.first else {
                throw JournalError.unreadable("no report request")
            }
            return .report(
                RememberedReport(
                    request: request, step: stored.step, reportedUntil: stored.reportedUntil, period: stored.period,
                    firstDue: stored.firstDue, end: stored.end, isLast: stored.isLast,
                    gaps: Dictionary(
                        stored.gaps.map { ($0.start, Set($0.rIDs)) }, uniquingKeysWith: { $0.union($1) })))
        case .noReport(let id): return .noReport(id)
        case .opt(let opt): return .opt(opt)
        case .noOpt(let id): return .noOpt(id)
        }
    }

    private func text(_ payload: Payload) -> String { String(decoding: codec.encode(payload), as: UTF8.self) }

    private func payload(_ xml: String) throws -> Payload {
        do {
            return try codec.decode(Array(xml.utf8))
        } catch {
            throw JournalError.unreadable("\(error)")
        }
    }
}
