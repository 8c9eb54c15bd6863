public import Measures
public import OpenADR

/// Where the VTN keeps everything that must survive it.
public protocol TopNodeStore: Sendable {
    /// Runs `body` so that all of its writes are kept or none is, and returns once they are durable.
    ///
    /// Two transactions that read the same VEN (`ven(_:)`, `ven(certificate:)`) or the same event (`event(_:)`) and
    /// then write happen one after the other, as if they had not overlapped: lock these rows, or refuse and repeat.
    /// `body` may run more than once, so it only speaks to the transaction; what it throws undoes its writes.
    func transaction<Answer: Sendable>(
        _ body: @Sendable (any TopNodeTransaction) async throws -> Answer
    ) async throws -> Answer

    /// The VEN of the certificate, when it is registered, takes polls and has nothing in its outbox: then a poll changes
    /// nothing and needs no transaction. Nil for every other certificate, and whenever the store cannot tell. Sees what was
    /// committed before the call.
    func idlePoller(_ certificate: CertificateDigest) async throws -> VENID?

    /// Tells `then` whether there is anything in the VEN's outbox, or why the store cannot tell. Sees what was committed before
    /// the call. Every poll asks, and a task for each would cost more than the answer: `then` is called on any thread, and must
    /// not block.
    func hasOutbox(_ ven: VENID, then: @escaping @Sendable (Result<Bool, any Error>) -> Void)
}

extension TopNodeStore {
    public func idlePoller(_ certificate: CertificateDigest) async throws -> VENID? { nil }

    public func hasOutbox(_ ven: VENID, then: @escaping @Sendable (Result<Bool, any Error>) -> Void) {
        Task {
            do {
                then(.success(try await transaction { try await !$0.outbox(of: ven).isEmpty }))
            } catch {
                then(.failure(error))
            }
        }
    }
}

/// The rows of the VTN inside one transaction. Every `save` inserts, or replaces the row with the same key.
public protocol TopNodeTransaction {
    // VENs: keys venID and certificate, each unique. Another VEN's certificate is an error to be thrown.
    func ven(_ id: VENID) async throws -> VENRecord?
    func ven(certificate: CertificateDigest) async throws -> VENRecord?
    /// Those of them that exist, read one after the other by their ids.
    func vens(_ ids: Set<VENID>) async throws -> [VENID: VENRecord]
    /// All of them, by venID.
    func vens() async throws -> [VENRecord]
    func save(_ ven: VENRecord) async throws

    // Events: key eventID.
    func event(_ id: EventID) async throws -> EventRecord?
    /// The same, by a transaction that does not write the event itself: several of them may read it so at a time, while
    /// none of them overlaps with one that read it to change it.
    func eventAsItIs(_ id: EventID) async throws -> EventRecord?
    func save(_ event: EventRecord) async throws

    // Participations: key (eventID, venID).
    /// Everyone's part in an event, by venID.
    func participations(in event: EventID) async throws -> [EventParticipation]
    func participation(of ven: VENID, in event: EventID) async throws -> EventParticipation?
    /// A VEN's events whose `mentionedUntil` is nil or later than `instant`, with its part, in any order.
    func participations(
        of ven: VENID, endingAfter instant: Instant
    ) async throws -> [(event: EventRecord, participation: EventParticipation)]
    func save(_ participation: EventParticipation) async throws
    func save(_ participations: [EventParticipation]) async throws
    /// Adds a line to the history of opts.
    func append(_ decision: OptDecision) async throws

    // Opt schedules: key (venID, optID, createdAt).
    func optSchedules(of ven: VENID) async throws -> [OptSchedule]
    func save(_ schedule: OptSchedule) async throws
    func removeOptSchedules(of ven: VENID) async throws

    // Programmes: key marketContext.
    /// The programme's own rules, or the ones for all.
    func rules(of programme: MarketContext) async throws -> ProgrammeRules
    func save(_ rules: ProgrammeRules, of programme: MarketContext) async throws

    // The outbox: key `OutboxRow.Key`.
    /// By kind, then `enqueuedAt`, then subject.
    func outbox(of ven: VENID) async throws -> [OutboxRow]
    func save(_ row: OutboxRow) async throws
    func save(_ rows: [OutboxRow]) async throws
    func remove(_ row: OutboxRow.Key) async throws
    func removeOutbox(of ven: VENID) async throws

    // Pushes: key venID.
    /// How far the VEN can be reached; an unused state when nothing was pushed yet.
    func pushState(of ven: VENID) async throws -> PushState
    func save(_ state: PushState) async throws
    /// The VENs with an address for pushes and something in the outbox that neither wait out a failure nor have a push on
    /// its way at `now`, by venID.
    func pushesWaiting(now: Instant) async throws -> [VENID]

    // Reports: offers by (venID, specifierID), requests by (venID, requestID).
    func offers(of ven: VENID) async throws -> [ReportOffer]
    /// The new ones take the place of all the old ones (rule 306).
    func replaceOffers(of ven: VENID, with offers: [ReportOffer]) async throws
    /// By createdAt, then requestID; the ended ones too.
    func reportRequests(of ven: VENID) async throws -> [ReportRequestRecord]
    func save(_ request: ReportRequestRecord) async throws
    /// Key (venID, specifierID, rID, start). A row stays when its `reportedAt` is later than the new one's.
    func record(_ measurements: [Measurement]) async throws
    /// The spans of a data point that are known, whichever of the VEN's reports they came with, and that begin in the
    /// window: without placeholders, values at a moment and what is marked bad. By start.
    func coverage(of ven: VENID, rID: RID, in window: TimeWindow) async throws -> [TimeWindow]

    // Answers: key `StoredAnswer.Key`.
    func answer(_ key: StoredAnswer.Key) async throws -> StoredAnswer?
    func save(_ answer: StoredAnswer) async throws
    func removeAnswers(of certificate: CertificateDigest) async throws
    /// All that were given before the instant, but those to registrations, which tell when a VEN came.
    func removeAnswers(before instant: Instant) async throws
}

extension TopNodeTransaction {
    public func eventAsItIs(_ id: EventID) async throws -> EventRecord? { try await event(id) }

    public func vens(_ ids: Set<VENID>) async throws -> [VENID: VENRecord] {
        var found: [VENID: VENRecord] = [:]
        for id in ids.sorted() { found[id] = try await ven(id) }
        return found
    }

    public func save(_ participations: [EventParticipation]) async throws {
        for participation in participations { try await save(participation) }
    }

    public func save(_ rows: [OutboxRow]) async throws {
        for row in rows { try await save(row) }
    }
}
