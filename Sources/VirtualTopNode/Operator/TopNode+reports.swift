public import Measures
public import OpenADR

extension TopNode {
    /// Asks a VEN for a report that it offers, with its next poll. `granularity` and `backDuration` of zero are once.
    @discardableResult
    public func requestReport(
        _ specifierID: ReportSpecifierID, of venID: VENID, dataPoints: [RID]? = nil, granularity: TimeSpan,
        backDuration: TimeSpan, start: Instant, duration: TimeSpan = .zero, now: Instant
    ) async throws -> ReportRequestID {
        let requestID = ReportRequestID(environment.makeID())
        try await store.transaction { transaction in
            let (_, wanted) = try await transaction.offer(specifierID, of: venID, dataPoints: dataPoints)
            let request = ReportRequestRecord(
                venID: venID, requestID: requestID, specifierID: specifierID, dataPoints: wanted,
                granularity: granularity, backDuration: backDuration, start: start, duration: duration, createdAt: now)
            try await transaction.ask(request, now: now)
        }
        return requestID
    }

    /// Tells a VEN to stop a report. One that is over stays over.
    ///
    /// - Parameter reportToFollow: whether one more report is wanted (rule 345).
    public func cancelReport(
        _ requestID: ReportRequestID, of venID: VENID, reportToFollow: Bool = false, now: Instant
    ) async throws {
        try await store.transaction { transaction in
            guard try await transaction.ven(venID) != nil else { throw OperatorError.unknownVEN(venID) }
            let requests = try await transaction.reportRequests(of: venID)
            guard var request = requests.first(where: { $0.requestID == requestID }) else {
                throw OperatorError.unknownReportRequest(requestID, venID)
            }
            guard request.state != .ended else { return }
            request.state = .cancelling
            request.reportToFollow = reportToFollow
            try await transaction.save(request)
            try await transaction.remove(
                OutboxRow.Key(venID: venID, kind: .createReport, subject: requestID.rawValue))
            let key = OutboxRow.Key(venID: venID, kind: .cancelReport, subject: requestID.rawValue)
            try await transaction.save(OutboxRow(key: key, enqueuedAt: now))
        }
    }
}

extension TopNode {
    /// Asks a VEN for its metadata, once or again and again (rule 327).
    @discardableResult
    public func requestMetadata(
        of venID: VENID, every backDuration: TimeSpan = .zero, now: Instant
    ) async throws -> ReportRequestID {
        let request = ReportRequestRecord(
            venID: venID, requestID: ReportRequestID(environment.makeID()), specifierID: .metadata, dataPoints: ["0"],
            granularity: .zero, backDuration: backDuration, start: now, createdAt: now)
        try await store.transaction { transaction in
            guard let ven = try await transaction.ven(venID) else { throw OperatorError.unknownVEN(venID) }
            guard ven.registration.isRegistered else { throw OperatorError.notRegistered(venID) }
            try await transaction.ask(request, now: now)
        }
        return request.requestID
    }

    /// Asks for stored data of a time that has passed, in as many requests as its messages need (rule 341). The answers
    /// are one report each.
    ///
    /// - Parameter step: the distance of the stored values, for cutting; by default the offer's fastest sampling, or 15 min.
    @discardableResult
    public func requestHistory(
        _ specifierID: ReportSpecifierID, of venID: VENID, dataPoints: [RID]? = nil, window: TimeWindow,
        step: TimeSpan? = nil, now: Instant
    ) async throws -> [ReportRequestID] {
        try await store.transaction { transaction in
            let (offer, wanted) = try await transaction.offer(specifierID, of: venID, dataPoints: dataPoints)
            guard window.end <= now, window.duration > .zero,
                offer.capacity == .zero || window.start >= now - offer.capacity
            else { throw OperatorError.notOffered(specifierID, venID) }
            let distance = step ?? offer.dataPoints.compactMap(\.minPeriod).filter { $0 > .zero }.min() ?? .minutes(15)
            let longest = max(configuration.longestHistory / wanted.count, 1)
            var ids: [ReportRequestID] = []
            for piece in HistoryPlan.pieces(of: window, step: distance, longest: longest) {
                let request = ReportRequestRecord(
                    venID: venID, requestID: ReportRequestID(environment.makeID()), specifierID: specifierID,
                    dataPoints: wanted, granularity: .zero, backDuration: .zero, start: piece.start,
                    duration: piece.duration, createdAt: now)
                try await transaction.ask(request, now: now)
                ids.append(request.requestID)
            }
            return ids
        }
    }

    /// Looks for holes in the telemetry of a VEN and asks for what fills them, where the VEN offers HISTORY_USAGE. Gives
    /// the new requests; none when nothing is missing, and none twice for what is on its way.
    @discardableResult
    public func requestMissing(of venID: VENID, now: Instant) async throws -> [ReportRequestRecord] {
        try await store.transaction { transaction in
            guard let ven = try await transaction.ven(venID), ven.registration.isRegistered else { return [] }
            let plan = HistoryPlan(
                ven: venID, offers: try await transaction.offers(of: venID),
                requests: try await transaction.reportRequests(of: venID), longest: configuration.longestHistory,
                now: now)
            var gaps: [(series: HistoryPlan.Series, gap: TimeWindow)] = []
            for series in plan.series() {
                var known = try await transaction.coverage(of: venID, rID: series.telemetry, in: series.due)
                if series.historyPoint != series.telemetry {
                    known += try await transaction.coverage(of: venID, rID: series.historyPoint, in: series.due)
                }
                gaps += HistoryPlan.gaps(in: series.due, known: known, step: series.step).map { (series, $0) }
            }
            let requests = plan.requests(for: gaps, makeID: environment.makeID)
            for request in requests { try await transaction.ask(request, now: now) }
            return requests
        }
    }

    /// Forgets the answers that nobody will ask for again.
    public func forgetAnswers(before instant: Instant) async throws {
        try await store.transaction { try await $0.removeAnswers(before: instant) }
    }
}

extension TopNodeTransaction {
    /// The offer of a registered VEN, with those of its data points that are wanted: all of them by default.
    func offer(
        _ specifierID: ReportSpecifierID, of venID: VENID, dataPoints: [RID]?
    ) async throws -> (offer: ReportOffer, dataPoints: [RID]) {
        guard let ven = try await ven(venID) else { throw OperatorError.unknownVEN(venID) }
        guard ven.registration.isRegistered else { throw OperatorError.notRegistered(venID) }
        let offer = try await offers(of: venID).first { $0.specifierID == specifierID }
        let offered = offer?.dataPoints.map(\.rID) ?? []
        let wanted = dataPoints ?? offered
        guard let offer, !wanted.isEmpty, wanted.allSatisfy(offered.contains) else {
            throw OperatorError.notOffered(specifierID, venID)
        }
        return (offer, wanted)
    }

    /// Enters a request and the row that brings it to the VEN.
    func ask(_ request: ReportRequestRecord, now: Instant) async throws {
        try await save(request)
        let key = OutboxRow.Key(venID: request.venID, kind: .createReport, subject: request.requestID.rawValue)
        try await save(OutboxRow(key: key, enqueuedAt: now))
    }
}
