public import OpenADR

extension TopNode {
    /// What a programme says where the standard leaves it open; one without rules of its own has those for all.
    public func rules(of programme: MarketContext) async throws -> ProgrammeRules {
        try await store.transaction { try await $0.rules(of: programme) }
    }

    /// Takes effect for what is issued or changed from now on.
    public func setRules(_ rules: ProgrammeRules, of programme: MarketContext) async throws {
        try OperatorError.check(programme.rawValue, "marketContext", limit: 256)
        try await store.transaction { try await $0.save(rules, of: programme) }
    }

    /// An event with everyone's part in it.
    public func event(_ eventID: EventID) async throws -> (event: EventRecord, participations: [EventParticipation]) {
        try await store.transaction { transaction in
            guard let event = try await transaction.event(eventID) else { throw OperatorError.unknownEvent(eventID) }
            return (event, try await transaction.participations(in: eventID))
        }
    }
}
