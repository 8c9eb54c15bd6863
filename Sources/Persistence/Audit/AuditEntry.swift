public import Measures

/// Who does something: an e-mail, a venID, or the name of a program.
public struct Actor: Hashable, Sendable {
    public let name: String

    /// At most 190 characters are kept.
    public init(_ name: String) {
        self.name = String(name.prefix(190))
    }

    /// Curtail itself, where nobody asked.
    public static let program = Actor("curtail")
}

/// One thing that was done (table `audit`).
public struct AuditEntry: Hashable, Sendable {
    /// In the order in which they were written.
    public let id: Int64
    public let at: Instant
    public let actor: Actor
    /// What was done, such as `meter.map`.
    public let action: String
    /// What it was done to, such as `meter/7`.
    public let subject: String
    /// For people to read; may be empty.
    public let detail: String
}

/// What is about to be written to the audit trail. The time is the database's.
public struct AuditRecord: Hashable, Sendable {
    public let actor: Actor
    public let action: String
    public let subject: String
    public let detail: String
    /// Where the request came from; empty for the machine itself.
    public let address: String
    /// What it was and what it is now; empty where the action is all there is to say.
    public let before: [String: String]
    public let after: [String: String]

    public init(
        _ actor: Actor, _ action: String, _ subject: String, detail: String = "", address: String = "",
        before: [String: String] = [:], after: [String: String] = [:]
    ) {
        self.actor = actor
        self.action = action
        self.subject = subject
        self.detail = detail
        self.address = address
        self.before = before
        self.after = after
    }
}
