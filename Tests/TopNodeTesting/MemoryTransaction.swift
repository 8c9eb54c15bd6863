public import Measures
public import OpenADR
public import VirtualTopNode

/// The store's transaction: a copy of the rows.
public final class MemoryTransaction: TopNodeTransaction {
    var rows: MemoryRows
    /// Hears of every row that a real store would lock.
    public var onLock: (String) -> Void = { _ in }

    init(_ rows: MemoryRows) { self.rows = rows }

    public func ven(_ id: VENID) async throws -> VENRecord? {
        onLock(id.rawValue)
        return rows.vens[id]
    }

    public func ven(certificate: CertificateDigest) async throws -> VENRecord? {
        onLock("certificate")
        return rows.vens.values.first { $0.certificate == certificate }
    }

    public func vens() async throws -> [VENRecord] { rows.vens.values.sorted { $0.venID < $1.venID } }
    public func save(_ ven: VENRecord) async throws { rows.vens[ven.venID] = ven }
    public func event(_ id: EventID) async throws -> EventRecord? {
        onLock("event \(id)")
        return rows.events[id]
    }
    public func save(_ event: EventRecord) async throws { rows.events[event.eventID] = event }

    public func participations(in event: EventID) async throws -> [EventParticipation] {
        rows.participations.values.filter { $0.eventID == event }.sorted { $0.venID < $1.venID }
    }

    public func participation(of ven: VENID, in event: EventID) async throws -> EventParticipation? {
        rows.participations[MemoryRows.PartKey(event: event, ven: ven)]
    }

    public func participations(
        of ven: VENID, endingAfter instant: Instant
    ) async throws -> [(event: EventRecord, participation: EventParticipation)] {
        rows.participations.values.filter { $0.venID == ven }.compactMap { part in
            guard let event = rows.events[part.eventID], event.mentionedUntil.map({ $0 > instant }) ?? true else {
                return nil
            }
            return (event, part)
        }
    }

    public func save(_ participation: EventParticipation) async throws {
        rows.participations[MemoryRows.PartKey(event: participation.eventID, ven: participation.venID)] = participation
    }

    public func append(_ decision: OptDecision) async throws { rows.decisions.append(decision) }

    public func optSchedules(of ven: VENID) async throws -> [OptSchedule] {
        rows.schedules.values.filter { $0.venID == ven }
    }

    public func save(_ schedule: OptSchedule) async throws { rows.schedules[schedule.key] = schedule }

    public func removeOptSchedules(of ven: VENID) async throws {
        rows.schedules = rows.schedules.filter { $0.key.venID != ven }
    }

    public func rules(of programme: MarketContext) async throws -> ProgrammeRules {
        rows.programmes[programme] ?? ProgrammeRules()
    }

    public func save(_ rules: ProgrammeRules, of programme: MarketContext) async throws {
        rows.programmes[programme] = rules
    }

    public func outbox(of ven: VENID) async throws -> [OutboxRow] {
        rows.outbox.values.filter { $0.key.venID == ven }.sorted {
            ($0.key.kind, $0.enqueuedAt, $0.key.subject) < ($1.key.kind, $1.enqueuedAt, $1.key.subject)
        }
    }

    public func save(_ row: OutboxRow) async throws { rows.outbox[row.key] = row }
    public func remove(_ row: OutboxRow.Key) async throws { rows.outbox[row] = nil }

    public func removeOutbox(of ven: VENID) async throws {
        rows.outbox = rows.outbox.filter { $0.key.venID != ven }
    }

    public func pushState(of ven: VENID) async throws -> PushState { rows.pushes[ven] ?? PushState(venID: ven) }
    public func save(_ state: PushState) async throws { rows.pushes[state.venID] = state }

    public func pushesWaiting(now: Instant) async throws -> [VENID] {
        rows.vens.values.filter { ven in
            guard case .httpPush? = ven.endpoint?.transport else { return false }
            let state = rows.pushes[ven.venID] ?? PushState(venID: ven.venID)
            return (state.pausedUntil ?? now) <= now && (state.claimedUntil ?? now) <= now
                && rows.outbox.keys.contains { $0.venID == ven.venID }
        }.map(\.venID).sorted()
    }

    public func offers(of ven: VENID) async throws -> [ReportOffer] {
        rows.offers.values.filter { $0.venID == ven }.sorted { $0.specifierID < $1.specifierID }
    }

    public func replaceOffers(of ven: VENID, with offers: [ReportOffer]) async throws {
        rows.offers = rows.offers.filter { $0.key.ven != ven }
        for offer in offers { rows.offers[MemoryRows.OfferKey(ven: ven, specifier: offer.specifierID)] = offer }
    }

    public func reportRequests(of ven: VENID) async throws -> [ReportRequestRecord] {
        rows.requests.values.filter { $0.venID == ven }.sorted {
            ($0.createdAt, $0.requestID) < ($1.createdAt, $1.requestID)
        }
    }

    public func save(_ request: ReportRequestRecord) async throws {
        rows.requests[MemoryRows.RequestKey(ven: request.venID, request: request.requestID)] = request
    }

    public func record(_ measurements: [Measurement]) async throws {
        for new in measurements {
            let key = MemoryRows.MeasurementKey(
                ven: new.venID, specifier: new.specifierID, rID: new.rID, start: new.start.secondsSinceEpoch)
            if let old = rows.measurements[key], old.reportedAt > new.reportedAt { continue }
            rows.measurements[key] = new
        }
    }

    public func coverage(of ven: VENID, rID: RID, in window: TimeWindow) async throws -> [TimeWindow] {
        rows.measurements.values.filter {
            $0.venID == ven && $0.rID == rID && window.contains($0.start) && [.ok, .estimated].contains($0.quality)
        }.compactMap { one in one.duration.map { TimeWindow(start: one.start, duration: $0) } }
            .sorted { ($0.start, $0.duration) < ($1.start, $1.duration) }
    }

    public func answer(_ key: StoredAnswer.Key) async throws -> StoredAnswer? { rows.answers[key] }
    public func save(_ answer: StoredAnswer) async throws { rows.answers[answer.key] = answer }

    public func removeAnswers(before instant: Instant) async throws {
        rows.answers = rows.answers.filter {
            $0.value.answeredAt >= instant || $0.key.message == CreatePartyRegistration.elementName
        }
    }

    public func removeAnswers(of certificate: CertificateDigest) async throws {
        rows.answers = rows.answers.filter { $0.key.certificate != certificate }
    }
}
