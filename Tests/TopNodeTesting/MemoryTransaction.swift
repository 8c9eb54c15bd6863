import Measures
import OpenADR
import VirtualTopNode

final class MemoryTransaction: TopNodeTransaction {
    var rows: MemoryRows

    init(_ rows: MemoryRows) { self.rows = rows }

    func ven(_ id: VENID) async throws -> VENRecord? { rows.vens[id] }

    func ven(certificate: CertificateDigest) async throws -> VENRecord? {
        rows.vens.values.first { $0.certificate == certificate }
    }

    func vens() async throws -> [VENRecord] { rows.vens.values.sorted { $0.venID < $1.venID } }
    func save(_ ven: VENRecord) async throws { rows.vens[ven.venID] = ven }
    func event(_ id: EventID) async throws -> EventRecord? { rows.events[id] }
    func save(_ event: EventRecord) async throws { rows.events[event.eventID] = event }

    func participations(in event: EventID) async throws -> [EventParticipation] {
        rows.participations.values.filter { $0.eventID == event }.sorted { $0.venID < $1.venID }
    }

    func participation(of ven: VENID, in event: EventID) async throws -> EventParticipation? {
        rows.participations[MemoryRows.PartKey(event: event, ven: ven)]
    }

    func participations(
        of ven: VENID, endingAfter instant: Instant
    ) async throws -> [(event: EventRecord, participation: EventParticipation)] {
        rows.participations.values.filter { $0.venID == ven }.compactMap { part in
            guard let event = rows.events[part.eventID], event.mentionedUntil.map({ $0 > instant }) ?? true else {
                return nil
            }
            return (event, part)
        }
    }

    func save(_ participation: EventParticipation) async throws {
        rows.participations[MemoryRows.PartKey(event: participation.eventID, ven: participation.venID)] = participation
    }

    func append(_ decision: OptDecision) async throws { rows.decisions.append(decision) }

    func optSchedules(of ven: VENID) async throws -> [OptSchedule] {
        rows.schedules.values.filter { $0.venID == ven }
    }

    func save(_ schedule: OptSchedule) async throws { rows.schedules[schedule.key] = schedule }

    func removeOptSchedules(of ven: VENID) async throws {
        rows.schedules = rows.schedules.filter { $0.key.venID != ven }
    }

    func rules(of programme: MarketContext) async throws -> ProgrammeRules {
        rows.programmes[programme] ?? ProgrammeRules()
    }

    func save(_ rules: ProgrammeRules, of programme: MarketContext) async throws { rows.programmes[programme] = rules }

    func outbox(of ven: VENID) async throws -> [OutboxRow] {
        rows.outbox.values.filter { $0.key.venID == ven }.sorted {
            ($0.key.kind, $0.enqueuedAt, $0.key.subject) < ($1.key.kind, $1.enqueuedAt, $1.key.subject)
        }
    }

    func save(_ row: OutboxRow) async throws { rows.outbox[row.key] = row }
    func remove(_ row: OutboxRow.Key) async throws { rows.outbox[row] = nil }

    func removeOutbox(of ven: VENID) async throws {
        rows.outbox = rows.outbox.filter { $0.key.venID != ven }
    }

    func offers(of ven: VENID) async throws -> [ReportOffer] {
        rows.offers.values.filter { $0.venID == ven }.sorted { $0.specifierID < $1.specifierID }
    }

    func replaceOffers(of ven: VENID, with offers: [ReportOffer]) async throws {
        rows.offers = rows.offers.filter { $0.key.ven != ven }
        for offer in offers { rows.offers[MemoryRows.OfferKey(ven: ven, specifier: offer.specifierID)] = offer }
    }

    func reportRequests(of ven: VENID) async throws -> [ReportRequestRecord] {
        rows.requests.values.filter { $0.venID == ven }.sorted {
            ($0.createdAt, $0.requestID) < ($1.createdAt, $1.requestID)
        }
    }

    func save(_ request: ReportRequestRecord) async throws {
        rows.requests[MemoryRows.RequestKey(ven: request.venID, request: request.requestID)] = request
    }

    func record(_ measurements: [Measurement]) async throws {
        for new in measurements {
            let key = MemoryRows.MeasurementKey(
                ven: new.venID, specifier: new.specifierID, rID: new.rID, start: new.start.secondsSinceEpoch)
            if let old = rows.measurements[key], old.reportedAt > new.reportedAt { continue }
            rows.measurements[key] = new
        }
    }

    func answer(_ key: StoredAnswer.Key) async throws -> StoredAnswer? { rows.answers[key] }
    func save(_ answer: StoredAnswer) async throws { rows.answers[answer.key] = answer }

    func removeAnswers(of certificate: CertificateDigest) async throws {
        rows.answers = rows.answers.filter { $0.key.certificate != certificate }
    }
}
