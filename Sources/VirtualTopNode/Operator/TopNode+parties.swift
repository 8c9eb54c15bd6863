public import Measures
public import OpenADR

extension TopNode {
    /// Admits a VEN: from now on its certificate may register. An admitted VEN keeps its registration and gets the new
    /// name, certificate, poll frequency and resources; what it is told at its next registration changes with them.
    public func admit(
        _ venID: VENID, name: String, certificate: CertificateDigest, pollFrequency: TimeSpan,
        resources: [ResourceID] = []
    ) async throws {
        try OperatorError.check(venID.rawValue, "venID", limit: 128)
        try OperatorError.check(name, "name", limit: 190)
        for resource in resources { try OperatorError.check(resource.rawValue, "resource", limit: 128) }
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
}
