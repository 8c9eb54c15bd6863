import Measures
public import OpenADR
import Synchronization
public import VirtualTopNode

/// A store whose transactions run one after the other on a copy of everything.
///
/// Each body runs twice and only the second run counts, as a database may ask for it: what a body does outside its
/// transaction shows up as a failing test.
public actor MemoryTopNodeStore: TopNodeStore {
    public private(set) var rows = MemoryRows()
    private var isBusy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var failuresLeft = 0

    /// What is thrown instead of committing.
    public struct LostConnection: Error {}

    public init() {}

    /// Lets the next transactions fail after their body, before anything is kept.
    public func failNext(_ count: Int) { failuresLeft = count }

    public func transaction<Answer: Sendable>(
        _ body: @Sendable (any TopNodeTransaction) async throws -> Answer
    ) async throws -> Answer {
        await lock()
        defer { unlock() }
        _ = try await body(MemoryTransaction(rows))
        let transaction = MemoryTransaction(rows)
        let answer = try await body(transaction)
        if failuresLeft > 0 {
            failuresLeft -= 1
            throw LostConnection()
        }
        rows = transaction.rows
        return answer
    }

    public func idlePoller(_ certificate: CertificateDigest) async throws -> VENID? {
        guard let ven = rows.vens.values.first(where: { $0.certificate == certificate }),
            case .registered = ven.registration, !rows.outbox.keys.contains(where: { $0.venID == ven.venID })
        else { return nil }
        if case .httpPush? = ven.endpoint?.transport { return nil }
        return ven.venID
    }

    private func lock() async {
        guard isBusy else {
            isBusy = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func unlock() {
        if waiting.isEmpty { isBusy = false } else { waiting.removeFirst().resume() }
    }
}

/// Everything that the VTN keeps.
public struct MemoryRows: Hashable, Sendable {
    public struct PartKey: Hashable, Sendable {
        public let event: EventID
        public let ven: VENID

        public init(event: EventID, ven: VENID) {
            self.event = event
            self.ven = ven
        }
    }

    public struct OfferKey: Hashable, Sendable {
        public let ven: VENID
        public let specifier: ReportSpecifierID
    }

    public struct RequestKey: Hashable, Sendable {
        public let ven: VENID
        public let request: ReportRequestID

        public init(ven: VENID, request: ReportRequestID) {
            self.ven = ven
            self.request = request
        }
    }

    public struct MeasurementKey: Hashable, Sendable {
        public let ven: VENID
        public let specifier: ReportSpecifierID
        public let rID: RID
        public let start: Int64
    }

    public var vens: [VENID: VENRecord] = [:]
    public var events: [EventID: EventRecord] = [:]
    public var participations: [PartKey: EventParticipation] = [:]
    public var decisions: [OptDecision] = []
    public var schedules: [OptSchedule.Key: OptSchedule] = [:]
    public var programmes: [MarketContext: ProgrammeRules] = [:]
    public var pushes: [VENID: PushState] = [:]
    public var outbox: [OutboxRow.Key: OutboxRow] = [:]
    public var offers: [OfferKey: ReportOffer] = [:]
    public var requests: [RequestKey: ReportRequestRecord] = [:]
    public var measurements: [MeasurementKey: Measurement] = [:]
    public var answers: [StoredAnswer.Key: StoredAnswer] = [:]
}
