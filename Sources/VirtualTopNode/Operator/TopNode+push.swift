public import Measures
public import OpenADR

extension TopNode {
    /// VENs that take pushes and have something waiting, by venID. Whether it is due is the next question.
    public func pushesWaiting(now: Instant) async throws -> [VENID] {
        try await store.transaction { try await $0.pushesWaiting(now: now) }
    }

    /// The next message for a VEN that takes pushes, entered as sent; nil when nothing is due, a push is on its way, or the
    /// VEN is to be left alone for a while. Say afterwards how it went with `delivered` or `lost`.
    public func nextPush(to venID: VENID, now: Instant) async throws -> Push? {
        try await store.transaction { transaction in
            guard let ven = try await transaction.ven(venID), let address = ven.pushAddress, ven.takesPushes else {
                return nil
            }
            var state = try await transaction.pushState(of: venID)
            guard state.isFree(at: now) else { return nil }
            let exchange = Exchange(
                transaction: transaction, ven: ven, configuration: configuration, makeID: environment.makeID, now: now)
            let decision = try await exchange.waiting()
            try await transaction.apply(decision.changes)
            guard let payload = decision.answer.pushed, let service = payload.service else { return nil }
            state.claimedUntil = now + Self.claim
            try await transaction.save(state)
            return Push(
                venID: venID, address: address, certificate: ven.certificate, payload: payload, service: service,
                sentAt: now)
        }
    }

    /// The VEN took it. What it says in the same exchange counts as if it had posted it; nothing but an empty answer is
    /// wanted to events, whose oadrCreatedEvent comes by itself (clause 8.1).
    public func delivered(_ push: Push, reply: Payload?, now: Instant) async throws {
        try await store.transaction { transaction in
            guard try await transaction.ven(push.venID) != nil else { return }
            var state = try await transaction.pushState(of: push.venID)
            state.succeed()
            try await transaction.save(state)
        }
        guard let reply, push.payload.isAnswered(by: reply) else { return }
        _ = try await handle(
            reply, at: reply.service ?? push.service, from: PeerIdentity(certificate: push.certificate), now: now)
    }

    /// It did not arrive, or nobody knows: it is sent again after a pause, and the attempt does not count.
    public func lost(_ push: Push, now: Instant) async throws {
        try await store.transaction { transaction in
            guard try await transaction.ven(push.venID) != nil else { return }
            var state = try await transaction.pushState(of: push.venID)
            state.fail(now: now)
            try await transaction.save(state)
            for row in try await transaction.outbox(of: push.venID) where row.lastSentAt == push.sentAt {
                var row = row
                row.sendCount = max(row.sendCount - 1, 0)
                row.lastSentAt = nil
                try await transaction.save(row)
            }
        }
    }

    /// Longer than any exchange takes.
    private static let claim = TimeSpan.seconds(60)
}

extension VENRecord {
    var pushAddress: PushAddress? {
        guard case .httpPush(let address)? = endpoint?.transport else { return nil }
        return PushAddress(address)
    }

    /// Registered, or to be told that it is not any more.
    var takesPushes: Bool {
        if case .cancelling = registration { return pushAddress != nil }
        return registration.isRegistered && pushAddress != nil
    }
}

extension Payload {
    /// As a push: an oadrDistributeEvent answers nothing (rule 40). Nil for the answer that says that nothing waits.
    fileprivate var pushed: Payload? {
        switch self {
        case .response: return nil
        case .distributeEvent(var message):
            message.response = nil
            return .distributeEvent(message)
        default: return self
        }
    }

    /// The logical answer of the profile's table 2.
    fileprivate func isAnswered(by reply: Payload) -> Bool {
        switch (self, reply) {
        case (.createReport, .createdReport), (.cancelReport, .canceledReport), (.registerReport, .registeredReport),
            (.cancelPartyRegistration, .canceledPartyRegistration), (.requestReregistration, .response):
            true
        default: false
        }
    }
}
