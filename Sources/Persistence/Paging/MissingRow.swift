/// What was to be changed is not there.
public struct MissingRow: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of thing and its number, such as `meter/7`.
    public let subject: String

    public init(_ subject: String) {
        self.subject = subject
    }

    public var description: String { "There is no \(subject)." }
}
