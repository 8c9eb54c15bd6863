public import Measures
public import OpenADR

extension TopNode {
    /// Admits a VEN: from now on its certificate may register. An admitted VEN keeps its registration and gets the new
    /// name, certificate, poll frequency and resources; what it is told at its next registration changes with them.
    public func admit(
        _ venID: VENID, name: String, certificate: CertificateDigest, pollFrequency: TimeSpan,
        resources: [ResourceID] = []
    ) async throws {
        try await store.transaction { transaction in
            if let owner = try await transaction.ven(certificate: certificate), owner.venID != venID {
                throw OperatorError.certificateInUse(owner.venID)
            }
            var ven =
                try await transaction.ven(venID) ?? VENRecord(venID: venID, name: name, certificate: certificate)
            ven.name = name
            ven.certificate = certificate
            ven.pollFrequency = pollFrequency
            ven.resources = resources
            try await transaction.save(ven)
        }
    }

    /// Asks a registered VEN to register again, such as for a new poll frequency.
    public func requestReregistration(of venID: VENID, now: Instant) async throws {
        try await store.transaction { transaction in
            guard var ven = try await transaction.ven(venID) else { throw OperatorError.unknownVEN(venID) }
            guard let registrationID = ven.registration.registrationID else {
                throw OperatorError.notRegistered(venID)
            }
            ven.registration = .reregistering(registrationID)
            try await transaction.save(ven)
            let key = OutboxRow.Key(venID: venID, kind: .requestReregistration, subject: "")
            try await transaction.save(OutboxRow(key: key, enqueuedAt: now))
        }
    }

    /// Ends a VEN's registration. From now on it is refused (463) but for the poll that tells it so; it may register
    /// again.
    public func cancelRegistration(of venID: VENID, now: Instant) async throws {
        try await store.transaction { transaction in
            guard var ven = try await transaction.ven(venID) else { throw OperatorError.unknownVEN(venID) }
            guard let registrationID = ven.registration.registrationID else {
                throw OperatorError.notRegistered(venID)
            }
            ven.registration = .cancelling(registrationID)
            try await transaction.save(ven)
            try await transaction.removeOutbox(of: venID)
            let key = OutboxRow.Key(
                venID: venID, kind: .cancelPartyRegistration, subject: registrationID.rawValue)
            try await transaction.save(OutboxRow(key: key, enqueuedAt: now))
        }
    }

    /// Asks a VEN for a report that it offers, with its next poll. `granularity` and `backDuration` of zero are once.
    @discardableResult
    public func requestReport(
        _ specifierID: ReportSpecifierID, of venID: VENID, dataPoints: [RID]? = nil, granularity: TimeSpan,
        backDuration: TimeSpan, start: Instant, duration: TimeSpan = .zero, now: Instant
    ) async throws -> ReportRequestID {
        let requestID = ReportRequestID(environment.makeID())
        try await store.transaction { transaction in
            guard let ven = try await transaction.ven(venID) else { throw OperatorError.unknownVEN(venID) }
            guard ven.registration.isRegistered else { throw OperatorError.notRegistered(venID) }
            let offer = try await transaction.offers(of: venID).first { $0.specifierID == specifierID }
            let offered = offer?.dataPoints.map(\.rID) ?? []
            let wanted = dataPoints ?? offered
            guard !wanted.isEmpty, wanted.allSatisfy(offered.contains) else {
                throw OperatorError.notOffered(specifierID, venID)
            }
            try await transaction.save(
                ReportRequestRecord(
                    venID: venID, requestID: requestID, specifierID: specifierID, dataPoints: wanted,
                    granularity: granularity, backDuration: backDuration, start: start, duration: duration,
                    createdAt: now))
            let key = OutboxRow.Key(venID: venID, kind: .createReport, subject: requestID.rawValue)
            try await transaction.save(OutboxRow(key: key, enqueuedAt: now))
        }
        return requestID
    }

    /// Tells a VEN to stop a report. One that is over stays over.
    public func cancelReport(_ requestID: ReportRequestID, of venID: VENID, now: Instant) async throws {
        try await store.transaction { transaction in
            let requests = try await transaction.reportRequests(of: venID)
            guard var request = requests.first(where: { $0.requestID == requestID }) else {
                throw OperatorError.unknownReportRequest(requestID, venID)
            }
            guard request.state != .ended else { return }
            request.state = .cancelling
            try await transaction.save(request)
            try await transaction.remove(
                OutboxRow.Key(venID: venID, kind: .createReport, subject: requestID.rawValue))
            let key = OutboxRow.Key(venID: venID, kind: .cancelReport, subject: requestID.rawValue)
            try await transaction.save(OutboxRow(key: key, enqueuedAt: now))
        }
    }
}
