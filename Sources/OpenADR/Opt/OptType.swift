/// `ei:optType`: takes part or does not.
public enum OptType: String, Hashable, Codable, Sendable, CaseIterable {
    case optIn
    case optOut
}
