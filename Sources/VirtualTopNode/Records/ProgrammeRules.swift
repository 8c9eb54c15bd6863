public import OpenADR

/// What the standard leaves to a programme about taking part (rules 18 and 201); a programme without rules of its own
/// has these.
public struct ProgrammeRules: Hashable, Codable, Sendable {
    /// What an event does that falls into a time for which its VEN has opted out, or that overlaps another event of the
    /// VEN in the same programme.
    public enum Conflict: String, Hashable, Codable, Sendable, CaseIterable {
        /// It is sent; the VEN decides.
        case allow
        /// The operator is refused.
        case refuse
    }

    /// How a VEN counts that has not answered, or must not.
    public var unanswered: OptType
    public var duringOptOut: Conflict
    public var overlap: Conflict

    public init(unanswered: OptType = .optOut, duringOptOut: Conflict = .allow, overlap: Conflict = .allow) {
        self.unanswered = unanswered
        self.duringOptOut = duringOptOut
        self.overlap = overlap
    }
}

extension OptState {
    /// How the VEN counts under the programme's rules.
    public func effective(under rules: ProgrammeRules) -> OptType { type ?? rules.unanswered }

    /// How one of its resources counts.
    public func effective(of resource: ResourceID, under rules: ProgrammeRules) -> OptType {
        resources[resource] ?? effective(under: rules)
    }
}
