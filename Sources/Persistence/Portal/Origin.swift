import MariaDB
public import Measures

/// Who changes something, from where, and when: written beside the change, in the same transaction.
public struct Origin: Hashable, Sendable {
    /// E-mail address, or the name of the program.
    public let actor: String
    /// IP address; empty for what the program does by itself.
    public let address: String
    public let now: Instant

    public init(actor: String, address: String, now: Instant) {
        self.actor = actor
        self.address = address
        self.now = now
    }
}

/// A line of the audit trail that is about to be written. `before` and `after` are JSON objects of what differs.
struct ChangeNote {
    let action: String
    let subject: String
    var detail = ""
    var before: [String: String] = [:]
    var after: [String: String] = [:]

    /// Fails with the transaction that it belongs to: what cannot be written down is not done.
    func write(_ origin: Origin, _ connection: isolated MariaDBConnection) throws {
        try connection.execute(
            """
            INSERT INTO audit (occurred_at, actor, action, subject, detail, address, before_state, after_state)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .instant(origin.now), .text(String(origin.actor.prefix(190))), .text(action),
                .text(String(subject.prefix(190))), .text(detail), .text(String(origin.address.prefix(64))),
                try Self.json(before), try Self.json(after),
            ])
    }

    static func json(_ state: [String: String]) throws -> MariaDBValue {
        state.isEmpty ? .text("") : try JSONColumn.value(state)
    }
}
